package dev.stride.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InterfaceAddressTest {
    @ParameterizedTest
    @CsvSource({
        "10.1.2.3/24, 10.1.2.0/24, 10.1.2.255",
        "10.1.2.3/8, 10.0.0.0/8, 10.255.255.255",
        "10.1.2.1/30, 10.1.2.0/30, 10.1.2.3",
        "10.1.2.0/31, 10.1.2.0/31,",
        "10.1.2.255/31, 10.1.2.254/31,",
        "10.1.2.255/32, 10.1.2.255/32,",
        "2001:db8::1/64, 2001:db8::/64,",
        "2001:db8::/127, 2001:db8::/127,"
    })
    void connectedPrefixAndBroadcastFollowFromTheLength(
            String text, String connected, String broadcast) {
        InterfaceAddress address = InterfaceAddress.parse(text);
        assertThat(address.connected()).isEqualTo(IpPrefix.parse(connected));
        assertThat(address.broadcast().map(Ip4Address::toString).orElse(null)).isEqualTo(broadcast);
        assertThat(address).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.1/24, 10.1.2.2, true",
        "10.1.2.1/24, 10.1.2.0, false",
        "10.1.2.1/24, 10.1.2.255, false",
        "10.1.2.1/24, 10.1.3.2, false",
        "10.1.2.0/31, 10.1.2.1, true",
        "10.1.2.1/31, 10.1.2.0, true",
        "10.1.2.1/24, ::2, false",
        "2001:db8::1/64, 2001:db8::2, true",
        "2001:db8::1/64, 10.1.2.2, false"
    })
    void stationsLieInsideThePrefix(String own, String other, boolean could) {
        assertThat(InterfaceAddress.parse(own).couldBeStation(IpAddress.parse(other)))
                .isEqualTo(could);
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.1/24, 10.1.2.2/24, true",
        "10.1.2.1/16, 10.1.9.2/24, true",
        "10.1.9.2/24, 10.1.2.1/16, true",
        "10.1.2.1/24, 10.1.3.1/24, false",
        "10.1.2.1/24, 2001:db8::1/64, false"
    })
    void prefixesOverlapWhenOneCoversTheOther(String a, String b, boolean overlap) {
        assertThat(InterfaceAddress.parse(a).overlaps(InterfaceAddress.parse(b)))
                .isEqualTo(overlap);
    }

    @Test
    void constructorChecksAsParsingDoes() {
        assertThatThrownBy(() -> new InterfaceAddress(IpAddress.parse("10.0.0.0"), 24))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new InterfaceAddress(IpAddress.parse("10.0.0.1"), 33))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
