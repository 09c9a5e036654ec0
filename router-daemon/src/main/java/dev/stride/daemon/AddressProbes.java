package dev.stride.daemon;

import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.core.forward.PortState.Address6;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

/// Duplicate address detection (RFC 4862 section 5.4): an IPv6 address is tentative until a probe
/// has gone unanswered for a second, and is not used when somebody else has it. The control thread
/// only.
final class AddressProbes {
    private static final System.Logger LOG = System.getLogger("control");
    private static final long WAIT = TimeUnit.SECONDS.toNanos(1); // RetransTimer, one transmission

    private final ForwardingState state;
    private final NeighborResolution wire;
    private final IntConsumer usable;
    private final Map<Integer, Long> deadlines = new HashMap<>(); // nanoseconds, by port

    /// @param usable is told of ports whose addresses can be used from now on
    AddressProbes(ForwardingState state, NeighborResolution wire, IntConsumer usable) {
        this.state = state;
        this.wire = wire;
        this.usable = usable;
    }

    /// A port came up, or has other addresses: what is tentative is asked for.
    ///
    /// @return whether anything is; then it will be told when all can be used
    boolean begin(int index, long now) {
        PortState port = state.ports()[index];
        boolean tentative = false;
        for (Address6 address : port.addresses6()) {
            if (address.state() == Address6.State.TENTATIVE) {
                tentative = true;
                Ip6Address target = new Ip6Address(address.high(), address.low());
                wire.send(index, LinkFrames.solicitation(port, null, target, null));
            }
        }
        if (tentative) {
            wire.reportListeners(index); // so that answers reach us through switches
            deadlines.put(index, now + WAIT);
        }
        return tentative;
    }

    /// Somebody else has an address: it is not used where it is not yet. One that we use already we
    /// keep: it was ours first.
    ///
    /// @return whether it was not yet used
    boolean conflict(int index, Ip6Address address, MacAddress by) {
        PortState port = state.ports()[index];
        Address6 own = port.own6(address.high(), address.low());
        if (own == null || own.state() != Address6.State.TENTATIVE) {
            return false;
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "port {0}: {1} is in use by {2} already; it is not used here until the port goes"
                        + " down and up",
                port.name(),
                address,
                by);
        publish(port, each -> each.equals(own) ? own.in(Address6.State.DUPLICATE) : each);
        return true;
    }

    private void publish(PortState port, UnaryOperator<Address6> change) {
        state.publishPort(port.withAddresses6(port.addresses6().stream().map(change).toList()));
    }

    /// Ends what is due.
    void tick(long now) {
        for (Map.Entry<Integer, Long> each : List.copyOf(deadlines.entrySet())) {
            if (now - each.getValue() >= 0) {
                deadlines.remove(each.getKey());
                finish(each.getKey());
            }
        }
    }

    private void finish(int index) {
        PortState port = state.ports()[index];
        if (!port.up()) {
            return; // it begins anew when it comes up
        }
        publish(
                port,
                own ->
                        own.state() == Address6.State.TENTATIVE
                                ? own.in(Address6.State.VALID)
                                : own);
        usable.accept(index);
    }
}
