package dev.stride.io.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class StationsTest {
    private static final long AGEING = 1000;
    private static final long STATION = 0x0200_0000_0001L;

    private final Stations stations = new Stations(AGEING);

    @Test
    void stationIsBehindTheRemoteThatItWasHeardFromLast() {
        assertEquals(Stations.UNKNOWN, stations.find(STATION, 0));
        stations.learn(STATION, 3, 0);
        assertEquals(3, stations.find(STATION, 1));
        stations.learn(STATION, 65_535, 2);
        assertEquals(65_535, stations.find(STATION, 3));
        assertEquals(Stations.UNKNOWN, stations.find(STATION + 1, 3));
    }

    @Test
    void silentStationIsForgotten() {
        stations.learn(STATION, 3, 0);
        assertEquals(3, stations.find(STATION, AGEING));
        assertEquals(Stations.UNKNOWN, stations.find(STATION, AGEING + 1));
        stations.learn(STATION, 4, AGEING + 2);
        assertEquals(4, stations.find(STATION, 2 * AGEING));
    }

    @Test
    void groupsAndNobodyAreNotLearned() {
        stations.learn(0xffff_ffff_ffffL, 3, 0);
        stations.learn(0x0100_5e00_0001L, 3, 0);
        stations.learn(0, 3, 0);
        assertEquals(Stations.UNKNOWN, stations.find(0xffff_ffff_ffffL, 0));
        assertEquals(Stations.UNKNOWN, stations.find(0x0100_5e00_0001L, 0));
        assertEquals(Stations.UNKNOWN, stations.find(0, 0));
    }

    /// A remote that invents stations fills the table, but pushes nobody out.
    @Test
    void inventedStationsPushNobodyOut() {
        stations.learn(STATION, 3, 0);
        for (long i = 1; i < 200_000; i++) {
            stations.learn(STATION + 2 * i, 5, 1);
        }
        assertEquals(3, stations.find(STATION, 2));
        long late = AGEING + 2;
        stations.learn(STATION + 1, 7, late);
        assertEquals(7, stations.find(STATION + 1, late));
    }
}
