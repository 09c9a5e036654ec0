package dev.stride.io.tap;

import dev.stride.core.packet.Packet;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.io.linux.Namespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// Numbered UDP packets from the kernel's side of a TAP, and a look at the numbers that come back:
/// they must rise.
final class Flood implements AutoCloseable {
    /// Runs ip(8).
    interface Ip {
        void run(String... words) throws IOException, InterruptedException;
    }

    private static final int IP = 14; // offsets in the frame
    private static final int UDP = IP + 20;
    private static final int SOCKET_BUFFER = 1 << 20;

    private final DatagramChannel channel;
    private final boolean flatOut;
    private final CompletableFuture<Long> done;
    private volatile boolean stopping;

    private Flood(DatagramChannel channel, boolean flatOut) {
        this.channel = channel;
        this.flatOut = flatOut;
        done = CompletableFuture.supplyAsync(this::run, task -> Thread.ofPlatform().start(task));
    }

    /// @param flatOut whether not to wait for the answer to one before the next
    static Flood start(String namespace, String device, boolean flatOut, Ip ip) throws Exception {
        ip.run("-n", namespace, "address", "add", "10.0.0.1/24", "dev", device);
        ip.run(
                ("-n " + namespace + " neighbor replace 10.0.0.2 lladdr 02:00:00:00:00:02 dev ")
                        .concat(device)
                        .split(" "));
        return new Flood(Namespace.call(Namespace.path(namespace), Flood::socket), flatOut);
    }

    private static DatagramChannel socket() {
        try {
            DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER);
            channel.bind(new InetSocketAddress("10.0.0.1", 9000));
            channel.connect(new InetSocketAddress("10.0.0.2", 9000));
            channel.configureBlocking(false);
            return channel;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// How many came back.
    private long run() {
        ByteBuffer out = ByteBuffer.allocateDirect(8);
        ByteBuffer in = ByteBuffer.allocateDirect(64);
        long number = 0;
        long returned = 0;
        long last = -1;
        try {
            while (!stopping) {
                if (flatOut || returned == number) {
                    channel.write(out.clear().putLong(0, number++));
                }
                while (channel.read(in.clear()) > 0) {
                    if (in.getLong(0) <= last) {
                        throw new AssertionError(in.getLong(0) + " came behind " + last);
                    }
                    last = in.getLong(0);
                    returned++;
                }
            }
            return returned;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Makes a frame of the flood one that goes back; leaves others as they are.
    static void turnAround(Packet packet) {
        MemorySegment m = packet.memory;
        int at = packet.start;
        if (Ethernet.type(m, at) == Ethernet.IPV4) {
            swap(m, at, 6);
            swap(m, at + IP + 12, 4);
            swap(m, at + UDP, 2); // sums do not change with the order
        }
    }

    private static void swap(MemorySegment m, int at, int length) {
        for (int i = at; i < at + length; i++) {
            int first = Bytes.u8(m, i);
            Bytes.put8(m, i, Bytes.u8(m, i + length));
            Bytes.put8(m, i + length, first);
        }
    }

    boolean isRunning() {
        return !done.isDone();
    }

    /// Ends it, and tells how many came back.
    long returned() throws InterruptedException, ExecutionException {
        stopping = true;
        return done.get();
    }

    @Override
    public void close() throws IOException {
        stopping = true;
        done.exceptionally(_ -> 0L).join();
        channel.close();
    }
}
