package dev.stride.daemon.kernel;

import dev.stride.io.linux.EventFd;
import dev.stride.io.linux.NetlinkSocket;
import dev.stride.io.linux.NetlinkSocket.Received;
import dev.stride.io.linux.Poll;
import dev.stride.io.linux.SyscallException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Says that a device has changed in some way, in the moment the kernel tells of it. What has
/// changed is for others to see: a notice may be lost, and be about a device that is not ours.
public final class LinkWatch implements Runnable {
    private static final System.Logger LOG = System.getLogger("control");
    private static final int RTNLGRP_LINK = 1; // linux/rtnetlink.h
    private static final int BUFFER = 1 << 16;
    private static final int PAUSE_MS = 1000; // between looks at the namespaces

    private record Watched(NamespaceWatch namespace, NetlinkSocket socket) {
        /// @throws IOException when there is no such namespace
        static Watched open(Optional<String> netns) throws IOException {
            NamespaceWatch namespace = new NamespaceWatch(netns.orElse(null));
            NetlinkSocket socket = namespace.call(() -> NetlinkSocket.open(BUFFER));
            try {
                socket.join(RTNLGRP_LINK);
            } catch (SyscallException e) {
                socket.close();
                throw e;
            }
            return new Watched(namespace, socket);
        }

        boolean isCurrent() {
            try {
                namespace.check();
                return true;
            } catch (IOException e) {
                return false;
            }
        }

        /// Takes what waits; returns whether there was something.
        boolean heard() {
            boolean heard = false;
            while (socket.receive() != Received.NOTHING) {
                heard = true;
            }
            return heard;
        }
    }

    private final Supplier<Set<Optional<String>>> namespaces;
    private final Runnable changed;
    private final Map<Optional<String>, Watched> watched = new HashMap<>();
    private final EventFd bell = new EventFd();
    private volatile boolean stopping;

    /// @param namespaces where there are devices of ours, empty for the daemon's own; asked often
    /// @param changed is told on this thread
    public LinkWatch(Supplier<Set<Optional<String>>> namespaces, Runnable changed) {
        this.namespaces = namespaces;
        this.changed = changed;
    }

    @Override
    public void run() {
        while (!stopping) {
            follow(namespaces.get());
            Poll poll = new Poll(watched.size() + 1);
            poll.add(bell.descriptor());
            watched.values().forEach(each -> poll.add(each.socket().descriptor()));
            if (poll.await(PAUSE_MS) && heard()) {
                changed.run();
            }
        }
        follow(Set.of());
        bell.close();
    }

    private boolean heard() {
        boolean heard = false;
        for (Iterator<Watched> all = watched.values().iterator(); all.hasNext(); ) {
            Watched each = all.next();
            try {
                heard |= each.heard();
            } catch (SyscallException e) { // of no more use: another one is opened
                each.socket().close();
                all.remove();
                heard = true;
            }
        }
        return heard;
    }

    /// Opens and closes sockets until there is one in each namespace.
    private void follow(Set<Optional<String>> wanted) {
        for (Iterator<Map.Entry<Optional<String>, Watched>> all = watched.entrySet().iterator();
                all.hasNext(); ) {
            Map.Entry<Optional<String>, Watched> each = all.next();
            if (!wanted.contains(each.getKey()) || !each.getValue().isCurrent()) {
                each.getValue().socket().close();
                all.remove();
            }
        }
        for (Optional<String> netns : wanted) {
            if (!watched.containsKey(netns)) {
                try {
                    watched.put(netns, Watched.open(netns));
                    changed.run(); // what was told before went unheard
                } catch (IOException | SyscallException e) {
                    // There is none at the moment; the control thread looks by itself, too.
                    LOG.log(System.Logger.Level.DEBUG, "links of {0}: {1}", netns, e.getMessage());
                }
            }
        }
    }

    /// Makes [#run] return soon. Any thread.
    public void stop() {
        stopping = true;
        bell.ring();
    }
}
