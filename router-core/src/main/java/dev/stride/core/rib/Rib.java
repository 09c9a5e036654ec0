package dev.stride.core.rib;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHopTable;
import dev.stride.core.fib.Fib4;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// All candidate routes. Each change is carried to the FIB before the call returns.
///
/// Routes with the same next hops share a [NextHopGroup] and its number in the FIB. Where next hops
/// lead is resolved once for a group: a change there is one store into the [NextHopTable], whatever
/// the number of routes behind it. Only when a group becomes usable or stops being so are its
/// routes looked at one by one.
///
/// Order of publication (make before break): a next hop is in the table before the FIB shows its
/// number; the FIB shows another number, or none, before the old one is retired.
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

    /// Rounds until groups that hang on each other have settled. Chains are short; next hops that
    /// chase each other in a circle end unusable, or as they were in the last round.
    private static final int MAX_ROUNDS = 16;

    private final Fib4 fib;
    private final NextHops numbers;
    private final NavigableMap<Ip4Prefix, Entry> entries = new TreeMap<>();
    private final Map<NextHopGroup.Key, NextHopGroup> groups = new HashMap<>();
    private final NavigableMap<Ip4Address, Set<NextHopGroup>> byGateway = new TreeMap<>();
    private final Map<RouteSource, Integer> counts = new EnumMap<>(RouteSource.class);
    private final Resolver resolver;

    public Rib(Fib4 fib, NextHopTable table, Adjacencies adjacencies) {
        this.fib = fib;
        this.numbers = new NextHops(table);
        this.resolver = new Resolver(this, adjacencies);
    }

    /// Adds a route, in place of what the same source said about the prefix before.
    public void put(Route route) {
        Entry entry = entries.computeIfAbsent(route.prefix(), Entry::new);
        Entry.Candidate before = entry.of(route.source());
        if (before != null && before.route().equals(route)) {
            return;
        }
        NextHopGroup group = join(route);
        if (before != null) {
            entry.remove(before);
        }
        entry.add(new Entry.Candidate(route, group));
        counts.merge(route.source(), before == null ? 1 : 0, Integer::sum);
        chosen(entry, before);
    }

    /// Withdraws what a source said about a prefix.
    ///
    /// @return whether it had said anything
    public boolean remove(Ip4Prefix prefix, RouteSource source) {
        Entry entry = entries.get(prefix);
        Entry.Candidate gone = entry == null ? null : entry.of(source);
        if (entry == null || gone == null) {
            return false;
        }
        entry.remove(gone);
        counts.merge(source, -1, Integer::sum);
        if (entry.isEmpty()) {
            entries.remove(prefix);
        }
        chosen(entry, gone);
        return true;
    }

    /// A port went down or came up: every route over it becomes unusable, or usable again.
    public void portChanged(int port, boolean up) {
        if (resolver.portChanged(port, up)) {
            settle(new ArrayList<>(groups.values()));
        }
    }

    /// The most specific entry in use that covers an address, or null.
    public @Nullable Entry lookup(int address) {
        return covering(address, true);
    }

    /// The entry of exactly this prefix, or null.
    public @Nullable Entry get(Ip4Prefix prefix) {
        return entries.get(prefix);
    }

    /// Up to `limit` entries by address, then length, from `from` on; one page of a long listing.
    public List<Entry> page(Ip4Prefix from, int limit) {
        List<Entry> page = new ArrayList<>(); // no stream: it would count the whole tail first
        for (Entry entry : entries.tailMap(from).values()) {
            if (page.size() == limit) {
                break;
            }
            page.add(entry);
        }
        return page;
    }

    /// Number of prefixes.
    public int size() {
        return entries.size();
    }

    /// Number of routes that a source has said.
    public int count(RouteSource source) {
        return counts.getOrDefault(source, 0);
    }

    /// Next-hop numbers that wait for a grace period.
    public int retired() {
        return numbers.retired();
    }

    /// Frees the first `count` retired numbers, after a grace period that began when they were
    /// retired.
    public void recycle(int count) {
        numbers.recycle(count);
    }

    /// Whether a route that is in here could be used now; for people who ask why not.
    public boolean isUsable(Route route) {
        NextHopGroup group = groups.get(NextHopGroup.Key.of(route));
        return group != null && group.isUsable();
    }

    private NextHopGroup join(Route route) {
        NextHopGroup.Key key = NextHopGroup.Key.of(route);
        NextHopGroup group = groups.get(key);
        if (group == null) {
            group = new NextHopGroup(key, numbers.take());
            groups.put(key, group);
            for (Route.Gateway gateway : key.gateways()) {
                byGateway.computeIfAbsent(gateway.address(), a -> new LinkedHashSet<>()).add(group);
            }
            resolve(group);
        }
        group.routes++;
        return group;
    }

    private void leave(NextHopGroup group) {
        if (--group.routes > 0) {
            return;
        }
        groups.remove(group.key);
        for (Route.Gateway gateway : group.key.gateways()) {
            Set<NextHopGroup> same = byGateway.get(gateway.address());
            if (same != null && same.remove(group) && same.isEmpty()) {
                byGateway.remove(gateway.address());
            }
        }
        resolver.forget(group);
        numbers.retire(group.number);
    }

    /// Whether anything changed but the shares.
    private boolean resolve(NextHopGroup group) {
        List<NextHopGroup.Path> before = group.paths;
        group.paths = resolver.resolve(group);
        if (group.paths.equals(before)) {
            return false;
        }
        if (group.isUsable()) {
            numbers.publish(group.number, group.paths);
        }
        resolver.keep(group.key, before, group.paths);
        return true;
    }

    /// Chooses the best route of an entry, lets go of the candidate that left it, and then chooses
    /// again for all next hops that are reached by way of the entry. In this order: what has left
    /// must not be resolved once more.
    private void chosen(Entry entry, Entry.@Nullable Candidate gone) {
        NextHopGroup before = entry.group();
        show(entry);
        if (gone != null) {
            leave(gone.group());
        }
        if (before != entry.group()) {
            settle(reachedBy(entry.prefix()));
        }
    }

    /// Tells the FIB which route of an entry is the best.
    private void show(Entry entry) {
        int before = entry.nextHop();
        entry.choose();
        if (entry.nextHop() == before) {
            return;
        }
        Ip4Prefix prefix = entry.prefix();
        if (entry.nextHop() == 0) {
            fib.remove(prefix.bits(), prefix.length());
        } else {
            fib.put(prefix.bits(), prefix.length(), entry.nextHop());
        }
    }

    private List<NextHopGroup> reachedBy(Ip4Prefix prefix) {
        Ip4Address first = new Ip4Address(prefix.bits());
        Ip4Address last = new Ip4Address(prefix.bits() | ~Ip4Prefix.mask(prefix.length()));
        return byGateway.subMap(first, true, last, true).values().stream()
                .flatMap(Collection::stream)
                .distinct()
                .toList();
    }

    /// Resolves groups again, then those that hang on what changed, until nothing does.
    private void settle(List<NextHopGroup> due) {
        for (int round = 0; round < MAX_ROUNDS && !due.isEmpty(); round++) {
            Set<NextHopGroup> next = new LinkedHashSet<>();
            Set<NextHopGroup> flipped = new LinkedHashSet<>();
            for (NextHopGroup group : due) {
                boolean was = group.isUsable();
                if (resolve(group)) {
                    next.addAll(group.dependents);
                    if (was != group.isUsable()) {
                        flipped.add(group);
                    }
                }
            }
            if (!flipped.isEmpty()) {
                next.addAll(chooseAgain(flipped));
            }
            due = new ArrayList<>(next);
        }
    }

    /// Groups became usable, or stopped being so: the routes that have them are looked at one by
    /// one.
    private Set<NextHopGroup> chooseAgain(Set<NextHopGroup> flipped) {
        Set<NextHopGroup> reached = new LinkedHashSet<>();
        for (Entry entry : entries.values()) {
            if (entry.hasAny(flipped)) {
                NextHopGroup before = entry.group();
                show(entry);
                if (before != entry.group() && !byGateway.isEmpty()) {
                    reached.addAll(reachedBy(entry.prefix()));
                }
            }
        }
        return reached;
    }

    /// @param hosts whether host routes of neighbors count
    @Nullable Entry covering(int address, boolean hosts) {
        for (int length = 32; length >= 0; length--) {
            Entry entry = entries.get(Ip4Prefix.of(address, length));
            Route best = entry == null ? null : entry.best();
            if (best != null && (hosts || best.source() != RouteSource.NEIGHBOR)) {
                return entry;
            }
        }
        return null;
    }
}
