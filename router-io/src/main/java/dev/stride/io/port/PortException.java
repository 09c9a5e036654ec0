package dev.stride.io.port;

/// A port cannot be opened; the message says which, why, and what to do.
public final class PortException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PortException(String port, String what) {
        super("port " + port + ": " + what);
    }
}
