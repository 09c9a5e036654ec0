package dev.stride.io.port;

import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.Reason;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/// A port without a device: the same frame arrives again and again, as often as it is asked to, and
/// what is sent is counted and forgotten. For benchmarks and tests of everything but the kernel.
/// Allocates nothing once it runs.
public final class MemoryPort implements Port {
    private final String name;
    private final MemorySegment frame;
    private final AtomicLong waiting = new AtomicLong();
    private volatile long sent; // the worker that sends: rw, others: ro

    /// @param frame native memory with the frame that arrives
    public MemoryPort(String name, MemorySegment frame) {
        this.name = name;
        this.frame = frame;
    }

    /// Lets the frame arrive `times` more.
    public void offer(long times) {
        waiting.addAndGet(times);
    }

    /// Frames that were sent to the port.
    public long sent() {
        return sent;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean takesOffloads() {
        return true;
    }

    @Override
    public boolean isUp() {
        return true;
    }

    @Override
    public void close() {}

    @Override
    public PortQueue queue(boolean receives) {
        return new Queue();
    }

    private final class Queue implements PortQueue {
        private long transmitted;

        @Override
        public int receive(Burst into, PacketPool pool) {
            int room = (int) Math.min(waiting.get(), into.packets.length - into.count);
            for (int i = 0; i < room; i++) {
                Packet packet = Objects.requireNonNull(pool.take());
                packet.length = (int) frame.byteSize();
                MemorySegment.copy(frame, 0, packet.memory, packet.start, packet.length);
                into.add(packet);
            }
            if (room > 0) {
                waiting.addAndGet(-room);
            }
            return room;
        }

        @Override
        public void transmit(Packet[] packets, int from, int to) {
            for (int i = from; i < to; i++) {
                packets[i].sent = Reason.FORWARDED;
            }
            transmitted += to - from;
            sent = transmitted;
        }

        @Override
        public int descriptor() {
            return -1;
        }
    }
}
