package dev.stride.core.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ipv4;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class FlowHashTest {
    private static int hash(byte[] frame) {
        return FlowHash.of(MemorySegment.ofArray(frame), 14);
    }

    private static byte[] udp(int sourcePort, int destinationPort, int ttl) {
        return Frame.with(
                Frame.udp("10.1.0.2", "10.2.0.2", ttl, 20),
                m -> Bytes.put32(m, 34, sourcePort << 16 | destinationPort));
    }

    @Test
    void packetsOfAFlowShareTheHash() {
        assertEquals(hash(udp(1000, 53, 64)), hash(udp(1000, 53, 3)));
        assertNotEquals(hash(udp(1000, 53, 64)), hash(udp(1001, 53, 64)));
        assertNotEquals(hash(udp(1000, 53, 64)), hash(udp(53, 1000, 64)));
    }

    @Test
    void fragmentsStayTogether() {
        byte[] first = Frame.ipv4("10.1.0.2", "10.2.0.2", 64, Ipv4.UDP, Ipv4.MF, 64);
        byte[] later = Frame.ipv4("10.1.0.2", "10.2.0.2", 64, Ipv4.UDP, 8, 16);
        byte[] last = Frame.with(later, m -> Bytes.put32(m, 34, 0x12345678));

        assertEquals(hash(first), hash(later));
        assertEquals(hash(later), hash(last));
    }

    @Test
    void datagramTooShortForPortsHasAHash() {
        assertEquals(
                hash(Frame.ipv4("10.1.0.2", "10.2.0.2", 64, Ipv4.UDP, 0, 2)),
                hash(Frame.ipv4("10.1.0.2", "10.2.0.2", 9, Ipv4.UDP, 0, 3)));
    }

    /// Neighboring ports and addresses, as they come in practice, fill 64 shares evenly:
    /// chi-squared with 63 degrees of freedom stays below 120 (p = 0.00002).
    @Test
    void flowsSpreadEvenly() {
        int[] byPort = new int[64];
        int[] byAddress = new int[64];
        for (int i = 0; i < 64_000; i++) {
            byPort[hash(udp(i, 443, 64)) & 63]++;
            String to = "10.2." + i / 256 + "." + i % 256;
            byAddress[hash(Frame.ipv4("10.1.0.2", to, 64, Ipv4.ICMP, 0, 8)) & 63]++;
        }
        for (int[] shares : new int[][] {byPort, byAddress}) {
            double chi = 0;
            for (int share : shares) {
                chi += (share - 1000.0) * (share - 1000.0) / 1000.0;
            }
            assertThat(chi).isLessThan(120);
        }
    }
}
