package dev.stride.io.pcap;

import dev.stride.io.linux.EventFd;
import java.util.Queue;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.atomic.SpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/// Frames on their way from the thread that captures to the worker, which may sleep.
///
/// The bell rings once until the worker has found the queue empty. The worker takes `rung` back,
/// and looks again after that: a frame put before it did so is found by that look, one put later
/// rings.
final class FrameQueue implements AutoCloseable {
    private static final int FRAMES = 1024;
    private static final long FULL_NANOS = 50_000;

    private final Queue<byte[]> frames = new SpscAtomicArrayQueue<>(FRAMES);
    private final EventFd bell = new EventFd();
    private volatile boolean rung; // both
    private volatile boolean closed; // control: w, capture: ro

    /// Hands over a frame; waits while the queue is full. The thread that captures.
    void put(byte[] frame) {
        while (!frames.offer(frame)) {
            if (closed) {
                return;
            }
            LockSupport.parkNanos(FULL_NANOS);
        }
        if (!rung) {
            rung = true;
            bell.ring();
        }
    }

    /// The next frame, or null when none waits. The worker.
    byte @Nullable [] take() {
        byte[] frame = frames.poll();
        if (frame == null && rung) {
            rung = false;
            bell.drain();
            frame = frames.poll();
        }
        return frame;
    }

    /// Readable when [#take] has a frame.
    int descriptor() {
        return bell.descriptor();
    }

    /// Lets the thread that captures go on, to its end.
    void release() {
        closed = true;
    }

    /// Neither thread uses it any more.
    @Override
    public void close() {
        bell.close();
    }
}
