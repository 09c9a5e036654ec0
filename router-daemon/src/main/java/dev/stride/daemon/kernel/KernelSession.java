package dev.stride.daemon.kernel;

import dev.stride.daemon.config.NetlinkConfig;
import dev.stride.daemon.kernel.KernelCounters.Cause;
import dev.stride.daemon.netlink.MessageReader;
import dev.stride.daemon.netlink.NetlinkMessage;
import dev.stride.daemon.netlink.NetlinkMessage.EndMessage;
import dev.stride.daemon.netlink.NetlinkMessage.MalformedMessage;
import dev.stride.io.linux.Errno;
import dev.stride.io.linux.EventFd;
import dev.stride.io.linux.NetlinkSocket;
import dev.stride.io.linux.NetlinkSocket.Received;
import dev.stride.io.linux.Poll;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One pair of sockets: one is notified of changes, the other one asks for the whole table. The
/// source's thread only.
///
/// Order: the first socket is subscribed before the second one asks, and what it is told is read
/// while and after the answer comes; see [KernelMirror] for how both become one. The whole table is
/// read at the start, after notifications were lost, after something that the kernel does not tell
/// in full, and every now and then in any case.
final class KernelSession implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("netlink");

    /// RTNLGRP_LINK, IPV4_IFADDR, IPV4_ROUTE, IPV6_ROUTE, NEXTHOP of linux/rtnetlink.h.
    private static final int[] GROUPS = {1, 5, 7, 11, 32};

    private static final int DUMP_BUFFER = 1 << 20;

    /// Notifications that are kept until the end of a dump; more wait in the kernel.
    private static final int MAX_MEANWHILE = 1 << 17;

    /// Datagrams in a row before changes are handed over.
    private static final int IN_A_ROW = 64;

    private static final int MAX_ATTEMPTS = 5; // of a dump that others interrupt
    private static final int ANSWER_MS = 10_000;
    private static final int IDLE_MS = 250;
    private static final long DUMP_PAUSE = TimeUnit.SECONDS.toNanos(2);
    private static final long SETTLE = TimeUnit.SECONDS.toNanos(2);

    private final NetlinkConfig config;
    private final KernelMirror mirror;
    private final KernelCounters counters;
    private final NamespaceWatch namespace;
    private final Supplier<Map<String, Integer>> ports;
    private final Runnable wasRead;
    private final NetlinkSocket events;
    private final NetlinkSocket dumps;
    private final Poll poll = new Poll(2);
    private int sequence;
    private @Nullable Cause due = Cause.START;
    private long lastDump = System.nanoTime() - DUMP_PAUSE;
    private long lastAudit;
    private boolean changed = true; // since the counters were told

    private KernelSession(
            NetlinkConfig config,
            KernelMirror mirror,
            KernelCounters counters,
            Supplier<Map<String, Integer>> ports,
            Runnable wasRead,
            NamespaceWatch namespace,
            NetlinkSocket events,
            NetlinkSocket dumps) {
        this.config = config;
        this.mirror = mirror;
        this.counters = counters;
        this.ports = ports;
        this.wasRead = wasRead;
        this.namespace = namespace;
        this.events = events;
        this.dumps = dumps;
    }

    /// Opens and subscribes.
    ///
    /// @param wasRead runs when the table was read as a whole for the first time
    /// @throws dev.stride.io.linux.SyscallException when the kernel says no
    /// @throws IOException when there is no such namespace
    static KernelSession open(
            NetlinkConfig config,
            KernelMirror mirror,
            KernelCounters counters,
            Supplier<Map<String, Integer>> ports,
            Runnable wasRead)
            throws IOException {
        NamespaceWatch namespace = new NamespaceWatch(config.netns());
        NetlinkSocket events = namespace.call(() -> NetlinkSocket.open(config.receiveBuffer()));
        try {
            for (int group : GROUPS) {
                events.join(group);
            }
            NetlinkSocket dumps = namespace.call(() -> NetlinkSocket.open(DUMP_BUFFER));
            return new KernelSession(
                    config, mirror, counters, ports, wasRead, namespace, events, dumps);
        } catch (RuntimeException e) {
            events.close();
            throw e;
        }
    }

    /// Follows the table until `stopped`, which `bell` announces.
    ///
    /// @throws IOException when nothing more will come
    void run(EventFd bell, Supplier<Boolean> stopped) throws IOException {
        Map<String, Integer> known = Map.of();
        while (!stopped.get()) {
            Map<String, Integer> now = ports.get();
            if (!now.equals(known)) {
                known = now;
                mirror.setPorts(now);
            }
            boolean all = takeNotifications();
            mirror.flush();
            long time = System.nanoTime();
            if (due == null && time - lastAudit >= config.audit().toNanos()) {
                due = Cause.AUDIT;
            }
            if (due != null && time - lastDump >= DUMP_PAUSE) {
                readAll(due);
            } else if (all) {
                tell();
                await(bell);
                namespace.check();
            }
        }
    }

    private void await(EventFd bell) {
        poll.clear();
        poll.add(events.descriptor());
        poll.add(bell.descriptor());
        poll.await(IDLE_MS);
        bell.drain();
    }

    private void tell() {
        if (changed) {
            changed = false;
            KernelState state = mirror.current();
            counters.table(state.routes().size(), state.skipped());
        }
    }

    /// Reads some of what waits; returns whether that was all.
    private boolean takeNotifications() {
        for (int i = 0; i < IN_A_ROW; i++) {
            switch (events.receive()) {
                case NOTHING -> {
                    return true;
                }
                case OVERRUN -> {
                    counters.addOverrun();
                    due = Cause.OVERRUN;
                }
                case DATAGRAM -> takeDatagram();
            }
        }
        return false;
    }

    private void takeDatagram() {
        changed = true;
        MessageReader reader = new MessageReader(events.datagram());
        for (NetlinkMessage next = reader.next(); next != null; next = reader.next()) {
            counters.addNotification();
            if (next instanceof MalformedMessage malformed) {
                malformed(malformed);
            } else if (mirror.notified(next, reader.flags()) && due == null) {
                due = Cause.DOUBT;
            }
        }
    }

    private void malformed(MalformedMessage message) {
        due = Cause.OVERRUN;
        if (counters.addMalformed() == 1) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "a message of the kernel cannot be read: {0}; more are only counted",
                    message.problem().description());
        }
    }

    private void readAll(Cause cause) throws IOException {
        long start = System.nanoTime();
        due = null;
        boolean complete = false;
        for (int attempt = 0; attempt < MAX_ATTEMPTS && !complete; attempt++) {
            complete = dump();
        }
        if (!complete) {
            due = Cause.DOUBT; // others change things all the time
        }
        long patience = System.nanoTime() + SETTLE;
        while (!takeNotifications() && System.nanoTime() - patience < 0) {
            // until there are none, or so many come that there is no end
        }
        int differences = mirror.endDump();
        counters.addDump(cause, differences);
        if (cause == Cause.AUDIT) {
            auditRib();
        }
        counters.connected(true);
        if (cause == Cause.START) {
            wasRead.run();
        }
        changed = true;
        lastDump = System.nanoTime();
        lastAudit = lastDump;
        LOG.log(
                cause == Cause.AUDIT && differences == 0
                        ? System.Logger.Level.DEBUG
                        : System.Logger.Level.INFO,
                "{0} was read ({1}): {2} prefixes, {3} not as known, {4} ms",
                config,
                cause.label(),
                mirror.current().routes().size(),
                differences,
                (lastDump - start) / 1_000_000);
    }

    private void auditRib() {
        int mended = mirror.auditRib();
        counters.addMended(mended);
        if (mended > 0) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "{0} prefixes of {1} were not in the RIB as they were handed over; please"
                            + " report it",
                    mended,
                    config);
        }
    }

    /// Asks for everything; false when something changed so that the answer may not hold together.
    private boolean dump() throws IOException {
        mirror.beginDump();
        boolean whole = true;
        try {
            for (DumpRequest request : DumpRequest.values()) {
                whole &= ask(request);
            }
            return whole;
        } catch (IOException | RuntimeException e) {
            mirror.abandonDump();
            throw e;
        }
    }

    private boolean ask(DumpRequest request) throws IOException {
        sequence++;
        dumps.send(request.message(sequence, config.table()));
        boolean whole = true;
        while (true) {
            if (dumps.receive() != Received.DATAGRAM) {
                awaitAnswer(request);
                continue;
            }
            MessageReader reader = new MessageReader(dumps.datagram());
            for (NetlinkMessage next = reader.next(); next != null; next = reader.next()) {
                if (reader.sequence() != sequence) {
                    continue; // of a request that was given up
                }
                whole &= (reader.flags() & NetlinkMessage.DUMP_INTERRUPTED) == 0;
                if (next instanceof EndMessage end) {
                    checkEnd(request, end.errno());
                    return whole;
                }
                if (next instanceof MalformedMessage malformed) {
                    long _ = counters.addMalformed();
                    throw new IOException(malformed.problem().description());
                }
                mirror.dumped(next);
            }
            if (mirror.waiting() < MAX_MEANWHILE) {
                boolean _ = takeNotifications();
                mirror.flush();
            }
        }
    }

    private void awaitAnswer(DumpRequest request) throws IOException {
        poll.clear();
        poll.add(dumps.descriptor());
        if (!poll.await(ANSWER_MS)) {
            throw new IOException("the kernel does not tell its " + request.what());
        }
    }

    /// A table that nobody has used yet is empty; an old kernel has no next-hop objects, and one
    /// without IPv6 no such routes.
    private static void checkEnd(DumpRequest request, int errno) throws IOException {
        switch (errno) {
            case 0, Errno.ENOENT, Errno.EOPNOTSUPP, Errno.EAFNOSUPPORT -> {}
            default ->
                    throw new IOException(
                            "the kernel does not tell its "
                                    + request.what()
                                    + ": "
                                    + Errno.text(errno));
        }
    }

    @Override
    public void close() {
        counters.connected(false);
        events.close();
        dumps.close();
    }
}
