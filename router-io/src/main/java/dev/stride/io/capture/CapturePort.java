package dev.stride.io.capture;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.Reason;
import dev.stride.io.port.Port;
import dev.stride.io.port.PortQueue;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// A port whose frames come from a capture and go to one. One thread.
public final class CapturePort implements Port {
    private record Frame(MemorySegment memory, long at, int length) {}

    private final String name;
    private final int number;
    private final long mac;
    private final CaptureWriter writer;
    private final LongSupplier nanos;
    private final Deque<Frame> waiting = new ArrayDeque<>();
    private @Nullable IOException failure;

    /// @param number in the file that is written
    /// @param mac the router's address on it, unless the configuration has one
    /// @param nanos what time frames leave at, since 1970
    public CapturePort(
            String name, int number, long mac, CaptureWriter writer, LongSupplier nanos) {
        this.name = name;
        this.number = number;
        this.mac = mac;
        this.writer = writer;
        this.nanos = nanos;
    }

    /// Lets a frame arrive.
    public void offer(MemorySegment memory, long at, int length) {
        waiting.add(new Frame(memory, at, length));
    }

    /// Frames that have not been received yet.
    public int waiting() {
        return waiting.size();
    }

    /// Makes sure that the capture took all frames so far.
    ///
    /// @throws IOException why it did not
    public void check() throws IOException {
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long mac() {
        return mac;
    }

    @Override
    public int mtu() {
        return 1500; // a link's, as nobody says otherwise
    }

    @Override
    public PortQueue queue(boolean receives) {
        return new Queue();
    }

    @Override
    public boolean takesOffloads() {
        return false;
    }

    @Override
    public boolean isUp() {
        return true;
    }

    @Override
    public void close() {}

    private final class Queue implements PortQueue {
        @Override
        public int receive(Burst into, PacketPool pool) {
            int before = into.count;
            while (!waiting.isEmpty() && into.count < into.packets.length) {
                Packet packet = pool.take();
                if (packet == null) {
                    break;
                }
                Frame frame = waiting.remove();
                packet.length = Math.min(frame.length, packet.capacity());
                MemorySegment.copy(
                        frame.memory, frame.at, packet.memory, packet.start, packet.length);
                into.add(packet);
            }
            return into.count - before;
        }

        @Override
        public void transmit(Packet[] packets, int from, int to) {
            for (int i = from; i < to; i++) {
                packets[i].sent = write(packets[i]);
            }
        }

        private Reason write(Packet packet) {
            try {
                writer.write(number, nanos.getAsLong(), packet.memory, packet.start, packet.length);
                return Reason.FORWARDED;
            } catch (IOException e) {
                failure = e;
                return Reason.TRANSMIT_ERROR;
            }
        }

        @Override
        public int descriptor() {
            return -1;
        }
    }
}
