package dev.stride.daemon.running;

import dev.stride.daemon.control.Router.RefusedException;
import dev.stride.daemon.live.Control;
import dev.stride.daemon.live.ControlCommand;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/// Asks the control thread and waits for its answer. Any thread but the control thread and workers.
final class ControlClient {
    private static final long ANSWER_SECONDS = 5;

    private final Control control;
    private final Runnable work;

    ControlClient(Control control) {
        this(control, () -> {});
    }

    /// @param work what makes the control thread's work go on where there is no such thread
    ControlClient(Control control, Runnable work) {
        this.control = control;
        this.work = work;
    }

    Control control() {
        return control;
    }

    /// Runs a command on the control thread and waits until it is done.
    ///
    /// @throws RefusedException when it cannot be done; the message says why
    <T> T ask(Function<CompletableFuture<T>, ControlCommand> command) {
        CompletableFuture<T> done = new CompletableFuture<>();
        if (!control.submit(command.apply(done))) {
            throw new RefusedException("the control thread is busy; try again");
        }
        work.run();
        try {
            return done.get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new RefusedException(String.valueOf(cause == null ? e : cause.getMessage()));
        } catch (TimeoutException e) {
            throw new RefusedException("the control thread does not answer; see the daemon's log");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException("interrupted");
        }
    }

    /// Looks at the tables.
    <T> T read(Function<Control, T> question) {
        return ask(done -> new ControlCommand.Read<>(question, done));
    }
}
