package dev.stride.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// The contract of the wire: once a header has passed its check, nothing that asks for its fields
/// looks beyond the datagram. The memory here ends where the datagram does, so that it would show.
class HeadersFuzz {
    static Stream<byte[]> seeds() {
        return Stream.of(
                        "4500001c00010000401166cc0a0100020a02000200350035000800ff",
                        "4600002000010000401166cc0a0100020a020002940400000035003500080000",
                        "60000000000811402001" + "0db8".repeat(7) + "20010db8" + "0000".repeat(6),
                        "600000000010003f" + "20".repeat(32) + "2b00010400000000" + "3c".repeat(8),
                        "600000000018003f" + "20".repeat(32) + "2c000502c3000000" + "11".repeat(16),
                        "60000000002000ff" + "fe".repeat(32) + "3a00000000000000870000000000000001",
                        "0001080006040001020000000102" + "0a010002" + "000000000000" + "0a010001",
                        "87001234000000002001" + "00".repeat(14) + "0101020000000102")
                .map(hex -> HexFormat.of().parseHex(hex));
    }

    @MethodSource("seeds")
    @FuzzTest
    void datagram(byte[] bytes) {
        MemorySegment m = MemorySegment.ofArray(bytes);
        if (Ipv4.validate(m, 0, bytes.length) == null) {
            ipv4(m);
        }
        if (Ipv6.validate(m, 0, bytes.length) == null) {
            ipv6(m);
        }
        if (Arp.check(m, 0, bytes.length)) {
            assertThat(Arp.operation(m, 0)).isBetween(0, 0xffff);
            assertThat(Arp.senderMac(m, 0)).isBetween(0L, (1L << 48) - 1);
            assertThat(bytes).hasSizeGreaterThanOrEqualTo(Arp.LENGTH); // where its fields are
        }
        if (bytes.length >= Nd.LENGTH) {
            long mac = Nd.linkAddress(m, Nd.LENGTH, bytes.length, Nd.SOURCE_ADDRESS);
            assertThat(mac).isBetween(Nd.BROKEN, (1L << 48) - 1);
        }
    }

    private static void ipv4(MemorySegment m) {
        int header = Ipv4.headerLength(m, 0);
        int total = Ipv4.totalLength(m, 0);
        assertThat(header).isBetween(Ipv4.HEADER, total);
        assertThat((long) total).isLessThanOrEqualTo(m.byteSize());
        assertThat(Ipv4.fragmentOffset(m, 0)).isBetween(0, 8 * 0x1fff);
        assertThat(Checksum.of(m, 0, header)).isZero();
        if (Ipv4.ttl(m, 0) > 0) {
            Ipv4.decrementTtl(m, 0);
            assertThat(Checksum.of(m, 0, header)).isZero(); // RFC 1624
        }
    }

    private static void ipv6(MemorySegment m) {
        long end = (long) Ipv6.HEADER + Ipv6.payloadLength(m, 0);
        assertThat(end).isLessThanOrEqualTo(m.byteSize());
        MemorySegment datagram = m.asSlice(0, end); // without padding
        Ipv6Headers headers = new Ipv6Headers();
        switch (headers.walk(datagram, 0)) {
            case UPPER -> assertThat((long) headers.at()).isBetween((long) Ipv6.HEADER, end);
            case LATER_FRAGMENT -> assertThat(headers.isFragment()).isTrue();
            case ROUTING, OPTION -> assertThat((long) headers.pointer()).isLessThan(end);
            case BROKEN -> {}
        }
        if (headers.isFragment()) {
            assertThat((long) headers.fragmentAt() + Ipv6.FRAGMENT_HEADER).isLessThanOrEqualTo(end);
            assertThat(headers.fragmentField()).isBetween(6, headers.fragmentAt());
        }
    }
}
