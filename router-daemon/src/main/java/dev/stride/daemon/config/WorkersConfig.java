package dev.stride.daemon.config;

import java.util.List;

/// How many workers forward, and where they run.
///
/// @param count 0 for as many as fit the machine
/// @param cpus worker n runs on the n-th of these; empty leaves the choice to the kernel
public record WorkersConfig(int count, List<Integer> cpus) {
    public WorkersConfig {
        cpus = List.copyOf(cpus);
    }

    /// Whether the daemon chooses the number.
    public boolean isAuto() {
        return count == 0;
    }
}
