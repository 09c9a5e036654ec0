package dev.stride.daemon.bench;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHopTable;
import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Fib6;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.Rib;
import dev.stride.core.rib.RibTable;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import dev.stride.core.stats.Counts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The tables of a router, as its control thread has them: RIB, FIBs and next hops. Next hop number
/// n of a benchmark is a neighbor of its own.
final class Tables {
    final Quiescence readers = new Quiescence();
    final Fib4 fib4 = new Fib4(readers);
    final Fib6 fib6 = new Fib6(readers);
    final Rib rib = new Rib(new NextHopTable(), new Neighbors());
    private final List<Attributes> said = new ArrayList<>(); // by next hop
    private final Counts changes = new Counts(1);
    private int recycling; // next-hop numbers whose grace period runs
    private long mark;

    {
        RibTable _ = rib.addTable(Destination.MAIN, fib4, fib6);
    }

    /// What the control thread does with the neighbors of next hops, without asking anybody.
    private static final class Neighbors implements Rib.Adjacencies {
        private final Map<IpAddress, Adjacency> known = new HashMap<>();

        @Override
        public Adjacency neighbor(int port, IpAddress address, boolean host) {
            return known.computeIfAbsent(address, a -> Adjacency.neighbor(port, a));
        }

        @Override
        public void unused(Adjacency adjacency) {
            known.remove(adjacency.address);
        }
    }

    /// Changes a route in RIB and FIB; next hop 0 withdraws it. Now and then it gives numbers of
    /// next hops free, as the control thread does at every tick.
    void change(IpPrefix prefix, int nextHop) {
        changes.add(0, 1);
        if ((changes.get(0) & 0x7fff) == 0) {
            recycle();
        }
        if (nextHop == 0) {
            rib.remove(new Destination(prefix), RouteSource.CLI);
        } else {
            rib.put(new Route(prefix, said(nextHop)));
        }
    }

    private void recycle() {
        if (recycling > 0 && readers.passed() >= mark) {
            rib.recycle(recycling);
            recycling = 0;
        }
        if (recycling == 0) {
            recycling = rib.retired();
            mark = readers.mark();
            readers.advance();
        }
    }

    private Attributes said(int nextHop) {
        while (said.size() <= nextHop) {
            Ip4Address address =
                    new Ip4Address(0xc6120000 + said.size()); // RFC 2544: 198.18.0.0/15
            said.add(Attributes.via(RouteSource.CLI, List.of(new Route.Gateway(address, 0, 1))));
        }
        return said.get(nextHop);
    }

    /// Changes a route in the FIB of its family alone.
    static void set(Fib4 fib4, Fib6 fib6, IpPrefix prefix, int nextHop) {
        switch (prefix) {
            case Ip4Prefix p -> fib4.set(p.bits(), p.length(), nextHop);
            case Ip6Prefix p -> fib6.set(p.high(), p.low(), p.length(), nextHop);
        }
    }

    /// The memory that lookups in both families reach, in millions of bytes.
    double megabytes() {
        return (fib4.bytes() + fib6.bytes()) / 1e6;
    }
}
