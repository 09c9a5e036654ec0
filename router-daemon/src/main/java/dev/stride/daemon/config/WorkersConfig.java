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

    /// As in the file.
    String shown() {
        return (isAuto() ? "auto" : String.valueOf(count)) + (cpus.isEmpty() ? "" : " on " + cpus);
    }

    /// Whether the daemon chooses the number.
    public boolean isAuto() {
        return count == 0;
    }
}
