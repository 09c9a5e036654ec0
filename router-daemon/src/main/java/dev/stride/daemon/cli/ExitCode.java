package dev.stride.daemon.cli;

/// Exit codes of every command (sysexits(3) where it has one).
public final class ExitCode {
    public static final int DONE = 0;
    public static final int FAILED = 1;
    public static final int USAGE = 2;

    /// EX_UNAVAILABLE: no daemon answers.
    public static final int NO_DAEMON = 69;

    /// EX_CONFIG: the configuration is wrong.
    public static final int CONFIG = 78;

    private ExitCode() {}
}
