package dev.stride.core.addr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.256",
                "01.2.3.4",
                "1.2.3.4 ",
                "1..3.4",
                "a.b.c.d",
                "1.2.3.",
                "-1.2.3.4",
                "1.2.3.4x",
                "1234.1.1.1"
            })
    void noIpv4Address(String text) {
        assertThatThrownBy(() -> Ip4Address.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not an IPv4 address");
    }

    @Test
    void everyIpv4AddressReadsBackAsItPrints() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            int bits = random.nextInt();
            assertEquals(bits, Ip4Address.parse(Ip4Address.format(bits)).bits());
        }
    }

    /// RFC 5952 section 4.
    @ParameterizedTest
    @CsvSource({
        "::, ::",
        "::1, ::1",
        "2001:DB8::1, 2001:db8::1",
        "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "fe80::, fe80::",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::ffff:192.0.2.1, ::ffff:c000:201"
    })
    void ipv6AddressPrintsInItsCanonicalForm(String text, String canonical) {
        assertEquals(canonical, Ip6Address.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ":",
                ":::",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "12345::",
                "g::",
                "1:2:3:4:5:6:7:8::",
                "::1.2.3",
                "1.2.3.4::",
                "::1%eth0",
                ":1:2:3:4:5:6:7"
            })
    void noIpv6Address(String text) {
        assertThatThrownBy(() -> Ip6Address.parse(text))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void ipv6AgreesWithThePlatform() throws UnknownHostException {
        Random random = new Random(2);
        for (int i = 0; i < 10_000; i++) {
            long mask = -1L << random.nextInt(64);
            long high = random.nextLong() & mask;
            long low = random.nextLong() & ~mask;
            Ip6Address address = new Ip6Address(high, low);
            byte[] bytes = ByteBuffer.allocate(16).putLong(high).putLong(low).array();
            assertEquals(InetAddress.getByAddress(bytes), InetAddress.getByName(address + ""));
            assertEquals(address, Ip6Address.parse(address.toString()));
        }
    }

    @Test
    void prefixWithHostBitsIsRefusedWithTheRightOne() {
        assertThatThrownBy(() -> IpPrefix.parse("10.1.2.3/16"))
                .hasMessageContaining("did you mean 10.1.0.0/16?");
        assertThatThrownBy(() -> IpPrefix.parse("2001:db8::1/32"))
                .hasMessageContaining("did you mean 2001:db8::/32?");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "33",
                "08",
                "00",
                "0000",
                "-1",
                "+1",
                "1a",
                " 1",
                "1/2",
                "4294967297",
                "\u0661"
            })
    void lengthOfPrefixIsANumber(String length) {
        assertThatThrownBy(() -> IpPrefix.parse("0.0.0.0/" + length))
                .hasMessageContaining("0 to 32");
        assertThatThrownBy(() -> IpPrefix.parse("::/" + length.replace("33", "129")))
                .hasMessageContaining("0 to 128");
    }

    @Test
    void prefixesOfEveryLengthReadBackAsTheyPrint() {
        for (int length = 0; length <= 32; length++) {
            Ip4Prefix prefix = Ip4Prefix.of(-1, length);
            assertEquals(prefix, IpPrefix.parse(prefix.toString()));
            assertThat(prefix.contains(-1)).isTrue();
        }
        for (int length = 0; length <= 128; length++) {
            Ip6Prefix prefix = Ip6Prefix.of(-1, -1, length);
            assertEquals(prefix, IpPrefix.parse(prefix.toString()));
        }
    }

    @Test
    void macAddressReadsBackAsItPrints() {
        assertEquals("02:00:5e:10:00:01", MacAddress.parse("02:00:5E:10:00:01").toString());
        assertThat(MacAddress.parse("01:00:00:00:00:00").isGroup()).isTrue();
        assertThatThrownBy(() -> MacAddress.parse("2:0:5e:10:0:1"))
                .hasMessageContaining("is not a MAC address");
    }
}
