package dev.stride.core.rib;

import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.addr.PrefixMap;
import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Fib6;
import dev.stride.core.stats.Counts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The candidate routes of one routing table, of both families, and which of them its FIBs show.
///
/// A prefix costs about 16 bytes here: everything that routes say besides is kept once for all that
/// say the same ([Shared]).
public final class RibTable {
    private final Rib rib;
    private final int index;
    private final Fib4 fib4;
    private final Fib6 fib6;
    private final PrefixMap four = new PrefixMap(true); // to values of Candidates
    private final PrefixMap six = new PrefixMap(false);
    private final Candidates candidates = new Candidates();
    private final Map<Attributes, Shared> shared = new HashMap<>();
    private final NavigableMap<IpAddress, Set<NextHopGroup>> byGateway =
            new TreeMap<>(IpAddress.ORDER); // groups of any table that are resolved in this one
    private final Counts counts = new Counts(2 * RouteSource.values().length);

    RibTable(Rib rib, int index, Fib4 fib4, Fib6 fib6) {
        this.rib = rib;
        this.index = index;
        this.fib4 = fib4;
        this.fib6 = fib6;
    }

    /// Which table it is.
    public int index() {
        return index;
    }

    /// Adds a route, in place of what the same source said about the prefix before.
    void put(IpPrefix prefix, Attributes attributes) {
        Shared fresh = share(attributes);
        int before = put(prefix, fresh.number); // in most cases that is all
        if (before == fresh.number) { // said again
            fresh.routes--;
            return;
        }
        Shared old = find(before, fresh.source());
        int value = candidates.with(old == null ? before : candidates.without(before, old), fresh);
        if (value != fresh.number) {
            put(prefix, value);
        }
        count(prefix, fresh.source(), old == null ? 1 : 0);
        chosen(prefix, value, old);
    }

    /// Withdraws what a source said about a prefix.
    ///
    /// @return whether it had said anything
    boolean remove(IpPrefix prefix, RouteSource source) {
        int before = put(prefix, 0); // in most cases that is all
        Shared gone = find(before, source);
        int value = gone == null ? before : candidates.without(before, gone);
        if (value != 0) {
            put(prefix, value);
        }
        if (gone == null) {
            return false;
        }
        count(prefix, source, -1);
        chosen(prefix, value, gone);
        return true;
    }

    /// Withdraws every route whose attributes pass a test; returns how many those were.
    int removeIf(Predicate<Attributes> test) {
        if (shared.keySet().stream().noneMatch(test)) {
            return 0;
        }
        List<Runnable> due = new ArrayList<>();
        for (PrefixMap map : List.of(four, six)) {
            map.visit(
                    0,
                    0,
                    0,
                    (high, low, length, value) -> {
                        for (Shared candidate : candidates.of(value)) {
                            if (test.test(candidate.attributes)) {
                                IpPrefix prefix = map.prefix(high, low, length);
                                due.add(() -> remove(prefix, candidate.source()));
                            }
                        }
                        return true;
                    });
        }
        due.forEach(Runnable::run);
        return due.size();
    }

    /// Lets go of all groups: the table is gone.
    void release() {
        shared.values().forEach(each -> rib.leave(each.group));
    }

    /// The most specific entry in use that covers an address, or null.
    public @Nullable Entry lookup(IpAddress address) {
        IpPrefix prefix = covering(address);
        return prefix == null ? null : get(prefix);
    }

    /// The entry of exactly this prefix, or null.
    public @Nullable Entry get(IpPrefix prefix) {
        int value = value(prefix);
        return value == 0 ? null : entry(prefix, value);
    }

    /// Whether a source says anything about a prefix.
    boolean has(IpPrefix prefix, RouteSource source) {
        return find(value(prefix), source) != null;
    }

    /// Up to `limit` entries by address, then length, of a family, from `from` on; one page of a
    /// long listing.
    public List<Entry> page(IpPrefix from, int limit) {
        return page(from, limit, this::entry);
    }

    /// The prefixes of such a page.
    List<IpPrefix> prefixes(IpPrefix from, int limit) {
        return page(from, limit, (prefix, _) -> prefix);
    }

    private interface Row<T> {
        T of(IpPrefix prefix, int value);
    }

    private <T> List<T> page(IpPrefix from, int limit, Row<T> row) {
        List<T> page = new ArrayList<>();
        PrefixMap map = map(from);
        map.visit(
                PrefixMap.high(from),
                PrefixMap.low(from),
                from.length(),
                (high, low, length, value) -> {
                    page.add(row.of(map.prefix(high, low, length), value));
                    return page.size() < limit;
                });
        return page;
    }

    /// Number of routes of a family that a source has said.
    ///
    /// @param width of its addresses: 32 or 128
    public int count(RouteSource source, int width) {
        return (int) counts.get(2 * source.ordinal() + (width == 32 ? 0 : 1));
    }

    /// Number of routes whose attributes pass a test.
    public int count(Predicate<Attributes> test) {
        return shared.values().stream()
                .filter(each -> test.test(each.attributes))
                .mapToInt(each -> each.routes)
                .sum();
    }

    /// Whether a route that is in here could be used now; for people who ask why not.
    public boolean isUsable(Attributes attributes) {
        return rib.isUsable(NextHopGroup.Key.of(attributes, index));
    }

    private PrefixMap map(IpPrefix prefix) {
        return prefix instanceof Ip4Prefix ? four : six;
    }

    private int value(IpPrefix prefix) {
        return map(prefix).get(PrefixMap.high(prefix), PrefixMap.low(prefix), prefix.length());
    }

    /// Gives a prefix a value, or none with 0; returns the one before.
    private int put(IpPrefix prefix, int value) {
        long high = PrefixMap.high(prefix);
        long low = PrefixMap.low(prefix);
        PrefixMap map = map(prefix);
        return value == 0
                ? map.remove(high, low, prefix.length())
                : map.put(high, low, prefix.length(), value);
    }

    private void count(IpPrefix prefix, RouteSource source, int more) {
        counts.add(2 * source.ordinal() + (prefix instanceof Ip4Prefix ? 0 : 1), more);
    }

    private @Nullable Shared find(int value, RouteSource source) {
        for (Shared candidate : candidates.of(value)) {
            if (candidate.source() == source) {
                return candidate;
            }
        }
        return null;
    }

    private Entry entry(IpPrefix prefix, int value) {
        List<Attributes> said =
                Arrays.stream(candidates.of(value)).map(each -> each.attributes).toList();
        Shared best = best(value);
        return new Entry(prefix, said, best == null ? null : best.attributes);
    }

    /// The first candidate that is usable.
    private @Nullable Shared best(int value) {
        for (Shared candidate : candidates.of(value)) {
            if (candidate.group.isUsable()) {
                return candidate;
            }
        }
        return null;
    }

    private Shared share(Attributes attributes) {
        Shared known = shared.get(attributes);
        if (known == null) {
            NextHopGroup group = rib.join(NextHopGroup.Key.of(attributes, index));
            known = new Shared(candidates.take(), attributes, group);
            candidates.add(known);
            shared.put(attributes, known);
        }
        known.routes++;
        return known;
    }

    private void unshare(Shared gone) {
        if (--gone.routes == 0) {
            shared.remove(gone.attributes);
            candidates.free(gone);
            rib.leave(gone.group);
        }
    }

    /// Shows the best route of a prefix, lets go of the candidate that left it, and then resolves
    /// again all next hops that are reached by way of the prefix. In this order: what has left must
    /// not be resolved once more.
    private void chosen(IpPrefix prefix, int value, @Nullable Shared gone) {
        boolean changed = show(prefix, value);
        if (gone != null) {
            unshare(gone);
        }
        if (changed) {
            rib.settle(reachedBy(prefix));
        }
    }

    /// Tells the FIB which route of a prefix is the best; whether that is news.
    private boolean show(IpPrefix prefix, int value) {
        Shared best = best(value);
        int nextHop = best == null ? 0 : best.group.number;
        return switch (prefix) {
            case Ip4Prefix p -> fib4.set(p.bits(), p.length(), nextHop) != nextHop;
            case Ip6Prefix p -> fib6.set(p.high(), p.low(), p.length(), nextHop) != nextHop;
        };
    }

    /// A group has a next hop that this table is to find.
    void watch(IpAddress gateway, NextHopGroup group) {
        byGateway.computeIfAbsent(gateway, a -> new LinkedHashSet<>()).add(group);
    }

    /// It has not any more.
    void unwatch(IpAddress gateway, NextHopGroup group) {
        Set<NextHopGroup> same = byGateway.get(gateway);
        if (same != null && same.remove(group) && same.isEmpty()) {
            byGateway.remove(gateway);
        }
    }

    private List<NextHopGroup> reachedBy(IpPrefix prefix) {
        if (byGateway.isEmpty()) {
            return List.of();
        }
        IpAddress first = byGateway.ceilingKey(prefix.first());
        IpAddress last = prefix.last();
        if (first == null || IpAddress.ORDER.compare(first, last) > 0) {
            return List.of();
        }
        return byGateway.subMap(first, true, last, true).values().stream()
                .flatMap(Collection::stream)
                .distinct()
                .toList();
    }

    /// Groups became usable, or stopped being so: the routes that have them are looked at one by
    /// one. Returns the groups whose next hops are reached by way of those.
    Set<NextHopGroup> chooseAgain(Set<NextHopGroup> flipped) {
        Set<NextHopGroup> reached = new LinkedHashSet<>();
        if (shared.values().stream().noneMatch(each -> flipped.contains(each.group))) {
            return reached;
        }
        for (PrefixMap map : List.of(four, six)) {
            map.visit(
                    0,
                    0,
                    0,
                    (high, low, length, value) -> {
                        if (hasAny(value, flipped)) {
                            IpPrefix prefix = map.prefix(high, low, length);
                            if (show(prefix, value)) {
                                reached.addAll(reachedBy(prefix));
                            }
                        }
                        return true;
                    });
        }
        return reached;
    }

    /// Groups stopped being usable: tells for each and its routes which group those go by now. It
    /// looks at no prefix, so that it takes a fraction of [#chooseAgain].
    void fallbacks(Set<NextHopGroup> stopped, Fallbacks fallbacks) {
        if (shared.values().stream().noneMatch(each -> stopped.contains(each.group))) {
            return;
        }
        int[] beside = new int[candidates.limit()]; // others, by number: routes that have it
        candidates.visitSeveral((list, prefixes) -> fallbacks.add(list, prefixes, stopped, beside));
        for (Shared each : shared.values()) {
            if (each.routes > beside[each.number] && stopped.contains(each.group)) {
                fallbacks.add(each.group, null);
            }
        }
    }

    private boolean hasAny(int value, Set<NextHopGroup> groups) {
        for (Shared candidate : candidates.of(value)) {
            if (groups.contains(candidate.group)) {
                return true;
            }
        }
        return false;
    }

    /// The group that packets to an address use, through routes of any kind but hosts' own.
    @Nullable NextHopGroup through(IpAddress address) {
        IpPrefix prefix = covering(address, false);
        Shared best = prefix == null ? null : best(value(prefix));
        return best == null ? null : best.group;
    }

    /// The number that the FIB must have for a prefix; 0 for none.
    int nextHop(IpPrefix prefix) {
        Shared best = best(value(prefix));
        return best == null ? 0 : best.group.number;
    }

    /// The most specific prefix in use that covers an address, or null.
    @Nullable IpPrefix covering(IpAddress address) {
        return covering(address, true);
    }

    /// @param hosts whether host routes of neighbors count
    private @Nullable IpPrefix covering(IpAddress address, boolean hosts) {
        PrefixMap map = map(address.prefix(0));
        for (int length = address.width(); length >= 0; length--) {
            if (map.size(length) == 0) {
                continue;
            }
            IpPrefix prefix = address.prefix(length);
            Shared best = best(value(prefix));
            if (best != null && (hosts || best.source() != RouteSource.NEIGHBOR)) {
                return prefix;
            }
        }
        return null;
    }
}
