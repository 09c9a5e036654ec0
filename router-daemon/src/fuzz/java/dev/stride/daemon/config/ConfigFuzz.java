package dev.stride.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/// Any file is a configuration or has errors, each in one line that says where.
class ConfigFuzz {
    private static final Path FILE = file();

    private static Path file() {
        try {
            Path file = Files.createTempFile("stride-fuzz", ".conf");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The whole sample file with and without its commented keys, and some small ones.
    static Stream<byte[]> seeds() throws IOException {
        String whole = Files.readString(Path.of("../conf/stride.conf"));
        String keys = whole.replaceAll("(?m)^( *)#(?=[a-z{}])", "$1");
        return Stream.of(
                        whole,
                        keys.replaceAll("(?m)^ *#.*\n|^ *\n", ""),
                        "stride { ports { a { type = tap, addresses = [\"10.1.0.1/24\"] } } }",
                        "stride { ports { v { type = vlan, parent = v, tag = 1 } } }",
                        "variables { a = ${b}, b = ${a} }, stride { workers = ${variables.a} }",
                        "stride { routes = [ { to = \"::/0\", via = [{ address = \"::1\" }] } ] }",
                        "include \"x\", include required(file(\"y\")), include url(\"z:\")",
                        "stride { idle { spin = 50us }, arp.attempts = 1e9, icmp = null }")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @Timeout(60) // for one input
    @MethodSource("seeds")
    @DictionaryEntries({"stride", "ports", "routes", "neighbors", "sources", "include ", "${?", "}"})
    @FuzzTest
    void file(byte[] bytes) throws IOException {
        Files.write(FILE, bytes);
        ConfigReader.Result result = ConfigReader.read(FILE, Map.of());
        boolean errors = result.problems().stream().anyMatch(problem -> !problem.warning());
        assertThat(errors).isNotEqualTo(result.isValid());
        for (Problem problem : result.problems()) {
            assertThat(problem.message()).isNotBlank();
            assertThat(problem.toString()).doesNotContain("\n");
        }
    }
}
