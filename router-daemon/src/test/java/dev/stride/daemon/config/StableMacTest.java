package dev.stride.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.MacAddress;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StableMacTest {
    /// Fixed for ever: neighbors and switches of running networks know these addresses.
    @Test
    void theSameNamesGiveTheSameAddressInEveryVersion() {
        assertThat(StableMac.of("0123456789abcdef0123456789abcdef", "lan"))
                .hasToString("2e:16:c2:5c:b9:e6");
    }

    @Test
    void isLocallyAdministeredUnicast() {
        Set<MacAddress> all = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            MacAddress mac = StableMac.of("machine" + i % 10, "port" + i);
            assertThat(mac.isGroup()).isFalse();
            assertThat(mac.bits() >>> 41 & 1).isEqualTo(1);
            all.add(mac);
        }
        assertThat(all).hasSize(1000);
    }

    @Test
    void machineAndPortBothCount() {
        assertThat(StableMac.of("a", "lan")).isNotEqualTo(StableMac.of("b", "lan"));
        assertThat(StableMac.of("a", "lan")).isNotEqualTo(StableMac.of("a", "wan"));
    }
}
