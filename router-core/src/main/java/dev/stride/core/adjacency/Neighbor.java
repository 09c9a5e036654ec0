package dev.stride.core.adjacency;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.MacAddress;
import org.jspecify.annotations.Nullable;

/// One station on a link and how sure we are of its MAC address. The control thread only.
public final class Neighbor {
    /// The states of RFC 4861 section 7.3.2, used for ARP as well. DELAY is left out: a stale
    /// neighbor that is used is probed at once, with traffic going on.
    public enum State {
        /// Asked for, no answer yet: packets wait.
        INCOMPLETE,
        /// Confirmed lately.
        REACHABLE,
        /// Not confirmed for a while, and not used either.
        STALE,
        /// Being asked by unicast whether it is still there; packets go on.
        PROBE,
        /// Did not answer; kept because a route leads to it.
        FAILED,
        /// Configured, never asked.
        PERMANENT
    }

    final Adjacency adjacency;
    State state = State.INCOMPLETE;
    @Nullable MacAddress mac;
    @Nullable MacAddress claimed; // by another station, while the one that we know is asked
    boolean pinned; // a route leads to it
    int attempts;
    long deadline; // nanoseconds; when to look again
    long changed; // nanoseconds; when it was last confirmed or changed state

    Neighbor(int port, IpAddress address) {
        adjacency = Adjacency.neighbor(port, address);
    }

    public int port() {
        return adjacency.port;
    }

    public IpAddress address() {
        IpAddress address = adjacency.address;
        assert address != null;
        return address;
    }

    public State state() {
        return state;
    }

    /// The MAC address as far as it is known.
    public @Nullable MacAddress mac() {
        return mac;
    }

    /// Nanoseconds since it was last confirmed or changed.
    public long age(long nowNanos) {
        return nowNanos - changed;
    }

    boolean isResolved() {
        return adjacency.rewrite() != null;
    }
}
