package dev.stride.daemon.fpm;

import dev.stride.core.addr.IpPrefix;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import dev.stride.daemon.netlink.MessageReader;
import dev.stride.daemon.netlink.NetlinkMessage;
import dev.stride.daemon.netlink.NetlinkMessage.AddressMessage;
import dev.stride.daemon.netlink.NetlinkMessage.EndMessage;
import dev.stride.daemon.netlink.NetlinkMessage.LinkMessage;
import dev.stride.daemon.netlink.NetlinkMessage.MalformedMessage;
import dev.stride.daemon.netlink.NetlinkMessage.NeighborMessage;
import dev.stride.daemon.netlink.NetlinkMessage.NextHopMessage;
import dev.stride.daemon.netlink.NetlinkMessage.OtherMessage;
import dev.stride.daemon.netlink.NetlinkMessage.RouteMessage;
import dev.stride.daemon.source.Devices;
import dev.stride.daemon.source.NextHopIds;
import dev.stride.daemon.source.Skip;
import dev.stride.daemon.source.Target;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/// What the messages of one connection mean: frames in, changes of routes out. One thread.
///
/// Every route replaces what was said about its prefix, whatever the flags of the message. Changes
/// are gathered by destination and the last one counts: a withdrawal that a new route follows in
/// the same frame, as FRR 8 sends a changed route, opens no hole.
final class RouteStream {
    /// Changes that belong together: no destination is in both.
    ///
    /// @param replies what zebra is to be told when they are made
    record Batch(List<Destination> gone, List<Route> put, List<OffloadReplies.Reply> replies) {
        boolean isEmpty() {
            return gone.isEmpty() && put.isEmpty() && replies.isEmpty();
        }
    }

    /// Why no more can be read.
    record Ending(Fault fault, String detail) {}

    private static final System.Logger LOG = System.getLogger("fpm");

    private final int generation;
    private final int distance;
    private final IntUnaryOperator tables;
    private final boolean replying;
    private final OwnAddresses own;
    private final FpmCounters counters;
    private final InlineTargets inline;
    private final NextHopIds nextHops;
    private final WaitingRoutes waiting = new WaitingRoutes();
    private final Revisions revisions = new Revisions();
    private final Map<Integer, Attributes> byId = new HashMap<>(); // of ids that routes have
    private @Nullable Target lastInline; // of a route without an id, and what was made of it
    private @Nullable Attributes lastSaid;
    private final boolean[] mentioned = new boolean[Skip.values().length];
    private List<OffloadReplies.Reply> replies = new ArrayList<>();
    private final Map<Destination, @Nullable Attributes> changes =
            new LinkedHashMap<>(); // null: gone

    /// @param generation of the connection, see [RouteTag]
    /// @param distance of the routes
    /// @param tables gives the index of the routing table of an id; -1 where there is none
    /// @param replying whether zebra is to be told what became of its routes
    /// @param own tells addresses of the router itself
    /// @param devices in the namespace of who speaks
    RouteStream(
            int generation,
            int distance,
            boolean replying,
            OwnAddresses own,
            IntUnaryOperator tables,
            Devices devices,
            FpmCounters counters) {
        this.replying = replying;
        this.own = own;
        this.generation = generation;
        this.distance = distance;
        this.tables = tables;
        this.counters = counters;
        this.inline = new InlineTargets(devices);
        this.nextHops = new NextHopIds(devices);
    }

    /// Reads the messages of a frame.
    ///
    /// @return why nothing more can be read; null when it can
    @Nullable Ending read(ByteBuffer frame) {
        MessageReader reader = new MessageReader(frame);
        for (NetlinkMessage next = reader.next(); next != null; next = reader.next()) {
            switch (next) {
                case RouteMessage route -> route(route);
                case NextHopMessage nextHop -> {
                    if (nextHops.isFull()) {
                        return new Ending(Fault.NEXT_HOPS, nextHops.size() + " ids");
                    }
                    nextHop(nextHop);
                }
                case LinkMessage _,
                        AddressMessage _,
                        NeighborMessage _,
                        EndMessage _,
                        OtherMessage _ ->
                        skip(Skip.MESSAGE, "message");
                case MalformedMessage malformed -> {
                    return new Ending(Fault.MESSAGE, malformed.problem().description());
                }
            }
        }
        counters.known(nextHops.size(), waiting.size());
        return null;
    }

    /// Destinations that [#take] would give.
    int size() {
        return changes.size();
    }

    /// The changes since the last call.
    Batch take() {
        List<Destination> gone = new ArrayList<>();
        List<Route> put = new ArrayList<>(changes.size());
        changes.forEach(
                (to, attributes) -> {
                    if (attributes == null) {
                        gone.add(to);
                    } else {
                        put.add(new Route(to, attributes));
                    }
                });
        changes.clear();
        List<OffloadReplies.Reply> told = replies;
        replies = new ArrayList<>();
        return new Batch(gone, put, told);
    }

    /// Changes of routes that were taken earlier, due after the batches before.
    Revisions revisions() {
        return revisions;
    }

    private void route(RouteMessage route) {
        counters.addRoute();
        IpPrefix prefix = route.prefix();
        int table = tables.applyAsInt(route.table());
        if (table < 0) {
            skip(Skip.TABLE, prefix + " in table " + Integer.toUnsignedString(route.table()));
            return;
        }
        if (route.sourceLength() != 0 || route.tos() != 0) {
            skip(Skip.SOURCE, prefix); // beside the route to this prefix for all packets
            return;
        }
        if (prefix.length() > 0 && Target.isLinkLocal(prefix.first())) {
            skip(Skip.LINK_LOCAL, prefix);
            return;
        }
        Destination to = new Destination(table, prefix);
        waiting.remove(to);
        if (route.gone()) {
            changes.put(to, null);
            return;
        }
        int id = route.kind() == NetlinkMessage.RTN_UNICAST ? route.nextHopId() : 0;
        Target target = id != 0 ? nextHops.get(id) : inline.of(route);
        if (target == null) {
            await(to, id);
        } else if (target.skip() != null) {
            skip(target.skip(), prefix);
            changes.put(to, null); // what was said before does not hold any more
            reply(route, false);
        } else if (hasOwn(to.table(), target)) {
            skip(Skip.OWN_ADDRESS, to.prefix());
            changes.put(to, null);
            reply(route, false);
        } else {
            changes.put(to, attributes(id, target));
            reply(route, true);
        }
    }

    /// It would send packets round in the router.
    private boolean hasOwn(int table, Target target) {
        List<Route.Gateway> gateways = target.gateways();
        for (int i = 0; i < gateways.size(); i++) { // without an iterator for each route
            if (own.has(table, gateways.get(i).address())) {
                return true;
            }
        }
        return false;
    }

    private void reply(RouteMessage route, boolean taken) {
        if (replying) {
            replies.add(new OffloadReplies.Reply(route, taken));
        }
    }

    /// Until the id is known, the route before it stays.
    private void await(Destination to, int id) {
        changes.remove(to);
        if (!waiting.add(to, id)) {
            skip(Skip.WAITING_LIMIT, to.prefix());
        }
    }

    private Attributes attributes(int id, Target target) {
        Attributes known = id != 0 ? byId.get(id) : target.equals(lastInline) ? lastSaid : null;
        if (known != null) {
            return known;
        }
        Attributes fresh =
                new Attributes(
                        RouteSource.FPM,
                        target.kind(),
                        target.gateways(),
                        target.port(),
                        distance,
                        0,
                        RouteTag.of(generation, id));
        if (id != 0) {
            byId.put(id, fresh);
        } else {
            lastInline = target;
            lastSaid = fresh;
        }
        return fresh;
    }

    private void nextHop(NextHopMessage message) {
        counters.addNextHop();
        int id = message.id();
        if (message.gone()) {
            byId.remove(id); // routes that have it are said anew, or withdrawn, by themselves
            nextHops.remove(id).forEach(this::changed);
        } else {
            nextHops.put(message).forEach(this::changed);
        }
    }

    /// An id leads elsewhere: so do the routes that have it, and those that waited for it.
    private void changed(NextHopIds.Change change) {
        Target target = change.after();
        if (target == null) {
            return; // its routes stay as they are until more is said
        }
        int id = change.id();
        Attributes before = byId.remove(id);
        boolean usable = target.skip() == null && !hasOwn(Destination.MAIN, target);
        Attributes after = usable ? attributes(id, target) : null;
        if (before != null) {
            revisions.add(before, after);
        }
        for (Destination to : waiting.release(id)) {
            boolean refused = target.skip() == null && hasOwn(to.table(), target);
            if (refused || target.skip() != null) {
                skip(target.skip() == null ? Skip.OWN_ADDRESS : target.skip(), to.prefix());
            }
            changes.put(to, after);
        }
    }

    /// Counts it, and says so the first time.
    private void skip(Skip why, Object what) {
        counters.add(why);
        if (!mentioned[why.ordinal()]) {
            mentioned[why.ordinal()] = true;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} is skipped: {1}; more of the kind are only counted",
                    what,
                    why.description());
        }
    }
}
