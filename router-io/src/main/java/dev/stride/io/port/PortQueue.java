package dev.stride.io.port;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;

/// One worker's handle of a port. Not thread-safe: each worker has its own. Neither call blocks.
public interface PortQueue {
    /// Takes what has arrived, up to the room in `into`, in packets from `pool`. Sets memory range
    /// and offload metadata of each.
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
}
