package dev.stride.core.adjacency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.adjacency.Neighbor.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Times are in nanoseconds on a clock of the test's own: retransmit 10, 3 attempts, reachable 100,
/// stale 1000.
class NeighborTableTest {
    private static final IpAddress HOST = Ip4Address.parse("10.1.0.2");
    private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:02");
    private static final MacAddress OTHER = MacAddress.parse("02:00:00:00:00:03");

    private final List<String> wire = new ArrayList<>();
    private final NeighborTable table =
            new NeighborTable(
                    new NeighborTable.Timing(10, 3, 100, 1000, 4),
                    new NeighborTable.Wire() {
                        @Override
                        public void solicit(int port, IpAddress address, @Nullable MacAddress to) {
                            wire.add((to == null ? "ask all " : "ask " + to + " ") + address);
                        }

                        @Override
                        public void resolved(Adjacency adjacency) {
                            wire.add("resolved " + adjacency.address);
                        }

                        @Override
                        public void failed(int port, IpAddress address) {
                            wire.add("failed " + address);
                        }
                    },
                    port -> 0x020000000001L + port);

    private State state() {
        return table.all().iterator().next().state();
    }

    private List<String> wire() {
        List<String> was = List.copyOf(wire);
        wire.clear();
        return was;
    }

    @Test
    void wantedNeighborIsAskedForUntilItAnswers() {
        table.wanted(0, HOST, 0);
        table.tick(9);
        assertThat(wire()).containsExactly("ask all 10.1.0.2");
        table.tick(10);
        assertThat(wire()).containsExactly("ask all 10.1.0.2");

        table.heard(0, HOST, MAC, Evidence.CONFIRMATION, 11);
        assertThat(wire()).containsExactly("resolved 10.1.0.2");
        assertEquals(State.REACHABLE, state());
    }

    @Test
    void silentNeighborFailsAfterAllAttempts() {
        table.wanted(0, HOST, 0);
        table.tick(10);
        table.tick(20);
        wire();
        table.tick(30);

        assertThat(wire()).containsExactly("failed 10.1.0.2");
        assertThat(table.all()).isEmpty();
    }

    @Test
    void silentNextHopOfARouteIsKeptAndTriedAgain() {
        Adjacency adjacency = table.pin(0, HOST, 0);
        for (long now = 10; now <= 30; now += 10) {
            table.tick(now);
        }
        assertEquals(State.FAILED, state());
        wire();

        table.tick(79);
        assertThat(wire()).isEmpty();
        table.tick(80);
        assertThat(wire()).containsExactly("ask all 10.1.0.2");
        table.heard(0, HOST, MAC, Evidence.CONFIRMATION, 81);
        assertEquals(new Rewrite(MAC.bits(), 0x020000000001L), adjacency.rewrite());
    }

    @Test
    void wantedAgainIsAnsweredAtOnceWhenResolved() {
        table.wanted(0, HOST, 0);
        table.heard(0, HOST, MAC, Evidence.CONFIRMATION, 1);
        wire();
        table.wanted(0, HOST, 2);

        assertThat(wire()).containsExactly("resolved 10.1.0.2");
    }

    @Test
    void usedNeighborIsProbedByUnicastBeforeItExpires() {
        table.wanted(0, HOST, 0);
        table.heard(0, HOST, MAC, Evidence.CONFIRMATION, 0);
        Adjacency adjacency = table.pin(0, HOST, 0);
        table.unpin(0, HOST);
        adjacency.markUsed();
        wire();

        table.tick(99);
        assertThat(wire()).isEmpty();
        table.tick(100);
        assertThat(wire()).containsExactly("ask 02:00:00:00:00:02 10.1.0.2");
        assertEquals(State.PROBE, state());
        assertNotNull(adjacency.rewrite(), "packets go on meanwhile");
        table.heard(0, HOST, MAC, Evidence.CONFIRMATION, 101);
        assertEquals(State.REACHABLE, state());
    }

    @Test
    void neighborThatStopsAnsweringProbesIsAskedForByBroadcastThenForgotten() {
        table.wanted(0, HOST, 0);
        table.heard(0, HOST, MAC, Evidence.CONFIRMATION, 0);
        Adjacency adjacency = table.pin(0, HOST, 0);
        table.unpin(0, HOST);
        adjacency.markUsed();
        for (long now = 100; now <= 120; now += 10) {
            table.tick(now);
        }
        wire();
        table.tick(130);
        assertThat(wire()).containsExactly("ask all 10.1.0.2");
        assertNull(adjacency.rewrite());
        for (long now = 140; now <= 160; now += 10) {
            table.tick(now);
        }
        assertThat(wire()).endsWith("failed 10.1.0.2");
        assertThat(table.all()).isEmpty();
    }

    @Test
    void unusedNeighborGoesStaleAndIsForgotten() {
        table.wanted(0, HOST, 0);
        table.heard(0, HOST, MAC, Evidence.CONFIRMATION, 0);
        wire();
        table.tick(100);
        assertEquals(State.STALE, state());
        table.tick(1099);
        assertThat(wire()).isEmpty();
        table.tick(1100);
        assertThat(wire()).containsExactly("failed 10.1.0.2");
        assertThat(table.all()).isEmpty();
    }

    @Test
    void staleNeighborIsProbedAsSoonAsItIsUsed() {
        table.heard(0, HOST, MAC, Evidence.CONFIRMATION, 0);
        assertEquals(State.STALE, state());
        wire();
        table.pin(0, HOST, 0).markUsed();
        table.tick(5);

        assertThat(wire()).containsExactly("ask 02:00:00:00:00:02 10.1.0.2");
    }

    @Test
    void announcementChangesAnEntryButMakesNone() {
        table.heard(0, HOST, MAC, Evidence.ANNOUNCEMENT, 0);
        assertThat(table.all()).isEmpty();

        table.heard(0, HOST, MAC, Evidence.CONFIRMATION, 1);
        table.heard(0, HOST, OTHER, Evidence.ANNOUNCEMENT, 2);
        assertEquals(OTHER, table.all().iterator().next().mac());
    }

    @Test
    void staticEntryIsNeverAskedNorChanged() {
        table.addStatic(0, HOST, MAC, 0);
        wire();
        table.heard(0, HOST, OTHER, Evidence.CONFIRMATION, 1);
        table.tick(1_000_000);
        table.flush(-1, 1_000_000);

        assertThat(wire()).isEmpty();
        assertEquals(MAC, table.all().iterator().next().mac());
        assertEquals(State.PERMANENT, state());
    }

    @Test
    void fullTableRefusesUntilSomethingIsStale() {
        for (int host = 1; host <= 4; host++) {
            table.wanted(0, new Ip4Address(host), 0);
        }
        wire();
        table.wanted(0, HOST, 1);
        assertThat(wire()).containsExactly("failed 10.1.0.2");

        table.heard(0, new Ip4Address(1), MAC, Evidence.CONFIRMATION, 2);
        table.tick(102);
        wire();
        table.wanted(0, HOST, 103);
        assertThat(wire()).containsExactly("failed 0.0.0.1", "ask all 10.1.0.2");
        assertThat(table.all()).hasSizeLessThanOrEqualTo(4);
    }

    @Test
    void flushForgetsWhatWasLearnedOnOnePort() {
        table.heard(0, HOST, MAC, Evidence.CONFIRMATION, 0);
        table.heard(1, HOST, MAC, Evidence.CONFIRMATION, 0);
        table.flush(1, 1);

        assertThat(table.all()).singleElement().satisfies(n -> assertEquals(0, n.port()));
    }
}
