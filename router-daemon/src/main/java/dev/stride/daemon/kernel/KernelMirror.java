package dev.stride.daemon.kernel;

import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.Entry;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import dev.stride.daemon.netlink.NetlinkMessage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Keeps the RIB in step with a kernel table: notifications and dumps in, batches of changes out.
/// One thread.
///
/// A dump fills a second [KernelState] beside the one that is current. What is notified meanwhile
/// goes to the current one at once, and to the other one when the dump is complete: so both have
/// heard the same, and where they differ something was missed. Then the other one is current.
final class KernelMirror {
    private record Notification(NetlinkMessage message, int flags) {}

    /// Prefixes after which a batch is closed.
    private static final int BATCH = 1000;

    private final Supplier<KernelState> fresh;
    private final Outlet outlet;
    private KernelState current;
    private @Nullable KernelState next; // a dump is under way
    private final List<Notification> meanwhile = new ArrayList<>();
    private Set<IpPrefix> dirty = new LinkedHashSet<>();

    /// @param fresh makes states that know nothing
    KernelMirror(Supplier<KernelState> fresh, Outlet outlet) {
        this.fresh = fresh;
        this.outlet = outlet;
        current = fresh.get();
    }

    /// Takes a notification; returns whether the kernel may have changed more than it says.
    boolean notified(NetlinkMessage message, int flags) {
        if (next != null) {
            meanwhile.add(new Notification(message, flags));
        }
        return current.event(message, flags, this::touch);
    }

    /// Notifications that wait for the end of the dump.
    int waiting() {
        return meanwhile.size();
    }

    private void touch(IpPrefix prefix) {
        dirty.add(prefix);
        if (dirty.size() >= BATCH) {
            send();
        }
    }

    /// Hands over all changes so far.
    void flush() {
        current.settle(this::touch);
        send();
    }

    private void send() {
        if (dirty.isEmpty()) {
            return;
        }
        List<Destination> gone = new ArrayList<>();
        List<Route> put = new ArrayList<>(dirty.size());
        for (IpPrefix prefix : dirty) {
            Attributes said = current.offer(prefix);
            if (said == null) {
                gone.add(new Destination(prefix));
            } else {
                put.add(new Route(prefix, said));
            }
        }
        dirty = new LinkedHashSet<>();
        outlet.change(gone, put);
    }

    /// A dump begins, or begins anew.
    void beginDump() {
        next = fresh.get();
        meanwhile.clear();
    }

    /// Takes a part of the dump.
    void dumped(NetlinkMessage message) {
        Objects.requireNonNull(next).dumped(message);
    }

    /// The dump failed: what is known stays.
    void abandonDump() {
        next = null;
        meanwhile.clear();
    }

    /// The dump is complete and so are the notifications that were under way: hands over what was
    /// missed before.
    ///
    /// @return how many prefixes that is
    int endDump() {
        KernelState before = current;
        KernelState after = Objects.requireNonNull(next);
        flush();
        meanwhile.forEach(each -> after.event(each.message(), each.flags(), prefix -> {}));
        after.settle(prefix -> {});
        abandonDump();
        current = after;
        return difference(before, after);
    }

    private int difference(KernelState before, KernelState after) {
        int[] differences = {0};
        after.routes()
                .visit(
                        (prefix, number) -> {
                            int old = before.routes().number(prefix);
                            if (!after.routes()
                                    .routes(number)
                                    .equals(before.routes().routes(old))) {
                                differences[0]++;
                            }
                            if (!Objects.equals(after.offer(number), before.offer(old))) {
                                touch(prefix);
                            }
                        });
        before.routes()
                .visit(
                        (prefix, number) -> {
                            if (after.routes().number(prefix) == 0) {
                                differences[0]++;
                                touch(prefix);
                            }
                        });
        send();
        return differences[0];
    }

    /// Compares the RIB with what was handed over, and hands over again what it has not, or takes
    /// back what it should not have.
    ///
    /// @return how many prefixes that is
    int auditRib() {
        flush();
        int wrong = 0;
        int present = 0;
        for (IpPrefix first : List.of(new Ip4Prefix(0, 0), new Ip6Prefix(0, 0, 0))) {
            IpPrefix from = first;
            List<Entry> page;
            do {
                page = outlet.page(from, BATCH);
                for (Entry entry : page) {
                    if (!entry.prefix().equals(from) || from.equals(first)) { // not seen before
                        Attributes said = said(entry);
                        Attributes due = current.offer(entry.prefix());
                        present += due != null ? 1 : 0;
                        if (!Objects.equals(said, due)) {
                            wrong++;
                            touch(entry.prefix());
                        }
                    }
                }
                from = page.isEmpty() ? first : page.getLast().prefix();
            } while (page.size() == BATCH);
        }
        int missing = offered() - present;
        if (missing > 0 && !outlet.isStopped()) {
            current.routes().visit((prefix, number) -> touch(prefix)); // says all of them again
            wrong += missing;
        }
        send();
        return wrong;
    }

    private static @Nullable Attributes said(Entry entry) {
        for (Attributes said : entry.candidates()) {
            if (said.source() == RouteSource.NETLINK) {
                return said;
            }
        }
        return null;
    }

    private int offered() {
        int[] offered = {0};
        current.routes()
                .visit(
                        (prefix, number) -> {
                            if (current.offer(number) != null) {
                                offered[0]++;
                            }
                        });
        return offered[0];
    }

    /// Other interfaces are ports from now on.
    void setPorts(Map<String, Integer> ports) {
        current.setPorts(ports);
        if (next != null) {
            next.setPorts(ports);
        }
    }

    /// What is known now.
    KernelState current() {
        return current;
    }
}
