package dev.stride.core.rib;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHopTable;
import dev.stride.core.fib.Fib4;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// All candidate routes. Each change is carried to the FIB before the call returns.
///
/// Order of publication (make before break): a next hop is in the [NextHopTable] before the FIB
/// shows its number; the FIB shows another number, or none, before the old one is retired.
public final class Rib {
    /// The neighbors that next hops become.
    public interface Adjacencies {
        /// The adjacency of a neighbor. Unless `host`, a route depends on it from now on: it is to
        /// be kept resolved.
        ///
        /// @param host the route is the neighbor's own host route, which goes when the neighbor
        ///   does
        Adjacency neighbor(int port, Ip4Address address, boolean host);

        /// No route depends on this neighbor any more.
        void unused(Adjacency adjacency);
    }

    /// A prefix and what is known of it.
    public static final class Entry {
        private final Ip4Prefix prefix;
        private final List<Route> candidates = new ArrayList<>(1);
        private @Nullable Route best;
        private int nextHop; // number in the FIB, 0 when none
        private List<NextHops.Path> needed =
                List.of(); // paths whose neighbors are kept for this entry

        Entry(Ip4Prefix prefix) {
            this.prefix = prefix;
        }

        public Ip4Prefix prefix() {
            return prefix;
        }

        /// Everything that was said, in the order of preference.
        public List<Route> candidates() {
            return Collections.unmodifiableList(candidates);
        }

        /// The one in the FIB; null when none is usable.
        public @Nullable Route best() {
            return best;
        }

        /// The next hop's number in the FIB; 0 when none is usable.
        public int nextHop() {
            return nextHop;
        }
    }

    /// Routes that are resolved through other routes at most this often: longer chains are loops or
    /// mistakes.
    private static final int MAX_DEPTH = 8;

    private final Fib4 fib;
    private final NextHops nextHops;
    private final Adjacencies adjacencies;
    private final NavigableMap<Ip4Prefix, Entry> entries = new TreeMap<>();
    private final Set<Ip4Prefix> dependent =
            new TreeSet<>(); // with gateways: they hang on other routes
    private final Set<Integer> downPorts = new HashSet<>();
    private final Map<Adjacency, Integer> uses =
            new HashMap<>(); // by routes that depend on the neighbor
    private final List<Adjacency> links = new ArrayList<>(); // by port

    public Rib(Fib4 fib, NextHopTable table, Adjacencies adjacencies) {
        this.fib = fib;
        this.nextHops = new NextHops(table);
        this.adjacencies = adjacencies;
    }

    /// Adds a route, in place of what the same source said about the prefix before.
    public void put(Route route) {
        Entry entry = entries.computeIfAbsent(route.prefix(), Entry::new);
        if (entry.candidates.contains(route)) {
            return;
        }
        entry.candidates.removeIf(other -> other.source() == route.source());
        int at = 0;
        while (at < entry.candidates.size() && entry.candidates.get(at).beats(route)) {
            at++;
        }
        entry.candidates.add(at, route);
        changed(entry);
    }

    /// Withdraws what a source said about a prefix.
    ///
    /// @return whether it had said anything
    public boolean remove(Ip4Prefix prefix, RouteSource source) {
        Entry entry = entries.get(prefix);
        if (entry == null || !entry.candidates.removeIf(r -> r.source() == source)) {
            return false;
        }
        changed(entry);
        return true;
    }

    /// A port went down or came up: every route over it becomes unusable, or usable again.
    public void portChanged(int port, boolean up) {
        if (up ? downPorts.remove(port) : downPorts.add(port)) {
            for (Entry entry : List.copyOf(entries.values())) {
                choose(entry);
            }
        }
    }

    /// The most specific entry in use that covers an address, or null.
    public @Nullable Entry lookup(int address) {
        return covering(address, entry -> entry.best != null);
    }

    /// The entry of exactly this prefix, or null.
    public @Nullable Entry get(Ip4Prefix prefix) {
        return entries.get(prefix);
    }

    /// Up to `limit` entries by address, then length, from `from` on; one page of a long listing.
    public List<Entry> page(Ip4Prefix from, int limit) {
        return entries.tailMap(from).values().stream().limit(limit).toList();
    }

    /// Number of prefixes.
    public int size() {
        return entries.size();
    }

    /// Number of routes that a source has said.
    public int count(RouteSource source) {
        return (int)
                entries.values().stream()
                        .flatMap(e -> e.candidates.stream())
                        .filter(r -> r.source() == source)
                        .count();
    }

    /// Next-hop numbers that wait for a grace period.
    public int retired() {
        return nextHops.retired();
    }

    /// Frees the first `count` retired numbers, after a grace period that began when they were
    /// retired.
    public void recycle(int count) {
        nextHops.recycle(count);
    }

    /// Whether a route could be used now; for people who ask why not.
    public boolean isUsable(Route route) {
        return resolve(route) != null;
    }

    private void changed(Entry entry) {
        if (entry.candidates.stream().anyMatch(r -> r.kind() == Route.Kind.UNICAST)) {
            dependent.add(entry.prefix);
        } else {
            dependent.remove(entry.prefix);
        }
        boolean moved = choose(entry);
        if (entry.candidates.isEmpty()) {
            entries.remove(entry.prefix);
        }
        // What hangs on other routes may hang on this one. Repeat while something moves; chains are
        // short.
        for (int round = 0; moved && round < MAX_DEPTH; round++) {
            moved = false;
            for (Ip4Prefix prefix : dependent) {
                Entry other = entries.get(prefix);
                moved |= other != null && other != entry && choose(other);
            }
        }
    }

    /// Chooses the best usable candidate and tells the FIB; whether anything changed there.
    private boolean choose(Entry entry) {
        Route best = null;
        List<NextHops.Path> paths = null;
        for (Route route : entry.candidates) {
            paths = resolve(route);
            if (paths != null) {
                best = route;
                break;
            }
        }
        int before = entry.nextHop;
        entry.best = best;
        entry.nextHop = paths == null ? 0 : nextHops.acquire(paths);
        if (entry.nextHop != before) {
            if (entry.nextHop == 0) {
                fib.remove(entry.prefix.bits(), entry.prefix.length());
            } else {
                fib.put(entry.prefix.bits(), entry.prefix.length(), entry.nextHop);
            }
        }
        if (before != 0) {
            nextHops.release(before);
        }
        need(entry, best == null || paths == null || isNeighbor(best) ? List.of() : paths);
        return entry.nextHop != before;
    }

    /// Counts the neighbors that routes depend on, and lets go of those that none does.
    private void need(Entry entry, List<NextHops.Path> paths) {
        for (NextHops.Path path : paths) {
            uses.merge(path.adjacency(), 1, Integer::sum);
        }
        for (NextHops.Path path : entry.needed) {
            Adjacency adjacency = path.adjacency();
            if (uses.merge(adjacency, -1, Integer::sum) == 0) {
                uses.remove(adjacency);
                if (adjacency.kind == Adjacency.Kind.NEIGHBOR) {
                    adjacencies.unused(adjacency);
                }
            }
        }
        entry.needed = paths;
    }

    private @Nullable List<NextHops.Path> resolve(Route route) {
        List<NextHops.Path> paths = new ArrayList<>();
        switch (route.kind()) {
            case LINK -> {
                if (!downPorts.contains(route.port())) {
                    paths.add(new NextHops.Path(link(route.port()), 1));
                }
            }
            case BLACKHOLE -> paths.add(new NextHops.Path(Adjacency.BLACKHOLE, 1));
            case UNREACHABLE -> paths.add(new NextHops.Path(Adjacency.UNREACHABLE, 1));
            case PROHIBIT -> paths.add(new NextHops.Path(Adjacency.PROHIBIT, 1));
            case UNICAST -> {
                for (Route.Gateway gateway : route.gateways()) {
                    Adjacency adjacency = resolve(route, gateway, MAX_DEPTH);
                    if (adjacency != null) {
                        paths.add(new NextHops.Path(adjacency, gateway.weight()));
                    }
                }
            }
        }
        return paths.isEmpty() ? null : paths;
    }

    /// The adjacency that a gateway stands for: on a link, or through the routes to it, but never
    /// through the route that asks.
    private @Nullable Adjacency resolve(Route asking, Route.Gateway gateway, int depth) {
        Ip4Address address = gateway.address();
        if (depth == 0) {
            return null;
        }
        if (gateway.port() >= 0) {
            return downPorts.contains(gateway.port())
                    ? null
                    : adjacencies.neighbor(gateway.port(), address, isNeighbor(asking));
        }
        Entry via =
                covering(
                        address.bits(),
                        e ->
                                e.best != null
                                        && !isNeighbor(e.best)
                                        && !e.prefix.equals(asking.prefix()));
        Route best = via == null ? null : via.best;
        if (best == null) {
            return null;
        }
        return switch (best.kind()) {
            case LINK -> adjacencies.neighbor(best.port(), address, false);
            case UNICAST -> resolve(asking, best.gateways().getFirst(), depth - 1);
            case BLACKHOLE, UNREACHABLE, PROHIBIT -> null;
        };
    }

    private static boolean isNeighbor(Route route) {
        return route.source() == RouteSource.NEIGHBOR;
    }

    private @Nullable Entry covering(int address, Predicate<Entry> accepted) {
        for (int length = 32; length >= 0; length--) {
            Entry entry = entries.get(Ip4Prefix.of(address, length));
            if (entry != null && accepted.test(entry)) {
                return entry;
            }
        }
        return null;
    }

    private Adjacency link(int port) {
        while (links.size() <= port) {
            links.add(Adjacency.link(links.size()));
        }
        return links.get(port);
    }
}
