package dev.stride.daemon.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.forward.AddressState;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.core.forward.PortState.Address6;
import dev.stride.core.wire.Icmp6;
import dev.stride.core.wire.Ipv6;
import dev.stride.daemon.config.RouterAdvertisements;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Options of router advertisements, as bytes.
class RouterAdvertiserTest {
    private static final Address6 OWN = new Address6(Ipv6.LINK_LOCAL, 1, 64, AddressState.VALID);

    /// One row a rule: name, preference, prefix, whether it is the last advertisement, option.
    static Stream<Arguments> routes() {
        RouterAdvertisements.Preference high = RouterAdvertisements.Preference.HIGH;
        RouterAdvertisements.Preference low = RouterAdvertisements.Preference.LOW;
        return Stream.of(
                Arguments.of(
                        "RFC 4191 2.3 up to 64 bits",
                        high,
                        "2001:db8:100::/48",
                        false,
                        "18 02 30 08 00000708 20010db801000000"),
                Arguments.of(
                        "RFC 4191 2.3 more than 64 bits",
                        low,
                        "2001:db8::8000:0:0:0/65",
                        false,
                        "18 03 41 18 00000708 20010db800000000 8000000000000000"),
                Arguments.of("RFC 4191 2.3 all", high, "::/0", false, "18 01 00 08 00000708"),
                Arguments.of(
                        "RFC 4191 2.3 not any more",
                        high,
                        "2001:db8:100::/48",
                        true,
                        "18 02 30 08 00000000 20010db801000000"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void routes(
            String rule,
            RouterAdvertisements.Preference preference,
            String route,
            boolean last,
            String option) {
        ForwardingState state = new ForwardingState(new Quiescence());
        PortState port = new PortState(0, "p0", state.main, 0x02005e100001L, 1500, true, List.of());
        Duration interval = Duration.ofMinutes(10);
        byte[] frame =
                RouterAdvertiser.frame(
                        port.withAddresses6(List.of(OWN)),
                        OWN,
                        new RouterAdvertisements(
                                interval,
                                interval,
                                false,
                                false,
                                preference,
                                List.of(Ip6Address.parse("2001:db8::53")),
                                List.of(
                                        Ip6Prefix.parse("2001:db8:f::/64"),
                                        Ip6Prefix.parse(route))),
                        last);

        assertThat(HexFormat.of().formatHex(frame)).endsWith(option.replace(" ", ""));
        MemorySegment m = MemorySegment.ofArray(frame);
        int length = Ipv6.payloadLength(m, 14);
        assertThat(length).isEqualTo(frame.length - 54);
        assertThat(Icmp6.isIntact(m, 14, 54, length)).isTrue();
    }
}
