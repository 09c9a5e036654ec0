package dev.stride.io.capture;

/// A capture file that cannot be read, or not to its end; the message says where and why.
public final class CaptureException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CaptureException(long offset, String what) {
        super("at byte " + offset + ": " + what);
    }
}
