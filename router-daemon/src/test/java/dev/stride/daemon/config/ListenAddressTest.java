package dev.stride.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:9473, 127.0.0.1:9473, true",
        "localhost:80, 127.0.0.1:80, true",
        "[::1]:0, [::1]:0, true",
        "0.0.0.0:65535, 0.0.0.0:65535, false",
        "[2001:db8::1]:1, [2001:db8::1]:1, false"
    })
    void readsAddressAndPort(String text, String shown, boolean loopback) {
        ListenAddress address = ListenAddress.parse(text);
        assertThat(address).hasToString(shown);
        assertThat(address.isLoopback()).isEqualTo(loopback);
        assertThat(address.socketAddress().getPort()).isEqualTo(address.port());
        assertThat(address.socketAddress().isUnresolved()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "80",
                ":80",
                "::1:80",
                "[::1]",
                "[127.0.0.1]:80",
                "host:80",
                "1.2.3.4:65536",
                "1.2.3.4:-1",
                "1.2.3.4:",
                "1.2.3.4:1:2",
                "[::1:80"
            })
    void refusesWhatIsNoAddressAndPort(String text) {
        assertThatThrownBy(() -> ListenAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
