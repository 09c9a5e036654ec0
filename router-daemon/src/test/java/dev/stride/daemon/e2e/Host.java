package dev.stride.daemon.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// A host behind the router: a namespace with one interface, 10.N.0.2/24, and a default route
/// through the router.
///
/// @param number from 1
record Host(int number, String namespace, String device) {
    String address() {
        return "10." + number + ".0.2";
    }

    /// The router's address on this host's link.
    String gateway() {
        return "10." + number + ".0.1";
    }

    private List<String> inside(String... command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(List.of(command));
        return all;
    }

    Run.Result run(String... command) {
        return Run.run(Map.of(), inside(command));
    }

    /// Runs a command that must succeed.
    String must(String... command) {
        return Run.must(inside(command).toArray(String[]::new));
    }

    /// Runs a line of the shell that must succeed.
    String shell(String line) {
        return must("bash", "-c", "set -o pipefail; " + line);
    }

    /// Starts a line of the shell; completes with what it printed.
    CompletableFuture<String> background(String line) {
        Process process = Run.start(Map.of(), inside("bash", "-c", "set -o pipefail; " + line));
        return CompletableFuture.supplyAsync(
                () -> Run.read(process).strip(), task -> Thread.ofPlatform().daemon().start(task));
    }

    /// Gives the interface its address and the default route.
    void configure() {
        Run.must("ip", "-n", namespace, "address", "replace", address() + "/24", "dev", device);
        Run.must("ip", "-n", namespace, "route", "replace", "default", "via", gateway());
    }
}
