package dev.stride.daemon.live;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.forward.AddressState;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// Whether the router's addresses are its alone (RFC 4862 section 5.4, RFC 5227): an address is
/// tentative until its probes have gone unanswered, and is not used when somebody else has it; then
/// it is probed again once a minute. One that we use already we keep and defend: it was ours first.
/// The control thread only.
public final class AddressProbes {
    private static final System.Logger LOG = System.getLogger("control");

    /// RetransTimer; one transmission is enough (RFC 4862 section 5.1).
    private static final long WAIT6 = TimeUnit.SECONDS.toNanos(1);

    /// Probes of an IPv4 address (PROBE_NUM, RFC 5227 section 1.1).
    private static final int PROBES4 = 3;

    /// Between two announcements of what passed (ANNOUNCE_INTERVAL); there are two.
    private static final long ANNOUNCE = TimeUnit.SECONDS.toNanos(2);

    /// After it a duplicate is tried again (RATE_LIMIT_INTERVAL).
    private static final long RETRY = TimeUnit.SECONDS.toNanos(60);

    /// How often an address is defended at most (DEFEND_INTERVAL).
    private static final long DEFEND = TimeUnit.SECONDS.toNanos(10);

    /// Told of ports whose addresses of a family can be used from now on.
    interface Usable {
        void usable4(int port);

        void usable6(int port);
    }

    private record Family(int port, boolean six) {}

    private record Claim(int port, IpAddress address) {}

    /// Probes of a port's addresses of one family.
    private static final class Round {
        int left; // probes to come
        long next; // nanoseconds

        Round(int left, long next) {
            this.left = left;
            this.next = next;
        }
    }

    private final ForwardingState state;
    private final NeighborResolution wire;
    private final long wait4; // nanoseconds between two probes
    private final Usable usable;
    private final Map<Family, Round> rounds = new HashMap<>();
    private final Map<Integer, Long> announcements = new HashMap<>(); // nanoseconds, by port
    private final Map<Integer, Long> retries = new HashMap<>(); // nanoseconds, by port
    private final Map<Claim, Long> defended = new HashMap<>(); // nanoseconds
    private final CompletableFuture<Boolean> settled = new CompletableFuture<>();
    private long defenses;

    /// @param probeTime nanoseconds that an IPv4 address is tentative; 0 uses it at once
    AddressProbes(ForwardingState state, NeighborResolution wire, long probeTime, Usable usable) {
        this.state = state;
        this.wire = wire;
        this.wait4 = probeTime / PROBES4;
        this.usable = usable;
    }

    /// Completes when the IPv4 addresses of the first ports have passed their probes, or not. Any
    /// thread.
    public CompletableFuture<Boolean> settled() {
        return settled;
    }

    /// Announcements in defense of addresses so far.
    public long defenses() {
        return defenses;
    }

    /// A port came up, or has other addresses: what is tentative is asked for.
    void begin(int index, long now) {
        if (wait4 > 0 && probe4(index)) {
            rounds.put(new Family(index, false), new Round(PROBES4 - 1, now + wait4));
        } else {
            finish(new Family(index, false), now);
        }
        if (probe6(index)) {
            wire.reportListeners(index); // so that answers reach us through switches
            rounds.put(new Family(index, true), new Round(0, now + WAIT6));
        } else {
            finish(new Family(index, true), now);
        }
    }

    /// Asks for the tentative addresses of a port; returns whether there are any.
    private boolean probe4(int index) {
        PortState port = state.ports()[index];
        boolean any = false;
        for (PortState.Address address : port.addresses()) {
            if (address.state() == AddressState.TENTATIVE) {
                any = true;
                wire.send(index, LinkFrames.arpRequest(port, 0, null, address.bits()));
            }
        }
        return any;
    }

    private boolean probe6(int index) {
        PortState port = state.ports()[index];
        boolean any = false;
        for (PortState.Address6 address : port.addresses6()) {
            if (address.state() == AddressState.TENTATIVE) {
                any = true;
                Ip6Address target = new Ip6Address(address.high(), address.low());
                wire.send(index, LinkFrames.solicitation(port, null, target, null));
            }
        }
        return any;
    }

    /// Somebody else claims one of our addresses.
    void conflict(int index, IpAddress address, MacAddress by, long now) {
        PortState port = state.ports()[index];
        AddressState known = port.stateOf(address);
        if (known == AddressState.TENTATIVE) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "port {0}: {1} is in use by {2} already; it is not used here, and asked for"
                            + " again in {3} seconds",
                    port.name(),
                    address,
                    by,
                    TimeUnit.NANOSECONDS.toSeconds(RETRY));
            disuse(port, address);
            retries.putIfAbsent(index, now + RETRY);
        } else if (known == AddressState.VALID) {
            defend(port, address, by, now);
        }
    }

    private void disuse(PortState port, IpAddress address) {
        AddressState no = AddressState.DUPLICATE;
        switch (address) {
            case Ip4Address four ->
                    publish4(port, own -> own.bits() == four.bits() ? own.in(no) : own);
            case Ip6Address six ->
                    publish6(
                            port,
                            own ->
                                    own.high() == six.high() && own.low() == six.low()
                                            ? own.in(no)
                                            : own);
        }
    }

    private void publish4(PortState port, UnaryOperator<PortState.Address> change) {
        state.publishPort(port.withAddresses4(port.addresses().stream().map(change).toList()));
    }

    private void publish6(PortState port, UnaryOperator<PortState.Address6> change) {
        state.publishPort(port.withAddresses6(port.addresses6().stream().map(change).toList()));
    }

    /// RFC 5227 section 2.4 (c): tells the link that the address is ours, but not all the time: two
    /// that both insist would fill it.
    private void defend(PortState port, IpAddress address, MacAddress by, long now) {
        Claim claim = new Claim(port.index(), address);
        Long last = defended.get(claim);
        if (last != null && now - last < DEFEND) {
            return;
        }
        defended.put(claim, now);
        defenses++;
        LOG.log(
                System.Logger.Level.WARNING,
                "port {0}: {1} claims our address {2}; the link is told that it is ours",
                port.name(),
                by,
                address);
        wire.announce(port, address);
    }

    /// Whether an address waits to be used.
    boolean isBusy() {
        return !rounds.isEmpty();
    }

    /// Does what is due.
    void tick(long now) {
        for (Map.Entry<Family, Round> each : List.copyOf(rounds.entrySet())) {
            Round round = each.getValue();
            if (now - round.next < 0) {
                continue;
            }
            if (round.left > 0 && probe4(each.getKey().port())) {
                round.left--;
                round.next = now + wait4;
            } else {
                rounds.remove(each.getKey());
                finish(each.getKey(), now);
            }
        }
        if (rounds.keySet().stream().allMatch(Family::six)) {
            settled.complete(true);
        }
        due(announcements, now).forEach(wire::announce4);
        due(retries, now).forEach(port -> retry(port, now));
    }

    /// Takes the ports out whose time has come.
    private static List<Integer> due(Map<Integer, Long> times, long now) {
        List<Integer> due = new ArrayList<>();
        times.forEach(
                (port, time) -> {
                    if (now - time >= 0) {
                        due.add(port);
                    }
                });
        due.forEach(times::remove);
        return due;
    }

    private void retry(int index, long now) {
        if (state.ports()[index].up()) {
            publish4(state.ports()[index], own -> own.in(again(own.state())));
            publish6(state.ports()[index], own -> own.in(again(own.state())));
            begin(index, now);
        }
    }

    private static AddressState again(AddressState was) {
        return was == AddressState.DUPLICATE ? AddressState.TENTATIVE : was;
    }

    /// What is still tentative has passed.
    private void finish(Family family, long now) {
        PortState port = state.ports()[family.port()];
        if (!port.up()) {
            return; // it begins anew when it comes up
        }
        if (family.six()) {
            publish6(port, own -> own.in(passed(own.state())));
            usable.usable6(family.port());
        } else {
            publish4(port, own -> own.in(passed(own.state())));
            usable.usable4(family.port());
            announcements.put(family.port(), now + ANNOUNCE);
        }
    }

    private static AddressState passed(AddressState was) {
        return was == AddressState.TENTATIVE ? AddressState.VALID : was;
    }
}
