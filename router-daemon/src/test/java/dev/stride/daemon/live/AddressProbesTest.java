package dev.stride.daemon.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.forward.AddressState;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.core.forward.SlowPath;
import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.rib.Rib;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Arp;
import dev.stride.core.wire.Ethernet;
import dev.stride.io.port.PortQueue;
import dev.stride.io.worker.IdlePolicy;
import dev.stride.io.worker.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Probes and defense of addresses on a clock of the test's own; what is sent is what a worker put
/// on the wire. Times are in milliseconds.
class AddressProbesTest {
    private static final long MAC = 0x02005e100001L;
    private static final MacAddress OTHER = MacAddress.parse("02:00:00:00:00:99");
    private static final IpAddress FOUR = IpAddress.parse("10.1.0.1");
    private static final IpAddress SIX = IpAddress.parse("2001:db8::1");

    private final ForwardingState state = new ForwardingState(new Quiescence());
    private final List<String> events = new ArrayList<>();
    private final Worker worker =
            new Worker(
                    0,
                    state,
                    new Quiescence(),
                    event -> true,
                    new SlowPath.Limits(10, 10, 10, 10, 10, 10, 4, 4),
                    IdlePolicy.BUSY,
                    bug -> {
                        throw new AssertionError(bug);
                    });
    private final Rib rib = new Rib(state.nextHops, noRoutes());
    private final NeighborResolution wire =
            new NeighborResolution(state, new TimedRib(rib, new LiveTables(state, rib)));
    private final AddressProbes probes =
            new AddressProbes(
                    state,
                    wire,
                    ms(300),
                    new AddressProbes.Usable() {
                        @Override
                        public void usable4(int port) {
                            wire.announce4(port);
                            events.add("usable4");
                        }

                        @Override
                        public void usable6(int port) {
                            events.add("usable6");
                        }
                    });

    AddressProbesTest() {
        worker.attach(0, new Wire(), true, false);
        wire.attach(List.of(worker));
    }

    private static long ms(long milliseconds) {
        return milliseconds * 1_000_000;
    }

    private static Rib.Adjacencies noRoutes() {
        return new Rib.Adjacencies() {
            @Override
            public Adjacency neighbor(int port, IpAddress address, boolean host) {
                throw new AssertionError("there are no routes");
            }

            @Override
            public void unused(Adjacency adjacency) {}
        };
    }

    /// Notes what is sent.
    private final class Wire implements PortQueue {
        @Override
        public int receive(Burst into, PacketPool pool) {
            return 0;
        }

        @Override
        public void transmit(Packet[] packets, int from, int to) {
            for (int i = from; i < to; i++) {
                Packet p = packets[i];
                int arp = p.start + Ethernet.HEADER;
                if (Ethernet.type(p.memory, p.start) == Ethernet.ARP) {
                    boolean probe = Arp.senderAddress(p.memory, arp) == 0;
                    events.add(probe ? "probe4" : "announce4");
                } else {
                    events.add("ipv6");
                }
                p.sent = Reason.FORWARDED;
            }
        }

        @Override
        public int descriptor() {
            return -1;
        }
    }

    private void port(boolean up, String... addresses) {
        List<PortState.Address> four = new ArrayList<>();
        List<PortState.Address6> six = new ArrayList<>();
        for (String text : addresses) {
            switch (IpAddress.parse(text)) {
                case Ip4Address a ->
                        four.add(new PortState.Address(a.bits(), 24, AddressState.TENTATIVE));
                case Ip6Address a ->
                        six.add(
                                new PortState.Address6(
                                        a.high(), a.low(), 64, AddressState.TENTATIVE));
            }
        }
        state.publishPort(new PortState(0, "lan", state.main, MAC, 1500, up, four));
        state.publishPort(state.ports()[0].withAddresses6(six));
    }

    /// What happened up to and at `time`, in steps of a tick.
    private List<String> until(long from, long time) {
        for (long now = from; now <= time; now += 50) {
            probes.tick(ms(now));
            int _ = worker.round(ms(now));
        }
        List<String> happened = List.copyOf(events);
        events.clear();
        return happened;
    }

    private String state(IpAddress address) {
        return Objects.toString(state.ports()[0].stateOf(address));
    }

    @Test
    void fourIsProbedThreeTimesThenAnnouncedTwice() {
        port(true, "10.1.0.1");
        probes.begin(0, 0);
        assertThat(until(0, 250)).containsExactly("usable6", "probe4", "probe4", "probe4");
        assertThat(state(FOUR)).isEqualTo("TENTATIVE");
        assertThat(probes.settled()).isNotDone();
        assertThat(until(300, 300)).containsExactly("usable4", "announce4");
        assertThat(state(FOUR)).isEqualTo("VALID");
        assertThat(probes.settled()).isCompleted();
        assertThat(until(350, 2250)).isEmpty();
        assertThat(until(2300, 60_000)).containsExactly("announce4");
    }

    @Test
    void sixIsProbedForASecond() {
        port(true, "2001:db8::1");
        probes.begin(0, 0);
        assertThat(until(0, 950)).containsExactly("usable4", "ipv6", "ipv6");
        assertThat(state(SIX)).isEqualTo("TENTATIVE");
        assertThat(until(1000, 1000)).contains("usable6");
        assertThat(state(SIX)).isEqualTo("VALID");
    }

    @Test
    void duplicateIsNotUsedAndTriedAgainAfterAMinute() {
        port(true, "10.1.0.1", "2001:db8::1");
        probes.begin(0, 0);
        probes.conflict(0, FOUR, OTHER, ms(100));
        probes.conflict(0, SIX, OTHER, ms(100));
        assertThat(until(100, 60_000)).doesNotContain("announce4");
        assertThat(state(FOUR)).isEqualTo("DUPLICATE");
        assertThat(state(SIX)).isEqualTo("DUPLICATE");
        probes.conflict(0, FOUR, OTHER, ms(60_000)); // its owner speaks, and may
        assertThat(probes.defenses()).isZero();

        assertThat(until(60_100, 61_100)).contains("probe4", "announce4", "usable6");
        assertThat(state(FOUR)).isEqualTo("VALID");
        assertThat(state(SIX)).isEqualTo("VALID");
    }

    @Test
    void addressInUseIsDefendedOnceInTenSeconds() {
        port(true, "10.1.0.1", "2001:db8::1");
        probes.begin(0, 0);
        List<String> _ = until(0, 5000);
        for (long now = 5000; now < 25_000; now += 50) {
            probes.conflict(0, FOUR, OTHER, ms(now));
        }
        assertThat(until(25_000, 25_000)).containsExactly("announce4", "announce4");
        assertThat(state(FOUR)).isEqualTo("VALID");
        probes.conflict(0, SIX, OTHER, ms(25_000)); // each address by itself
        assertThat(until(25_000, 25_000)).containsExactly("ipv6");
        assertThat(probes.defenses()).isEqualTo(3);
    }

    @Test
    void portThatWentDownBeginsAnew() {
        port(true, "10.1.0.1");
        probes.begin(0, 0);
        port(false, "10.1.0.1");
        List<String> _ = until(0, 5000);
        assertThat(state(FOUR)).isEqualTo("TENTATIVE");
    }
}
