package dev.stride.core.forward;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Fib6;
import dev.stride.core.fib.Quiescence;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// A routing table as workers see it (VRF): what is decided by the port that a packet came by. Each
/// port is in exactly one, [PortState#table]; what tables hold may overlap, own addresses as well.
///
/// Next hops have their numbers in common with all other tables. Publication: the FIBs publish
/// their own changes; the local addresses are immutable and replaced by one release store each.
public final class RoutingTable {
    private static final VarHandle LOCAL;
    private static final VarHandle LOCAL6;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            LOCAL = lookup.findVarHandle(RoutingTable.class, "local", LocalAddresses.class);
            LOCAL6 = lookup.findVarHandle(RoutingTable.class, "local6", LocalAddresses6.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// 0 for the main table; no other table had or will have it.
    public final int index;

    public final String name;
    public final Fib4 fib4;
    public final Fib6 fib6;

    private LocalAddresses local = new LocalAddresses(new int[0], new int[0]); // control: rw
    private LocalAddresses6 local6 = new LocalAddresses6(new long[0]); // control: rw

    /// Empty.
    ///
    /// @param readers the threads that look up
    RoutingTable(int index, String name, Quiescence readers) {
        this.index = index;
        this.name = name;
        fib4 = new Fib4(readers);
        fib6 = new Fib6(readers);
    }

    /// Whether an address is one of the router itself here, or a broadcast address. Any thread.
    public boolean isOwn(IpAddress address) {
        return switch (address) {
            case Ip4Address four -> local().kindOf(four.bits()) != 0;
            case Ip6Address six -> local6().contains(six.high(), six.low());
        };
    }

    public LocalAddresses local() {
        return (LocalAddresses) LOCAL.getAcquire(this);
    }

    public LocalAddresses6 local6() {
        return (LocalAddresses6) LOCAL6.getAcquire(this);
    }

    /// Publishes the local and broadcast addresses of those of the ports that are in it. The
    /// control thread only.
    void publishLocal(PortState[] ports) {
        PortState[] own =
                Arrays.stream(ports).filter(port -> port.table() == this).toArray(PortState[]::new);
        LOCAL.setRelease(this, new LocalAddresses(addresses(own, false), addresses(own, true)));
        LOCAL6.setRelease(this, new LocalAddresses6(addresses6(own)));
    }

    /// The router's addresses, or the all-ones and all-zeros addresses of its links (RFC 1812
    /// section 5.3.5).
    private static int[] addresses(PortState[] ports, boolean broadcast) {
        return Arrays.stream(ports)
                .flatMap(port -> port.addresses().stream())
                .flatMapToInt(
                        a -> {
                            if (!broadcast) {
                                return a.isValid() ? IntStream.of(a.bits()) : IntStream.empty();
                            }
                            return a.hasBroadcast()
                                    ? IntStream.of(a.prefix().bits(), a.broadcast())
                                    : IntStream.empty();
                        })
                .toArray();
    }

    /// The router's global IPv6 addresses and, of links that have room for it, the subnet-router
    /// anycast address (RFC 4291 section 2.6.1, RFC 6164 section 3).
    private static long[] addresses6(PortState[] ports) {
        return Arrays.stream(ports)
                .flatMap(port -> port.addresses6().stream())
                .filter(address -> address.isValid() && !address.isLinkLocal())
                .flatMapToLong(
                        address ->
                                address.length() >= 127
                                        ? LongStream.of(address.high(), address.low())
                                        : LongStream.of(
                                                address.high(),
                                                address.low(),
                                                address.prefix().high(),
                                                address.prefix().low()))
                .toArray();
    }

    @Override
    public String toString() {
        return name;
    }
}
