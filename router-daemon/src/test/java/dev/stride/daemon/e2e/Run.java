package dev.stride.daemon.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Runs programs.
final class Run {
    /// What a program printed, both streams together.
    record Result(int exitCode, String output) {}

    private static final int LIMIT_SECONDS = 300;

    private Run() {}

    static Result run(String... command) {
        return run(Map.of(), List.of(command));
    }

    /// Runs a program to its end.
    static Result run(Map<String, String> environment, List<String> command) {
        Process process = start(environment, command);
        CompletableFuture<String> output =
                CompletableFuture.supplyAsync(
                        () -> read(process), task -> Thread.ofPlatform().daemon().start(task));
        try {
            process.getOutputStream().close();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " did not end; it printed " + output.join());
            }
            return new Result(process.exitValue(), output.join().strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// Runs a program that must succeed, and returns what it printed.
    static String must(String... command) {
        Result result = run(command);
        if (result.exitCode() != 0) {
            throw new AssertionError(
                    String.join(" ", command)
                            + " ended with "
                            + result.exitCode()
                            + ": "
                            + result.output());
        }
        return result.output();
    }

    /// Starts a program, both streams together.
    static Process start(Map<String, String> environment, List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
