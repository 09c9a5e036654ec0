package dev.stride.daemon.demo;

import dev.stride.daemon.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/// How the demo becomes root: it is, or it borrows a user namespace (user_namespaces(7)).
final class Privileges {
    private static final String BORROWED = "STRIDE_DEMO_USER_NAMESPACE";

    /// What is done first in a user namespace: a /run of its own for namespaces and sockets, and a
    /// loopback for metrics.
    private static final String PREPARE =
            "mount -t tmpfs tmpfs /run && mkdir -p /run/netns && ip link set lo up && exec \"$@\"";

    private Privileges() {}

    static boolean isRoot() {
        return Shell.run("id", "-u").output().equals("0");
    }

    /// Runs the same command again as root of a user namespace of its own.
    ///
    /// @return its exit code
    static int inUserNamespace(List<String> arguments) {
        if (!Shell.run("unshare", "--user", "--map-root-user", "--net", "--mount", "true")
                .succeeded()) {
            System.err.println(
                    "stride: the demo needs root, and this system lets no user make namespaces; run it"
                            + " with sudo");
            return ExitCode.FAILED;
        }
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "unshare",
                                "--user",
                                "--map-root-user",
                                "--net",
                                "--mount",
                                "sh",
                                "-c",
                                PREPARE,
                                "sh",
                                System.getProperty("stride.launcher", "stride")));
        command.addAll(arguments);
        ProcessBuilder again = new ProcessBuilder(command).inheritIO();
        again.environment().put(BORROWED, "1");
        try {
            return again.start().waitFor();
        } catch (IOException e) {
            System.err.println("stride: " + e.getMessage());
            return ExitCode.FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.FAILED;
        }
    }

    /// A borrowed namespace ends with its last process: stays there until Ctrl-C.
    static void stayIfBorrowed(PrintWriter out, Runnable atEnd) {
        if (System.getenv(BORROWED) == null) {
            return;
        }
        out.println();
        out.println(
                "Without root all this lives in a user namespace. Enter that first:  nsenter -t "
                        + ProcessHandle.current().pid()
                        + " -U -m -n --preserve-credentials");
        out.println("Ctrl-C ends it.");
        Runtime.getRuntime().addShutdownHook(new Thread(atEnd, "strike"));
        try {
            Thread.currentThread().join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Installs a Debian package where that is possible, and says so.
    static void install(String debianPackage) {
        boolean borrowed = System.getenv(BORROWED) != null;
        if (!borrowed && Shell.has("apt-get")) {
            System.err.println("stride: installing " + debianPackage);
            if (!Shell.run("apt-get", "install", "-y", debianPackage).succeeded()) {
                Shell.run("apt-get", "update");
                Shell.run("apt-get", "install", "-y", debianPackage);
            }
        }
    }
}
