package dev.stride.io.linux;

import static dev.stride.io.linux.Syscall.INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/// Runs code in another network namespace: setns(2), network_namespaces(7).
public final class Namespace {
    private static final int CLONE_NEWNET = 0x40000000;

    private static final MethodHandle SETNS =
            Syscall.capturing("setns", FunctionDescriptor.of(INT, INT, INT));

    private Namespace() {}

    /// The file of a namespace: a path as it is, a name below /run/netns as ip-netns(8) has it.
    public static String path(String name) {
        return name.indexOf('/') >= 0 ? name : "/run/netns/" + name;
    }

    /// Runs `action` on a thread of its own that has entered the namespace, and waits for it.
    ///
    /// @param path the namespace's file
    /// @throws SyscallException when the namespace cannot be entered; whatever `action` throws
    public static <T> T call(String path, Supplier<T> action) {
        FutureTask<T> task =
                new FutureTask<>(
                        () -> {
                            enter(path);
                            return action.get();
                        });
        Thread.ofPlatform().name("netns").start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while in " + path, e);
        }
    }

    private static void enter(String path) {
        try (FileDescriptor file = FileDescriptor.open(path, FileDescriptor.O_RDONLY);
                Arena arena = Arena.ofConfined()) {
            MemorySegment state = Syscall.state(arena);
            if ((int) SETNS.invokeExact(state, file.number(), CLONE_NEWNET) < 0) {
                throw Syscall.failed("setns " + path, state);
            }
        } catch (SyscallException e) {
            throw e;
        } catch (Throwable t) {
            throw Syscall.impossible(t);
        }
    }
}
