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
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Times are in nanoseconds on a clock of the test's own: retransmit 10, 3 attempts, reachable 100,
/// stale 1000.
class NeighborTableTest {
    private static final IpAddress HOST = Ip4Address.parse("10.1.0.2");
    private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:02");
    private static final MacAddress OTHER = MacAddress.parse("02:00:00:00:00:03");

    private final List<String> wire = new ArrayList<>();
    private final NeighborTable table = table(4, false);

    private NeighborTable table(int limit, boolean verify) {
        return new NeighborTable(
                new NeighborTable.Timing(10, 3, 100, 1000, limit, 4, verify),
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

                    @Override
                    public void crowdedOut(int port, IpAddress address) {
                        wire.add("crowded out " + address);
                    }
                },
                port -> 0x020000000001L + port);
    }

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
        assertEquals(Long.MAX_VALUE, table.tick(30), "nothing is due any more");

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

        assertEquals(1, table.tick(79), "how long until it is due");
        assertThat(wire()).isEmpty();
        assertEquals(10, table.tick(80));
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
        table.heard(0, HOST, MAC, Evidence.QUESTION, 0);
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

        table.heard(0, HOST, MAC, Evidence.QUESTION, 1);
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

    /// Nobody asked for it.
    @Test
    void unwantedAnswerMakesNoEntry() {
        table.heard(0, HOST, MAC, Evidence.CONFIRMATION, 0);
        table.heard(0, HOST, MAC, Evidence.YIELDING_CONFIRMATION, 0);
        assertThat(table.all()).isEmpty();
        assertThat(wire()).isEmpty();
    }

    private static IpAddress host(int number) {
        return new Ip4Address(number);
    }

    /// Hosts that are there and were heard of lately.
    private static void confirm(NeighborTable table, int port, int first, int count, long now) {
        for (int i = first; i < first + count; i++) {
            table.wanted(port, host(i), now);
            table.heard(port, host(i), MAC, Evidence.CONFIRMATION, now);
        }
    }

    private static List<String> known(NeighborTable table) {
        return table.all().stream()
                .filter(n -> n.state() != State.INCOMPLETE)
                .map(n -> n.port() + ":" + n.address())
                .toList();
    }

    @Test
    void scanTakesNoRoomFromWhoIsThere() {
        confirm(table, 1, 1, 4, 0);
        wire();
        for (int i = 100; i < 100_000; i++) {
            table.wanted(1, host(i), i);
        }
        assertThat(known(table))
                .containsExactly("1:0.0.0.1", "1:0.0.0.2", "1:0.0.0.3", "1:0.0.0.4");
        assertThat(table.all()).hasSize(4 + 4);
    }

    @Test
    void oldestQuestionGivesWay() {
        for (int i = 1; i <= 4; i++) {
            table.wanted(0, host(i), i);
        }
        wire();
        table.wanted(0, host(5), 5);
        assertThat(wire()).containsExactly("crowded out 0.0.0.1", "ask all 0.0.0.5");
    }

    @Test
    void questionsOnThePortWithMostGiveWay() {
        table.wanted(1, HOST, 0);
        for (int i = 1; i <= 1000; i++) {
            table.wanted(0, host(i), i);
        }
        wire();
        table.heard(1, HOST, MAC, Evidence.CONFIRMATION, 1001);
        assertThat(wire()).containsExactly("resolved 10.1.0.2");
        table.wanted(2, HOST, 1002);
        table.wanted(2, host(7), 1003);
        assertThat(wire())
                .containsExactly("ask all 10.1.0.2", "crowded out 0.0.3.230", "ask all 0.0.0.7");
    }

    @Test
    void nextHopsOfRoutesAndStaticEntriesNeitherCountNorGiveWay() {
        table.pin(0, HOST, 0);
        table.addStatic(0, host(200), MAC, 0);
        for (int i = 1; i <= 100; i++) {
            table.wanted(0, host(i), i);
        }
        assertThat(table.all()).hasSize(2 + 4).anyMatch(n -> n.address().equals(HOST));
    }

    @Test
    void longestIdleGivesWay() {
        for (int i = 1; i <= 4; i++) {
            table.heard(0, host(i), MAC, Evidence.QUESTION, i);
        }
        table.heard(0, host(1), OTHER, Evidence.QUESTION, 5);
        wire();
        table.heard(0, host(5), MAC, Evidence.QUESTION, 6);
        assertThat(wire()).containsExactly("failed 0.0.0.2", "resolved 0.0.0.5");
    }

    @Test
    void confirmedOnesStayForNewcomersOfTheirPort() {
        confirm(table, 0, 1, 4, 0);
        wire();
        table.heard(0, host(9), MAC, Evidence.QUESTION, 1);
        table.wanted(0, host(8), 1);
        table.heard(0, host(8), MAC, Evidence.CONFIRMATION, 2);
        assertThat(wire()).containsExactly("ask all 0.0.0.8", "crowded out 0.0.0.8");
        assertThat(known(table)).hasSize(4);
    }

    /// A station that invents others on its link leaves the other links their room.
    @Test
    void thePortWithMostGivesWayToOthers() {
        confirm(table, 0, 1, 4, 0);
        confirm(table, 1, 50, 2, 1);
        assertThat(known(table))
                .containsExactly("0:0.0.0.3", "0:0.0.0.4", "1:0.0.0.50", "1:0.0.0.51");
        table.heard(1, host(60), MAC, Evidence.QUESTION, 2);
        assertThat(known(table)).hasSize(4);
    }

    @Test
    void claimIsRefusedWhileTheOwnerAnswers() {
        NeighborTable careful = table(4, true);
        confirm(careful, 0, 1, 1, 0);
        Adjacency adjacency = careful.pin(0, host(1), 0);
        wire();
        for (int now = 50; now < 60; now++) {
            careful.heard(0, host(1), OTHER, Evidence.ANNOUNCEMENT, now);
            careful.heard(0, host(1), OTHER, Evidence.CONFIRMATION, now);
            careful.heard(0, host(1), OTHER, Evidence.QUESTION, now);
        }
        careful.tick(60);
        assertThat(wire()).containsExactly("ask 02:00:00:00:00:02 0.0.0.1");
        assertEquals(new Rewrite(MAC.bits(), 0x020000000001L), adjacency.rewrite());
        careful.heard(0, host(1), MAC, Evidence.CONFIRMATION, 60);
        for (int now = 60; now < 80; now++) {
            careful.tick(now);
        }
        assertThat(wire()).isEmpty();
        assertEquals(MAC, careful.all().iterator().next().mac());
    }

    /// Whoever claims all the time makes no more than one question in a retransmission time.
    @Test
    void claimsMakeFewQuestions() {
        NeighborTable careful = table(4, true);
        confirm(careful, 0, 1, 1, 0);
        wire();
        for (int now = 0; now < 100; now++) {
            careful.heard(0, host(1), OTHER, Evidence.ANNOUNCEMENT, now);
            careful.tick(now);
            if (!wire().isEmpty()) {
                wire.add("asked");
                careful.heard(0, host(1), MAC, Evidence.CONFIRMATION, now);
            }
        }
        assertThat(wire()).hasSizeLessThanOrEqualTo(10);
        assertEquals(MAC, careful.all().iterator().next().mac());
    }

    @Test
    void claimantGetsTheAddressOfWhoIsGone() {
        NeighborTable careful = table(4, true);
        careful.heard(0, HOST, MAC, Evidence.QUESTION, 0);
        Adjacency adjacency = careful.pin(0, HOST, 0);
        wire();
        careful.heard(0, HOST, OTHER, Evidence.ANNOUNCEMENT, 1);
        for (int now = 1; now <= 7; now++) { // at five times the pace: 1, 3, 5
            careful.tick(now);
        }
        assertThat(wire())
                .containsExactly(
                        "ask 02:00:00:00:00:02 10.1.0.2",
                        "ask 02:00:00:00:00:02 10.1.0.2",
                        "ask 02:00:00:00:00:02 10.1.0.2",
                        "ask 02:00:00:00:00:03 10.1.0.2");
        assertEquals(new Rewrite(OTHER.bits(), 0x020000000001L), adjacency.rewrite());
        careful.heard(0, HOST, OTHER, Evidence.CONFIRMATION, 8);
        assertEquals(State.REACHABLE, careful.all().iterator().next().state());
    }

    /// Counts agree with the states after every step, whatever happens.
    @Test
    void limitsHoldUnderRandomEvents() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            NeighborTable any = table(6, random.nextBoolean());
            long now = 0;
            for (int step = 0; step < 300; step++) {
                now += random.nextInt(8);
                int port = random.nextInt(3);
                IpAddress host = host(1 + random.nextInt(30));
                MacAddress mac = new MacAddress(0x020000000010L + random.nextInt(3));
                switch (random.nextInt(8)) {
                    case 0, 1 -> any.wanted(port, host, now);
                    case 2, 3 ->
                            any.heard(
                                    port,
                                    host,
                                    mac,
                                    Evidence.values()[random.nextInt(Evidence.values().length)],
                                    now);
                    case 4 -> any.pin(0, host, now);
                    case 5 -> any.unpin(0, host);
                    case 6 -> any.remove(port, host, now);
                    default -> any.tick(now);
                }
                long open = 0;
                long known = 0;
                for (Neighbor n : any.all()) {
                    open += !n.pinned && n.state == State.INCOMPLETE ? 1 : 0;
                    known += !n.pinned && n.state != State.INCOMPLETE ? 1 : 0;
                    assertEquals(
                            n.state != State.INCOMPLETE && n.state != State.FAILED,
                            n.isResolved(),
                            "seed " + seed);
                }
                assertEquals(open, any.shares().unresolved(), "seed " + seed);
                assertEquals(known, any.shares().known(), "seed " + seed);
            }
        }
    }

    @Test
    void flushForgetsWhatWasLearnedOnOnePort() {
        table.heard(0, HOST, MAC, Evidence.QUESTION, 0);
        table.heard(1, HOST, MAC, Evidence.QUESTION, 0);
        table.flush(1, 1);

        assertThat(table.all()).singleElement().satisfies(n -> assertEquals(0, n.port()));
    }
}
