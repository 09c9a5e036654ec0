package dev.stride.core.rib;

import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.rib.NextHopGroup.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Finds the paths of a group: gateways on a link become neighbors, others take the paths of the
/// route that covers them.
final class Resolver {
    private final Rib rib;
    private final Rib.Adjacencies adjacencies;
    private final Set<Integer> downPorts = new HashSet<>();
    private final List<Adjacency> links = new ArrayList<>(); // by port
    private final Map<Adjacency, Integer> uses =
            new HashMap<>(); // by groups that keep the neighbor

    Resolver(Rib rib, Rib.Adjacencies adjacencies) {
        this.rib = rib;
        this.adjacencies = adjacencies;
    }

    /// Whether that is news.
    boolean portChanged(int port, boolean up) {
        return up ? downPorts.remove(port) : downPorts.add(port);
    }

    /// The paths of a group as the RIB stands now; empty when it cannot be used. Notes what it was
    /// resolved through.
    List<Path> resolve(NextHopGroup group) {
        for (NextHopGroup support : group.supports) {
            support.dependents.remove(group);
        }
        group.supports.clear();
        NextHopGroup.Key key = group.key;
        return switch (key.kind()) {
            case LINK -> downPorts.contains(key.port()) ? List.of() : one(link(key.port()));
            case TABLE ->
                    rib.table(key.table()) == null ? List.of() : one(Adjacency.table(key.table()));
            case BLACKHOLE -> one(Adjacency.BLACKHOLE);
            case UNREACHABLE -> one(Adjacency.UNREACHABLE);
            case PROHIBIT -> one(Adjacency.PROHIBIT);
            case UNICAST -> {
                List<Path> paths = new ArrayList<>(key.gateways().size());
                for (Route.Gateway gateway : key.gateways()) {
                    resolve(group, gateway, paths);
                }
                yield paths;
            }
        };
    }

    private static List<Path> one(Adjacency adjacency) {
        return List.of(new Path(adjacency, 1));
    }

    private void resolve(NextHopGroup group, Route.Gateway gateway, List<Path> paths) {
        if (!gateway.isRecursive()) {
            if (!downPorts.contains(gateway.port())) {
                paths.add(neighbor(group, gateway.port(), gateway));
            }
            return;
        }
        NextHopGroup through = rib.through(gateway);
        if (through == null) {
            return;
        }
        switch (through.key.kind()) {
            case LINK -> paths.add(neighbor(group, through.key.port(), gateway));
            case BLACKHOLE, UNREACHABLE, PROHIBIT, TABLE -> {}
            case UNICAST -> {
                if (!hangsOn(through, group, new HashSet<>())) {
                    through.dependents.add(group);
                    group.supports.add(through);
                    for (Path path : through.paths) { // all of its paths, its weights within ours
                        paths.add(new Path(path.adjacency(), path.weight() * gateway.weight()));
                    }
                }
            }
        }
    }

    /// Whether `group` is resolved through `other`, or is it: then `other` must not be resolved
    /// through `group`.
    private static boolean hangsOn(NextHopGroup group, NextHopGroup other, Set<NextHopGroup> seen) {
        if (group == other) {
            return true;
        }
        for (NextHopGroup support : group.supports) {
            if (seen.add(support) && hangsOn(support, other, seen)) {
                return true;
            }
        }
        return false;
    }

    private Path neighbor(NextHopGroup group, int port, Route.Gateway gateway) {
        Adjacency adjacency = adjacencies.neighbor(port, gateway.address(), group.key.host());
        return new Path(adjacency, gateway.weight());
    }

    private Adjacency link(int port) {
        while (links.size() <= port) {
            links.add(Adjacency.link(links.size()));
        }
        return links.get(port);
    }

    /// Counts the neighbors that groups need, and lets go of those that none does.
    void keep(NextHopGroup.Key key, List<Path> before, List<Path> after) {
        if (key.host()) {
            return;
        }
        for (Path path : after) {
            uses.merge(path.adjacency(), 1, Integer::sum);
        }
        for (Path path : before) {
            Adjacency adjacency = path.adjacency();
            if (uses.merge(adjacency, -1, Integer::sum) == 0) {
                uses.remove(adjacency);
                if (adjacency.kind == Adjacency.Kind.NEIGHBOR) {
                    adjacencies.unused(adjacency);
                }
            }
        }
    }

    /// A group has no routes any more.
    void forget(NextHopGroup group) {
        keep(group.key, group.paths, List.of());
        for (NextHopGroup support : group.supports) {
            support.dependents.remove(group);
        }
        group.supports.clear();
    }
}
