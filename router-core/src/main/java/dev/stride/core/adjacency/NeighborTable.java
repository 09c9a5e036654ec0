package dev.stride.core.adjacency;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.adjacency.Neighbor.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/// The neighbors of all ports and their states (RFC 826, RFC 1122 section 2.3.2, states as in RFC
/// 4861). The control thread only; workers see nothing but the [Adjacency] of each. Time is given
/// by the caller, in nanoseconds.
public final class NeighborTable {
    /// What the table asks of its owner.
    public interface Wire {
        /// Ask who has `address`: everybody, or the station `mac` when it is not null.
        void solicit(int port, IpAddress address, @Nullable MacAddress mac);

        /// Packets can go to `adjacency` from now on.
        void resolved(Adjacency adjacency);

        /// Nobody has `address`, or nothing is known of it any more.
        void failed(int port, IpAddress address);

        /// `address` is not asked for any more, in favor of others.
        void crowdedOut(int port, IpAddress address);
    }

    /// How long things take and how much there may be.
    ///
    /// @param retransmit nanoseconds between two requests
    /// @param attempts requests before giving up
    /// @param reachable nanoseconds that a confirmation lasts
    /// @param stale nanoseconds after which an unused neighbor is forgotten
    /// @param limit learned neighbors at most, see [NeighborShares]
    /// @param unresolved neighbors that are asked for at most, beside those
    /// @param verify whether a MAC address changes only when the station that had it answers no
    ///   more
    public record Timing(
            long retransmit,
            int attempts,
            long reachable,
            long stale,
            int limit,
            int unresolved,
            boolean verify) {}

    private record Key(int port, IpAddress address) {}

    /// Retries of a failed next hop come this many times slower than requests.
    private static final int FAILED_BACKOFF = 5;

    /// A station whose address another one claims is asked so many times faster.
    private static final int CLAIMED_PACE = 5;

    private Timing timing;
    private final Wire wire;
    private final IntToLongFunction portMac;
    private final Map<Key, Neighbor> neighbors = new LinkedHashMap<>();
    private final NeighborShares shares = new NeighborShares();

    /// @param portMac the router's own MAC address on a port, in the lower 48 bits
    public NeighborTable(Timing timing, Wire wire, IntToLongFunction portMac) {
        this.timing = timing;
        this.wire = wire;
        this.portMac = portMac;
    }

    /// Other times and bounds, for what begins from now on.
    public void retime(Timing other) {
        timing = other;
    }

    /// The adjacency of a next hop that a route leads to. It is resolved at once and kept so.
    public Adjacency pin(int port, IpAddress address, long now) {
        Neighbor neighbor = neighbors.get(new Key(port, address));
        if (neighbor == null) {
            neighbor = create(port, address);
            neighbor.pinned = true;
            begin(neighbor, now);
        } else if (!neighbor.pinned) {
            neighbor.pinned = true;
            shares.file(neighbor);
        }
        return neighbor.adjacency;
    }

    /// The adjacency of a neighbor that is known already, else null.
    public @Nullable Adjacency known(int port, IpAddress address) {
        Neighbor neighbor = neighbors.get(new Key(port, address));
        return neighbor == null ? null : neighbor.adjacency;
    }

    /// No route leads to the neighbor any more.
    public void unpin(int port, IpAddress address) {
        Neighbor neighbor = neighbors.get(new Key(port, address));
        if (neighbor != null) {
            neighbor.pinned = false;
            shares.file(neighbor);
        }
    }

    /// Packets wait for this neighbor. Answered in the end by [Wire#resolved] or [Wire#failed].
    public void wanted(int port, IpAddress address, long now) {
        Neighbor neighbor = neighbors.get(new Key(port, address));
        if (neighbor == null) {
            Neighbor oldest =
                    shares.unresolved() < timing.unresolved() ? null : shares.oldestQuestion();
            if (oldest != null) {
                crowdOut(oldest);
            }
            begin(create(port, address), now);
        } else if (neighbor.isResolved()) {
            wire.resolved(neighbor.adjacency);
        } else if (neighbor.state == State.FAILED) {
            begin(neighbor, now);
        }
    }

    /// The router has addresses to ask with on a port, which it had not: asks at once for those who
    /// are waited for.
    public void askAgain(int port, long now) {
        for (Neighbor neighbor : List.copyOf(neighbors.values())) {
            if (neighbor.port() == port && neighbor.state == State.INCOMPLETE) {
                begin(neighbor, now);
            }
        }
    }

    /// A station told its MAC address.
    public void heard(int port, IpAddress address, MacAddress mac, Evidence evidence, long now) {
        Neighbor neighbor = neighbors.get(new Key(port, address));
        if (neighbor == null) {
            if (evidence == Evidence.QUESTION && makeRoom(port)) {
                resolve(create(port, address), mac, State.STALE, now);
            }
        } else if (neighbor.state != State.PERMANENT) {
            weigh(neighbor, mac, evidence, now);
        }
    }

    private void weigh(Neighbor neighbor, MacAddress mac, Evidence evidence, long now) {
        boolean differs = neighbor.isResolved() && !mac.equals(neighbor.mac);
        if (differs && timing.verify()) {
            doubt(neighbor, mac, now);
            return;
        }
        if (neighbor.state == State.INCOMPLETE && !neighbor.pinned && !makeRoom(neighbor.port())) {
            crowdOut(neighbor);
            return;
        }
        boolean reachable = neighbor.state == State.REACHABLE;
        switch (evidence) {
            case CONFIRMATION -> resolve(neighbor, mac, State.REACHABLE, now);
            case YIELDING_CONFIRMATION -> {
                if (!differs) {
                    resolve(neighbor, mac, State.REACHABLE, now);
                } else if (reachable) {
                    enter(neighbor, State.STALE, now, timing.stale());
                }
            }
            case ANNOUNCEMENT ->
                    resolve(neighbor, mac, reachable ? State.REACHABLE : State.STALE, now);
            case HINT -> {
                if (!neighbor.isResolved()) {
                    resolve(neighbor, mac, State.STALE, now);
                } else if (differs && reachable) {
                    enter(neighbor, State.STALE, now, timing.stale());
                }
            }
            case QUESTION -> {
                if (differs || !neighbor.isResolved()) {
                    resolve(neighbor, mac, State.STALE, now);
                }
            }
        }
    }

    /// Another station claims the address. It gets it when the one that we know does not answer any
    /// more; that one is asked once in a retransmission time at most, however many claim.
    private void doubt(Neighbor neighbor, MacAddress by, long now) {
        neighbor.claimed = by;
        if (neighbor.state == State.STALE) {
            probe(neighbor, now);
        } else if (neighbor.state == State.REACHABLE) {
            long soon = neighbor.changed + timing.retransmit();
            neighbor.deadline = soon - neighbor.deadline < 0 ? soon : neighbor.deadline;
        }
    }

    /// Adds or changes a static entry.
    public void addStatic(int port, IpAddress address, MacAddress mac, long now) {
        Neighbor neighbor = neighbors.get(new Key(port, address));
        if (neighbor == null) {
            neighbor = create(port, address);
        }
        resolve(neighbor, mac, State.PERMANENT, now);
    }

    /// Forgets an entry of any kind; one that a route leads to is asked for again.
    ///
    /// @return whether it was there
    public boolean remove(int port, IpAddress address, long now) {
        Neighbor neighbor = neighbors.get(new Key(port, address));
        if (neighbor == null) {
            return false;
        }
        lose(neighbor, now);
        return true;
    }

    /// Forgets everything learned, on one port or, with -1, on all.
    public void flush(int port, long now) {
        for (Neighbor neighbor : List.copyOf(neighbors.values())) {
            if (neighbor.state != State.PERMANENT && (port < 0 || neighbor.port() == port)) {
                lose(neighbor, now);
            }
        }
    }

    /// Forgets everything on a port that goes for good. No route may lead to it any more.
    public void forget(int port) {
        for (Neighbor neighbor : List.copyOf(neighbors.values())) {
            if (neighbor.port() == port) {
                drop(neighbor);
            }
        }
    }

    /// Looks at what is due. Call it now and then besides: whether a neighbor that was not heard of
    /// for long is in use again, it sees only then.
    ///
    /// @return nanoseconds until the next thing is due, [Long#MAX_VALUE] for nothing
    public long tick(long now) {
        List<Neighbor> due = new ArrayList<>();
        for (Neighbor neighbor : neighbors.values()) {
            if (neighbor.state == State.STALE && neighbor.adjacency.clearUsed()) {
                probe(neighbor, now);
            } else if (neighbor.state != State.PERMANENT && now - neighbor.deadline >= 0) {
                due.add(neighbor);
            }
        }
        for (Neighbor neighbor : due) {
            expire(neighbor, now);
        }
        long next = Long.MAX_VALUE;
        for (Neighbor neighbor : neighbors.values()) {
            if (neighbor.state != State.PERMANENT) {
                next = Math.min(next, neighbor.deadline - now);
            }
        }
        return next;
    }

    /// All neighbors, as they are now.
    public Collection<Neighbor> all() {
        return Collections.unmodifiableCollection(neighbors.values());
    }

    private void expire(Neighbor neighbor, long now) {
        switch (neighbor.state) {
            case INCOMPLETE -> {
                if (neighbor.attempts < timing.attempts()) {
                    ask(neighbor, null, now);
                } else {
                    fail(neighbor, now);
                }
            }
            case REACHABLE -> {
                if (neighbor.adjacency.clearUsed() || neighbor.pinned || neighbor.claimed != null) {
                    probe(neighbor, now);
                } else {
                    enter(neighbor, State.STALE, now, timing.stale());
                }
            }
            case PROBE -> {
                if (neighbor.attempts < timing.attempts()) {
                    ask(neighbor, neighbor.mac, now);
                } else if (neighbor.claimed != null) { // the other one has it now, if it answers
                    resolve(neighbor, neighbor.claimed, State.STALE, now);
                    probe(neighbor, now);
                } else { // perhaps it has another MAC address now
                    neighbor.adjacency.resolve(null);
                    begin(neighbor, now);
                }
            }
            case STALE -> {
                if (neighbor.pinned) {
                    probe(neighbor, now);
                } else {
                    lose(neighbor, now);
                }
            }
            case FAILED -> {
                if (neighbor.pinned) {
                    begin(neighbor, now);
                } else {
                    lose(neighbor, now);
                }
            }
            case PERMANENT -> {}
        }
    }

    NeighborShares shares() {
        return shares;
    }

    private Neighbor create(int port, IpAddress address) {
        Neighbor neighbor = new Neighbor(port, address);
        neighbors.put(new Key(port, address), neighbor);
        return neighbor;
    }

    /// Whether one more known neighbor fits, if need be in place of another.
    private boolean makeRoom(int port) {
        if (shares.known() < timing.limit()) {
            return true;
        }
        Neighbor least = shares.leastKnown(port);
        if (least != null) {
            drop(least);
        }
        return least != null;
    }

    private void begin(Neighbor neighbor, long now) {
        enter(neighbor, State.INCOMPLETE, now, 0);
        neighbor.claimed = null;
        neighbor.attempts = 0;
        ask(neighbor, null, now);
    }

    private void probe(Neighbor neighbor, long now) {
        enter(neighbor, State.PROBE, now, 0);
        neighbor.attempts = 0;
        ask(neighbor, neighbor.mac, now);
    }

    private void ask(Neighbor neighbor, @Nullable MacAddress mac, long now) {
        neighbor.attempts++;
        long pace = neighbor.claimed == null ? 1 : CLAIMED_PACE;
        neighbor.deadline = now + timing.retransmit() / pace;
        wire.solicit(neighbor.port(), neighbor.address(), mac);
    }

    private void resolve(Neighbor neighbor, MacAddress mac, State state, long now) {
        boolean was = neighbor.isResolved();
        if (!was || !mac.equals(neighbor.mac)) {
            long own = portMac.applyAsLong(neighbor.port());
            neighbor.mac = mac;
            neighbor.adjacency.resolve(new Rewrite(mac.bits(), own));
        }
        neighbor.claimed = null;
        enter(neighbor, state, now, state == State.REACHABLE ? timing.reachable() : timing.stale());
        if (!was) {
            wire.resolved(neighbor.adjacency);
        }
    }

    private void enter(Neighbor neighbor, State state, long now, long lasts) {
        neighbor.state = state;
        neighbor.changed = now;
        neighbor.deadline = now + lasts;
        shares.file(neighbor);
    }

    private void fail(Neighbor neighbor, long now) {
        if (neighbor.pinned) {
            enter(neighbor, State.FAILED, now, FAILED_BACKOFF * timing.retransmit());
            wire.failed(neighbor.port(), neighbor.address());
        } else {
            drop(neighbor);
        }
    }

    private void lose(Neighbor neighbor, long now) {
        if (neighbor.pinned) {
            neighbor.adjacency.resolve(null);
            neighbor.mac = null;
            begin(neighbor, now);
        } else {
            drop(neighbor);
        }
    }

    private void drop(Neighbor neighbor) {
        remove(neighbor);
        wire.failed(neighbor.port(), neighbor.address());
    }

    private void crowdOut(Neighbor neighbor) {
        remove(neighbor);
        wire.crowdedOut(neighbor.port(), neighbor.address());
    }

    private void remove(Neighbor neighbor) {
        neighbors.remove(new Key(neighbor.port(), neighbor.address()));
        shares.take(neighbor);
        neighbor.adjacency.resolve(null);
    }
}
