package dev.stride.core.rib;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHopTable;
import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Fib6;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// All candidate routes of all routing tables. Each change is carried to a FIB before the call
/// returns. What is kept by prefix is in a [RibTable] each; here is what they share.
///
/// Routes with the same next hops share a [NextHopGroup] and its number in the FIBs. A group whose
/// last route went keeps the number until the grace period is over, and is itself again if a route
/// comes back: a flapping route does not use numbers up. Where next hops lead is resolved once for
/// a group: a change there is one store into the [NextHopTable], whatever the number of routes
/// behind it. Only when a group becomes usable or stops being so are its routes looked at one by
/// one; where all of them fall back on the same other group, packets go there from the start.
///
/// Order of publication (make before break): a next hop is in the table before a FIB shows its
/// number; the FIB shows another number, or none, before the old one is retired.
public final class Rib {
    /// The neighbors that next hops become.
    public interface Adjacencies {
        /// The adjacency of a neighbor. Unless `host`, a route depends on it from now on: it is to
        /// be kept resolved.
        ///
        /// @param host the route is the neighbor's own host route, which goes when the neighbor
        ///   does
        Adjacency neighbor(int port, IpAddress address, boolean host);

        /// No route depends on this neighbor any more.
        void unused(Adjacency adjacency);
    }

    /// Rounds until groups that hang on each other have settled. Chains are short; next hops that
    /// chase each other in a circle end unusable, or as they were in the last round.
    private static final int MAX_ROUNDS = 16;

    private final NavigableMap<Integer, RibTable> tables = new TreeMap<>(); // by index
    private final NextHops numbers;
    private final Map<NextHopGroup.Key, NextHopGroup> groups = new HashMap<>();
    private final Resolver resolver;

    /// Without a table.
    public Rib(NextHopTable table, Adjacencies adjacencies) {
        this.numbers = new NextHops(table);
        this.resolver = new Resolver(this, adjacencies);
    }

    /// Adds an empty routing table, whose routes are shown to the FIBs.
    ///
    /// @param index that no table has or had
    public RibTable addTable(int index, Fib4 fib4, Fib6 fib6) {
        RibTable table = new RibTable(this, index, fib4, fib6);
        tables.put(index, table);
        return table;
    }

    /// A routing table, or null where there is none of this index.
    public @Nullable RibTable table(int index) {
        return tables.get(index);
    }

    /// All routing tables, by index.
    public Collection<RibTable> tables() {
        return Collections.unmodifiableCollection(tables.values());
    }

    /// Takes a routing table away with all its routes, and the routes of others that lead to it.
    /// Its FIBs stay as they are: nobody may look at them any more.
    public void removeTable(int index) {
        RibTable gone = tables.remove(index);
        if (gone != null) {
            int _ = removeIf(said -> said.leadsToTable(index));
            gone.release(); // nothing else was resolved by its routes
        }
    }

    /// Adds a route, in place of what the same source said about the destination before. One whose
    /// table is not there is left out: the table has just gone.
    public void put(Route route) {
        RibTable table = table(route.to().table());
        if (table != null) {
            table.put(route.prefix(), route.attributes());
        }
    }

    /// Withdraws what a source said about a destination.
    ///
    /// @return whether it had said anything
    public boolean remove(Destination to, RouteSource source) {
        RibTable table = table(to.table());
        return table != null && table.remove(to.prefix(), source);
    }

    /// Whether a source says anything about a destination.
    public boolean has(Destination to, RouteSource source) {
        RibTable table = table(to.table());
        return table != null && table.has(to.prefix(), source);
    }

    /// A port went down or came up: every route over it becomes unusable, or usable again.
    public void portChanged(int port, boolean up) {
        if (resolver.portChanged(port, up)) {
            settle( // first of all what others are resolved by
                    groups.values().stream()
                            .filter(group -> group.users > 0)
                            .sorted(
                                    Comparator.comparing(
                                            group -> group.key.kind() != Route.Kind.LINK))
                            .toList());
        }
    }

    /// A port goes for good: so do the routes that name it.
    ///
    /// @return how many those were
    public int removePort(int port) {
        return removeIf(said -> said.leadsTo(port));
    }

    private int removeIf(Predicate<Attributes> test) {
        return tables.values().stream().mapToInt(table -> table.removeIf(test)).sum();
    }

    /// Number of routes whose attributes pass a test, in all tables.
    public int count(Predicate<Attributes> test) {
        return tables.values().stream().mapToInt(table -> table.count(test)).sum();
    }

    /// Next-hop numbers that wait for a grace period.
    public int retired() {
        return numbers.retired();
    }

    /// Frees the first `count` retired numbers, after a grace period that began when they were
    /// retired.
    public void recycle(int count) {
        numbers.recycle(count, group -> groups.remove(group.key));
    }

    /// Whether routes could go by a group now.
    boolean isUsable(NextHopGroup.Key key) {
        NextHopGroup group = groups.get(key);
        return group != null && group.isUsable();
    }

    /// The group of attributes that are new.
    NextHopGroup join(NextHopGroup.Key key) {
        NextHopGroup group = groups.get(key);
        if (group == null) {
            group = new NextHopGroup(key, numbers.take(key.host()));
            groups.put(key, group);
        }
        if (group.users++ == 0) {
            for (Route.Gateway gateway : key.gateways()) {
                RibTable table = gateway.isRecursive() ? table(gateway.table()) : null;
                if (table != null) {
                    table.watch(gateway.address(), group);
                }
            }
            resolve(group);
        }
        return group;
    }

    /// Attributes that had the group are gone.
    void leave(NextHopGroup group) {
        if (--group.users > 0) {
            return;
        }
        for (Route.Gateway gateway : group.key.gateways()) {
            RibTable table = gateway.isRecursive() ? table(gateway.table()) : null;
            if (table != null) {
                table.unwatch(gateway.address(), group);
            }
        }
        resolver.forget(group);
        group.paths = List.of();
        numbers.retire(group);
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

    /// Resolves groups again, then those that hang on what changed, until nothing does.
    void settle(List<NextHopGroup> due) {
        for (int round = 0; round < MAX_ROUNDS && !due.isEmpty(); round++) {
            Set<NextHopGroup> next = new LinkedHashSet<>();
            Set<NextHopGroup> flipped = new HashSet<>();
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
                bridge(flipped);
                tables.values().forEach(table -> next.addAll(table.chooseAgain(flipped)));
            }
            due = new ArrayList<>(next);
        }
    }

    /// Until the routes of groups that stopped being usable are looked at one by one, the number of
    /// each such group leads where all of its routes will, if that is one place.
    private void bridge(Set<NextHopGroup> flipped) {
        Set<NextHopGroup> stopped = new HashSet<>(flipped);
        stopped.removeIf(NextHopGroup::isUsable);
        if (!stopped.isEmpty()) {
            Fallbacks fallbacks = new Fallbacks();
            tables.values().forEach(table -> table.fallbacks(stopped, fallbacks));
            fallbacks.forEach((was, now) -> numbers.publish(was.number, now.paths));
        }
    }

    /// The group that packets to a gateway use, through routes of any kind but hosts' own.
    @Nullable NextHopGroup through(Route.Gateway gateway) {
        RibTable table = table(gateway.table());
        return table == null ? null : table.through(gateway.address());
    }
}
