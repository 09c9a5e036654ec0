package dev.stride.core.adjacency;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// Where packets go next: a neighbor on a port, the link of a port itself, another routing table,
/// or nowhere. The last step of a lookup.
///
/// Publication: every field but two is final. `rewrite` goes from null to a value and on to others
/// by one release store of the control thread; a worker that acquires it sees an immutable
/// [Rewrite], old or new. `used` is a hint from the workers (opaque store, only when not yet set)
/// that the control thread clears. The collector reclaims.
public final class Adjacency {
    /// What to do with a packet.
    public enum Kind {
        /// Send to [#address] on [#port], when resolved.
        NEIGHBOR,
        /// The destination itself is on the link of [#port]: resolve it.
        LINK,
        /// The destination is looked up in the routing table [#table].
        TABLE,
        /// Drop silently.
        BLACKHOLE,
        /// Drop and say host unreachable.
        UNREACHABLE,
        /// Drop and say administratively prohibited.
        PROHIBIT
    }

    private static final VarHandle REWRITE;
    private static final VarHandle USED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            REWRITE = lookup.findVarHandle(Adjacency.class, "rewrite", Rewrite.class);
            USED = lookup.findVarHandle(Adjacency.class, "used", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// [#keyHigh] of IPv4.
    public static final long IPV4 = -1;

    public static final Adjacency BLACKHOLE = new Adjacency(Kind.BLACKHOLE, -1, -1, null);
    public static final Adjacency UNREACHABLE = new Adjacency(Kind.UNREACHABLE, -1, -1, null);
    public static final Adjacency PROHIBIT = new Adjacency(Kind.PROHIBIT, -1, -1, null);

    public final Kind kind;

    /// Index of the egress port; -1 for the kinds that have none.
    public final int port;

    /// Index of the routing table where the kind is TABLE, else -1.
    public final int table;

    /// The neighbor; null for the other kinds.
    public final @Nullable IpAddress address;

    /// What packets wait under: see [#keyHigh] and [#keyLow].
    public final long keyHigh;

    public final long keyLow;

    private @Nullable Rewrite rewrite; // control: rw, workers: ro
    private boolean used; // workers: set, control: clear

    private Adjacency(Kind kind, int port, int table, @Nullable IpAddress address) {
        this.kind = kind;
        this.port = port;
        this.table = table;
        this.address = address;
        this.keyHigh = address == null ? 0 : keyHigh(address);
        this.keyLow = address == null ? 0 : keyLow(address);
    }

    /// Half of a key that tells stations of a link apart, of both families: the address, for IPv4
    /// behind 64 ones, which begin no IPv6 address of a station.
    public static long keyHigh(IpAddress address) {
        return address instanceof Ip6Address six ? six.high() : IPV4;
    }

    /// The other half of it.
    public static long keyLow(IpAddress address) {
        return switch (address) {
            case Ip4Address four -> four.bits();
            case Ip6Address six -> six.low();
        };
    }

    /// An adjacency that waits for its first [#resolve].
    public static Adjacency neighbor(int port, IpAddress address) {
        return new Adjacency(Kind.NEIGHBOR, port, -1, address);
    }

    /// The link of `port`, for connected prefixes.
    public static Adjacency link(int port) {
        return new Adjacency(Kind.LINK, port, -1, null);
    }

    /// Another lookup, in the routing table of this index.
    public static Adjacency table(int index) {
        return new Adjacency(Kind.TABLE, -1, index, null);
    }

    /// The MAC addresses to write, or null while the neighbor is not resolved. Any thread.
    public @Nullable Rewrite rewrite() {
        return (Rewrite) REWRITE.getAcquire(this);
    }

    /// Publishes new MAC addresses, or null: not resolved any more. The control thread only.
    public void resolve(@Nullable Rewrite to) {
        REWRITE.setRelease(this, to);
    }

    /// Notes that a packet went this way. Workers; a store only for the first packet after
    /// [#clearUsed].
    public void markUsed() {
        if (!(boolean) USED.getOpaque(this)) {
            USED.setOpaque(this, true);
        }
    }

    /// Whether a packet went this way since the last call. The control thread only.
    public boolean clearUsed() {
        boolean was = (boolean) USED.getOpaque(this);
        USED.setOpaque(this, false);
        return was;
    }

    @Override
    public String toString() {
        return kind
                + (port < 0 ? "" : " port " + port)
                + (table < 0 ? "" : " " + table)
                + (address == null ? "" : " " + address);
    }
}
