package dev.stride.core.addr;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// Any text is an address, or is refused with a message; what is one is printed so that it reads as
/// the same.
class AddressFuzz {
    static Stream<byte[]> seeds() {
        return Stream.of(
                        "10.1.0.1",
                        "255.255.255.255",
                        "010.1.1.1",
                        "2001:db8::1",
                        "::",
                        "1:2:3:4:5:6:7:8",
                        "::ffff:192.0.2.1",
                        "fe80::1%eth0",
                        "0.0.0.0/0",
                        "10.9.0.0/16",
                        "10.9.0.1/33",
                        "2001:db8::/48",
                        "::/0",
                        "02:00:5e:10:00:01",
                        "ff-ff-ff-ff-ff-ff")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @FuzzTest
    void text(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        check(text, IpAddress::parse);
        check(text, IpPrefix::parse);
        check(text, MacAddress::parse);
    }

    private static <T> void check(String text, Function<String, T> parse) {
        T value;
        try {
            value = parse.apply(text);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
            assertThat(e).isNotInstanceOf(NumberFormatException.class); // its words help nobody
            return;
        }
        assertThat(parse.apply(value.toString())).isEqualTo(value);
    }
}
