package dev.stride.daemon.cli;

import java.lang.reflect.Proxy;

/// SIGHUP, which asks a daemon to read its configuration again. The JDK has no public way to handle
/// signals; its module `jdk.unsupported` keeps one, which the compiler warns of when it is named.
final class Hangup {
    private Hangup() {}

    /// Runs `action` on a thread of the JVM for each SIGHUP, which would end the process otherwise.
    static void handle(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy =
                    Proxy.newProxyInstance(
                            handler.getClassLoader(),
                            new Class<?>[] {handler},
                            (self, method, arguments) -> {
                                if (method.getName().equals("handle")) {
                                    action.run();
                                }
                                return null;
                            });
            Object hangup = signal.getConstructor(String.class).newInstance("HUP");
            signal.getMethod("handle", signal, handler).invoke(null, hangup, proxy);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}
