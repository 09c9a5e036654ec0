package dev.stride.io.port;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.Reason;

/// One worker's handle of a port. Not thread-safe: each worker has its own. Neither call blocks.
public interface PortQueue {
    /// What stands for a port that is not there.
    PortQueue NONE =
            new PortQueue() {
                @Override
                public int receive(Burst into, PacketPool pool) {
                    return 0;
                }

                @Override
                public void transmit(Packet[] packets, int from, int to) {
                    for (int i = from; i < to; i++) {
                        packets[i].sent = Reason.PORT_DOWN;
                    }
                }

                @Override
                public int descriptor() {
                    return -1;
                }
            };

    /// Takes what has arrived, up to the room in `into`, in packets from `pool`. Sets memory range
    /// and offload metadata of each. What the port itself has to refuse comes with the [Reason] in
    /// [Packet#ending], where others have [Reason#INTERNAL].
    ///
    /// @return frames added to `into`; 0 when nothing waits or the port is down
    int receive(Burst into, PacketPool pool);

    /// Sends the frames `packets[from, to)` in their order and sets [Packet#sent] of each:
    /// [Reason#FORWARDED], or why the port did not take it, [Reason#PORT_DOWN],
    /// [Reason#TRANSMIT_FULL] or [Reason#TRANSMIT_ERROR]. Afterwards the packets belong to the
    /// caller again; the bytes before a frame may have changed.
    void transmit(Packet[] packets, int from, int to);

    /// The descriptor that is readable (poll(2)) when [#receive] has work, or -1 where there is
    /// none. It may become another one.
    int descriptor();

    /// Gives back the packets of its own and lets go of the device, for a worker that uses it no
    /// longer. The worker's thread.
    default void close() {}
}
