package dev.stride.daemon;

import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.core.forward.PortState.Address6;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

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

    /// Somebody else has an address. One that we use already we keep: it was ours first.
    void conflict(int index, Ip6Address address, MacAddress by) {
        PortState port = state.ports()[index];
        List<Address6> next = new ArrayList<>();
        for (Address6 own : port.addresses6()) {
            boolean it = own.high() == address.high() && own.low() == address.low();
            if (it && own.state() == Address6.State.TENTATIVE) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "port {0}: {1} is in use by {2} already; it is not used here until the"
                                + " port goes down and up",
                        port.name(),
                        address,
                        by);
                next.add(own.in(Address6.State.DUPLICATE));
            } else {
                if (it && own.isValid()) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "port {0}: {1} claims our address {2}",
                            port.name(),
                            by,
                            address);
                }
                next.add(own);
            }
        }
        state.publishPort(port.withAddresses6(next));
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
        List<Address6> next =
                port.addresses6().stream()
                        .map(
                                own ->
                                        own.state() == Address6.State.TENTATIVE
                                                ? own.in(Address6.State.VALID)
                                                : own)
                        .toList();
        state.publishPort(port.withAddresses6(next));
        usable.accept(index);
    }
}
