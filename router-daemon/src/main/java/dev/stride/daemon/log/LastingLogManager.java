package dev.stride.daemon.log;

import java.util.logging.LogManager;

/// Keeps its handlers during shutdown. The JDK's own removes them in a shutdown hook, which runs
/// beside the one that stops the router and would swallow its last words.
public final class LastingLogManager extends LogManager {
    /// For the JDK, which makes the one that the system property `java.util.logging.manager` names.
    public LastingLogManager() {}

    @Override
    public void reset() {
        // nothing: see above
    }
}
