package dev.stride.io.pcap;

import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.RawPacketListener;

/// A handle that captures, and the thread that libpcap keeps for it. It ends by itself when the
/// device goes away.
final class Capture implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("port");

    final FrameQueue frames = new FrameQueue();

    private final String port;
    private final PcapHandle handle;
    private final Thread thread;
    private long missed;

    /// Starts to capture.
    Capture(String port, PcapHandle handle) {
        this.port = port;
        this.handle = handle;
        thread = Thread.ofPlatform().daemon().name("pcap-" + port).start(this::run);
    }

    private void run() {
        try {
            RawPacketListener listener = frames::put;
            handle.loop(-1, listener);
        } catch (PcapNativeException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "port {0}: the capture ended: {1}",
                    port,
                    e.getMessage());
        } catch (InterruptedException | NotOpenException e) {
            // It was told to end.
        }
    }

    /// Frames that found libpcap's buffer full. The control thread.
    long missed() {
        try {
            missed = handle.getStats().getNumPacketsDropped();
        } catch (PcapNativeException | NotOpenException e) {
            // The device is gone: what it said last stays.
        }
        return missed;
    }

    /// Whether nothing will arrive any more.
    boolean hasEnded() {
        return !thread.isAlive();
    }

    /// Ends the thread. The control thread; frames that wait may still be taken.
    @Override
    public void close() {
        frames.release();
        try {
            handle.breakLoop();
        } catch (NotOpenException e) {
            // It has ended.
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        handle.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
