package dev.stride.daemon.demo;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Runs other programs.
final class Shell {
    /// What a program printed, both streams together, and how it ended.
    record Result(int exitCode, String output) {
        boolean succeeded() {
            return exitCode == 0;
        }
    }

    private static final int LIMIT_SECONDS = 120;

    private Shell() {}

    /// Whether a program of that name can be started.
    static boolean has(String program) {
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin";
        for (String directory : path.split(":", -1)) {
            if (new File(directory, program).canExecute()) {
                return true;
            }
        }
        return false;
    }

    /// Runs a program to its end, two minutes at most.
    static Result run(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            CompletableFuture<String> output =
                    CompletableFuture.supplyAsync(
                            () -> readAll(process),
                            task -> Thread.ofPlatform().daemon().start(task));
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return new Result(-1, "no end after " + LIMIT_SECONDS + " s");
            }
            return new Result(process.exitValue(), output.join().strip());
        } catch (IOException e) {
            return new Result(-1, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Result(-1, "interrupted");
        }
    }

    private static String readAll(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /// Runs a program that must succeed.
    ///
    /// @throws DemoFailure with what it said when it does not
    static String must(String... command) {
        Result result = run(command);
        if (!result.succeeded()) {
            throw new DemoFailure("`" + String.join(" ", command) + "`: " + result.output());
        }
        return result.output();
    }

    /// Starts a program in the background with its output in a file.
    static Process start(Path log, List<String> command) {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new DemoFailure(e.getMessage() + "; see " + log);
        }
    }

    /// The text of a file, empty when it cannot be read.
    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
