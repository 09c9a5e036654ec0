package dev.stride.core.forward;

import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.NextHopTable;
import dev.stride.core.fib.Fib4;
import dev.stride.core.fib.Fib6;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.pfil.Pfil;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// Everything that workers read and the control thread writes.
///
/// Publication: the FIB, the next-hop table and the hook points publish their own changes. `local`,
/// `local6` and `ports` are immutable and replaced by one release store each; a worker acquires
/// each once a burst. They may differ by one change for the length of a burst, which is harmless: a
/// packet is judged as if it had come a little earlier or later.
public final class ForwardingState {
    private static final VarHandle LOCAL;
    private static final VarHandle LOCAL6;
    private static final VarHandle PORTS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            LOCAL = lookup.findVarHandle(ForwardingState.class, "local", LocalAddresses.class);
            LOCAL6 = lookup.findVarHandle(ForwardingState.class, "local6", LocalAddresses6.class);
            PORTS = lookup.findVarHandle(ForwardingState.class, "ports", PortState[].class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    public final Fib4 fib4;
    public final Fib6 fib6;
    public final NextHopTable nextHops = new NextHopTable();
    public final Pfil pfil = new Pfil();

    private LocalAddresses local = new LocalAddresses(new int[0], new int[0]); // control: rw
    private LocalAddresses6 local6 = new LocalAddresses6(new long[0]); // control: rw
    private PortState[] ports = {}; // control: rw, workers: ro

    /// Empty tables.
    ///
    /// @param readers the threads that look up
    public ForwardingState(Quiescence readers) {
        fib4 = new Fib4(readers);
        fib6 = new Fib6(readers);
    }

    public LocalAddresses local() {
        return (LocalAddresses) LOCAL.getAcquire(this);
    }

    public LocalAddresses6 local6() {
        return (LocalAddresses6) LOCAL6.getAcquire(this);
    }

    /// Most ports at a time.
    public static final int MAX_PORTS = 256;

    /// Ports by index, of which some may not be [PortState#isPresent]; not to be changed.
    public PortState[] ports() {
        return (PortState[]) PORTS.getAcquire(this);
    }

    /// Whether a port's policy lets a source pass that [#fib4] or [#fib6] answers with `nextHop`.
    /// Workers.
    boolean passesReversePath(PortState port, int nextHop) {
        NextHop back = NextHopTable.at(nextHops.slots(), nextHop);
        if (back == null || !back.isForwarding()) {
            return false;
        }
        return port.policy().reversePath() == PortPolicy.ReversePath.LOOSE
                || back.leavesBy(port.index());
    }

    /// Publishes new ports and what follows from them: local and broadcast addresses. The control
    /// thread only.
    public void publishPorts(PortState[] next) {
        int[] own = addresses(next, false);
        int[] broadcast = addresses(next, true);
        PORTS.setRelease(this, next.clone());
        LOCAL.setRelease(this, new LocalAddresses(own, broadcast));
        LOCAL6.setRelease(this, new LocalAddresses6(addresses6(next)));
    }

    /// Publishes the state of one port, new or not. The control thread only.
    public void publishPort(PortState port) {
        PortState[] next = Arrays.copyOf(ports, Math.max(ports.length, port.index() + 1));
        for (int i = ports.length; i < next.length; i++) {
            next[i] = PortState.absent(i);
        }
        next[port.index()] = port;
        publishPorts(next);
    }

    /// Publishes that there is no port of this index. The control thread only.
    public void removePort(int index) {
        publishPort(PortState.absent(index));
    }

    /// The router's addresses, or the all-ones and all-zeros addresses of its links (RFC 1812
    /// section 5.3.5). A /31 has none of the latter (RFC 3021).
    private static int[] addresses(PortState[] ports, boolean broadcast) {
        return Arrays.stream(ports)
                .flatMap(port -> port.addresses().stream())
                .flatMapToInt(
                        a -> {
                            if (!broadcast) {
                                return IntStream.of(a.bits());
                            }
                            int first = a.prefix().bits();
                            return a.length() >= 31
                                    ? IntStream.empty()
                                    : IntStream.of(first, first | ~Ip4Prefix.mask(a.length()));
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
}
