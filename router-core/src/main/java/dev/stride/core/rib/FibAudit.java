package dev.stride.core.rib;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.addr.PrefixMap;
import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Fib6;
import java.util.ArrayList;
import java.util.List;

/// Compares the FIBs of a routing table with its RIB, a few prefixes at a time, and mends what
/// differs: once around and again, for ever. The control thread only.
///
/// Three things must be so. The FIB has the route that the RIB has chosen for a prefix. A lookup of
/// the first and of the last address within answers what the most specific route to it says. And
/// the FIB has no routes besides. None of it should ever differ: this is against mistakes of ours
/// and memory that fails.
public final class FibAudit {
    private static final IpPrefix FIRST4 = new Ip4Prefix(0, 0);
    private static final IpPrefix FIRST6 = new Ip6Prefix(0, 0, 0);

    private final RibTable rib;
    private final Fib4 fib4;
    private final Fib6 fib6;
    private IpPrefix next = FIRST4;
    private int chosen; // prefixes seen since the first of the family that have a route
    private long updates; // of the family's table when that was seen
    private long rounds;
    private long routes;
    private long slots;
    private long strangers;

    public FibAudit(RibTable rib, Fib4 fib4, Fib6 fib6) {
        this.rib = rib;
        this.fib4 = fib4;
        this.fib6 = fib6;
    }

    /// Looks at up to `limit` prefixes.
    public void step(int limit) {
        if (next.length() == 0 && next.equals(first())) {
            chosen = 0;
            updates = updates();
        }
        List<IpPrefix> page = rib.prefixes(next, limit + 1);
        page.subList(0, Math.min(limit, page.size())).forEach(this::look);
        if (page.size() > limit) {
            next = page.getLast();
        } else {
            endFamily();
        }
    }

    private IpPrefix first() {
        return next.width() == 32 ? FIRST4 : FIRST6;
    }

    private void endFamily() {
        if (updates() == updates && routesOfTable() != chosen) {
            removeStrangers();
        }
        if (next.width() == 32) {
            next = FIRST6;
        } else {
            next = FIRST4;
            rounds++;
        }
    }

    private void look(IpPrefix prefix) {
        int due = rib.nextHop(prefix);
        chosen += due == 0 ? 0 : 1;
        if (get(prefix) != due) {
            routes++;
            set(prefix, due);
        } else {
            look(prefix.first());
            look(prefix.last());
        }
    }

    private void look(IpAddress address) {
        IpPrefix covering = rib.covering(address);
        int due = covering == null ? 0 : rib.nextHop(covering);
        if (lookup(address) == due) {
            return;
        }
        slots++;
        if (covering != null) { // its slots are written again
            set(covering, 0);
            set(covering, due);
        }
    }

    private void removeStrangers() {
        List<IpPrefix> found = new ArrayList<>();
        PrefixMap.Visitor visitor =
                (high, low, length, nextHop) -> {
                    IpPrefix prefix =
                            next.width() == 32
                                    ? new Ip4Prefix((int) (high >>> 32), length)
                                    : new Ip6Prefix(high, low, length);
                    if (rib.nextHop(prefix) == 0) {
                        found.add(prefix);
                    }
                    return true;
                };
        if (next.width() == 32) {
            fib4.visit(visitor);
        } else {
            fib6.visit(visitor);
        }
        found.forEach(prefix -> set(prefix, 0));
        strangers += found.size();
    }

    private long updates() {
        return next.width() == 32 ? fib4.updates() : fib6.updates();
    }

    private int routesOfTable() {
        return next.width() == 32 ? fib4.routes() : fib6.routes();
    }

    private int get(IpPrefix prefix) {
        return switch (prefix) {
            case Ip4Prefix p -> fib4.get(p.bits(), p.length());
            case Ip6Prefix p -> fib6.get(p.high(), p.low(), p.length());
        };
    }

    private void set(IpPrefix prefix, int nextHop) {
        switch (prefix) {
            case Ip4Prefix p -> fib4.set(p.bits(), p.length(), nextHop);
            case Ip6Prefix p -> fib6.set(p.high(), p.low(), p.length(), nextHop);
        }
    }

    private int lookup(IpAddress address) {
        return switch (address) {
            case Ip4Address four -> fib4.lookup(four.bits());
            case Ip6Address six -> fib6.lookup(six.high(), six.low());
        };
    }

    /// How often it came around.
    public long rounds() {
        return rounds;
    }

    /// Everything that was not as it should be.
    public long differences() {
        return routes + slots + strangers;
    }

    /// Routes that the FIB did not have as the RIB had chosen them.
    public long routes() {
        return routes;
    }

    /// Addresses whose lookup answered otherwise than the FIB's own routes say.
    public long slots() {
        return slots;
    }

    /// Routes that the RIB knew nothing of.
    public long strangers() {
        return strangers;
    }
}
