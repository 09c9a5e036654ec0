package dev.stride.daemon.log;

import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Sets logging up. Call once, first.
public final class Logs {
    // Kept here, since the JDK holds loggers weakly.

    /// Parent of Netty's, Micrometer's and Prometheus' loggers.
    private static @Nullable Logger libraries;

    /// It warns where a network namespace has no loopback device, which nobody here needs.
    private static @Nullable Logger searches;

    /// It tells of each handle, and warns that it goes by its defaults.
    private static @Nullable Logger pcap;

    private Logs() {}

    /// One handler on stderr in one format. Libraries speak from warnings on.
    public static void toConsole() {
        System.setProperty("java.util.logging.manager", LastingLogManager.class.getName());
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        ConsoleHandler console = new ConsoleHandler();
        console.setFormatter(new LineFormatter());
        console.setLevel(Level.ALL);
        root.addHandler(console);
        root.setLevel(Level.INFO);
        libraries = Logger.getLogger("io");
        libraries.setLevel(Level.WARNING);
        searches = Logger.getLogger("io.netty.util");
        searches.setLevel(Level.SEVERE);
        pcap = Logger.getLogger("org.pcap4j");
        pcap.setLevel(Level.SEVERE);
    }
}
