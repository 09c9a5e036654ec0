package dev.stride.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `conf/stride.conf` is the reference of the configuration: it runs, it is complete, and the
/// defaults that it states are those of the code.
class StrideConfTest {
    private static final Path CONF = Path.of("../conf/stride.conf");
    private static final String STRANGER = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq";

    @TempDir private Path directory;

    @Test
    void itIsValidAsItStands() {
        ConfigReader.Result result = ConfigReader.read(CONF, Map.of());
        assertThat(result.problems()).isEmpty();
        assertThat(result.isValid()).isTrue();
    }

    @Test
    void itIsValidWithEverythingUncommented() throws IOException {
        assertThat(read(uncommented()).problems()).isEmpty();
    }

    /// Keys of every port; they stand at the first.
    private static final Set<String> OF_EVERY_PORT =
            Set.of(
                    "companion",
                    "enabled",
                    "proxy-arp",
                    "reverse-path",
                    "router-advertisements",
                    "source-routes",
                    "redirects",
                    "ttl-security",
                    "directed-broadcasts",
                    "router-alerts",
                    "table");

    /// A key that nobody knows makes the reader list those that it knows, section by section.
    @Test
    void everyKeyThatIsReadStandsInItAndNoOther() throws IOException {
        ConfigObject root = ConfigFactory.parseString(uncommented()).root();
        Map<String, Set<String>> inFile = new HashMap<>();
        ConfigValue marked = mark("", root, inFile);
        Map<String, Set<String>> inCode = new HashMap<>();
        for (Problem problem : errors(marked.render(ConfigRenderOptions.concise()))) {
            String section = problem.key().replaceFirst("\\.?" + STRANGER + "$", "");
            String[] known = problem.message().split("unknown key; known: ");
            assertThat(known).as(problem.toString()).hasSize(2);
            Set<String> keys = new TreeSet<>(Arrays.asList(known[1].split(", ")));
            if (section.startsWith("stride.ports.") && !section.startsWith("stride.ports.lan")) {
                keys.removeAll(OF_EVERY_PORT);
            }
            if (!section.equals("stride.ports.wire")) { // which has no IPv4 address of its own
                keys.remove("unnumbered");
            }
            inCode.put(section, keys);
        }
        assertThat(inCode).isEqualTo(inFile);
    }

    @Test
    void theDefaultsThatItStatesAreThoseOfTheCode() throws IOException {
        RouterConfig stated = config(ConfigReader.read(CONF, Map.of()));
        RouterConfig bare =
                config(
                        read(
                                """
                                stride {
                                  ports.lan { type = tap, addresses = ["192.168.1.1/24", "2001:db8:1::1/64"] }
                                  ports.wan { type = tap, addresses = ["192.0.2.1/30"] }
                                  routes = [{ to = "0.0.0.0/0", via = "192.0.2.2" }]
                                }
                                """));
        assertThat(stated).isEqualTo(bare);
    }

    /// Adds an unknown key to every section of fixed keys, and notes the keys that are there.
    private static ConfigValue mark(
            String path, ConfigValue value, Map<String, Set<String>> inFile) {
        if (value instanceof ConfigList list) {
            List<Object> marked = new ArrayList<>();
            for (int i = 0; i < list.size(); i++) {
                marked.add(mark(path + "[" + i + "]", list.get(i), inFile));
            }
            return com.typesafe.config.ConfigValueFactory.fromIterable(marked);
        }
        if (!(value instanceof ConfigObject object) || path.equals("variables")) {
            return value;
        }
        Config marked = object.toConfig();
        for (String key : object.keySet()) {
            String child = path.isEmpty() ? key : path + "." + key;
            marked =
                    marked.withValue(
                            key, mark(child, Objects.requireNonNull(object.get(key)), inFile));
        }
        if (path.equals("stride.ports") || path.equals("stride.tables")) {
            return marked.root();
        }
        if (!path.equals("stride.ports.wan")) {
            inFile.put(path, new TreeSet<>(object.keySet()));
            marked = marked.withValue(STRANGER, object);
        }
        return marked.root();
    }

    /// The file with every key that stands behind a # without a space.
    private static String uncommented() throws IOException {
        return Files.readString(CONF).replaceAll("(?m)^( *)#(?=[a-z{}])", "$1");
    }

    private ConfigReader.Result read(String text) throws IOException {
        Path file = directory.resolve("stride.conf");
        Files.writeString(file, text);
        return ConfigReader.read(file, Map.of());
    }

    private List<Problem> errors(String text) throws IOException {
        return read(text).problems().stream().filter(problem -> !problem.warning()).toList();
    }

    private static RouterConfig config(ConfigReader.Result result) {
        return Objects.requireNonNull(result.config(), result.problems().toString());
    }
}
