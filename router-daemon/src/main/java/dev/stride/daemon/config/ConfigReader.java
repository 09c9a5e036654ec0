package dev.stride.daemon.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigResolver;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads a configuration: HOCON with includes and substitutions in, a checked [RouterConfig] or
/// every problem out. Opens no device and no socket.
///
/// The root holds `stride`, and `variables` for values that substitutions use more than once.
public final class ConfigReader {
    private static final ConfigRenderOptions RENDERED =
            ConfigRenderOptions.defaults()
                    .setOriginComments(false)
                    .setComments(false)
                    .setJson(false);

    private final Problems problems;
    private final Map<String, String> environment;
    private String text = "";

    private ConfigReader(Problems problems, Map<String, String> environment) {
        this.problems = problems;
        this.environment = environment;
    }

    /// What a reading brought.
    ///
    /// @param config null when there is an error among the problems
    /// @param problems errors and warnings, by file and line
    /// @param text all of it in one, includes and substitutions filled in: a configuration itself,
    ///   without comments. Empty where it could not be made out
    public record Result(@Nullable RouterConfig config, List<Problem> problems, String text) {
        /// Whether the configuration can run.
        public boolean isValid() {
            return config != null;
        }
    }

    /// Reads `file`. Never throws: whatever is wrong is a [Problem].
    public static Result read(Path file) {
        return read(file, System.getenv());
    }

    /// Reads `file`; `${?NAME}` may take a value from `environment`.
    static Result read(Path file, Map<String, String> environment) {
        return read(file, Map.of(), environment);
    }

    /// Reads `file` as it would be if some files had another text.
    ///
    /// @param instead texts by file, absolute
    static Result read(Path file, Map<Path, String> instead, Map<String, String> environment) {
        Problems problems = new Problems(file);
        ConfigReader reader = new ConfigReader(problems, environment);
        RouterConfig config = reader.readFile(file, instead);
        return new Result(problems.hasErrors() ? null : config, problems.list(), reader.text);
    }

    /// Reads what was [Result#text] once.
    public static Result read(Generation generation) {
        Path name = Path.of("generation-" + generation.number());
        return read(name, Map.of(name.toAbsolutePath(), generation.text()), Map.of());
    }

    private @Nullable RouterConfig readFile(Path file, Map<Path, String> instead) {
        ConfigObject parsed = new SourceFile(file, null, problems, instead).parse();
        if (problems.hasErrors()) {
            return null; // what follows would complain about keys that were not read
        }
        try {
            ConfigObject resolved = resolve(parsed.toConfig());
            RouterConfig config = readRoot(resolved);
            if (!problems.hasErrors()) {
                text = resolved.render(RENDERED);
            }
            return config;
        } catch (ConfigException e) {
            problems.syntax(e);
        } catch (StackOverflowError e) {
            problems.error(problems.whole(), "substitutions are nested too deep");
        }
        return null;
    }

    /// Fills in what has a value; what has none stays, for [Node] to report with its key.
    private ConfigObject resolve(Config parsed) {
        ConfigResolver fromEnvironment =
                new ConfigResolver() {
                    @Override
                    public @Nullable ConfigValue lookup(String path) {
                        String value = environment.get(path);
                        return value == null
                                ? null
                                : ConfigValueFactory.fromAnyRef(value, Node.ENVIRONMENT + path);
                    }

                    @Override
                    public ConfigResolver withFallback(ConfigResolver fallback) {
                        return this;
                    }
                };
        return parsed.resolve(
                        ConfigResolveOptions.noSystem()
                                .setAllowUnresolved(true)
                                .appendResolver(fromEnvironment))
                .root();
    }

    private @Nullable RouterConfig readRoot(ConfigObject object) {
        Node node = new Node(null, "", object, problems);
        Section root = new Section(node, object);
        root.get("variables");
        Node strideNode = root.require("stride", "put all settings inside stride { }");
        Section stride = strideNode == null ? null : strideNode.section();
        root.end();
        return stride == null ? null : readStride(stride);
    }

    private static RouterConfig readStride(Section stride) {
        Links links = new Links();
        List<TableConfig> tables = new TableReader(links).read(stride.section("tables"));
        PortReader portReader = new PortReader(links, StableMac.machine());
        List<PortConfig> ports = portReader.read(stride.section("ports"));
        Section sources = stride.section("sources");
        int queues = ports.stream().mapToInt(PortConfig::queues).sum();
        RouterConfig config =
                new RouterConfig(
                        SettingsReader.workers(stride, queues),
                        SettingsReader.idle(stride),
                        ControlReader.control(stride.section("control")),
                        ControlReader.state(stride.section("state")),
                        SettingsReader.metricsListen(stride.section("metrics")),
                        SettingsReader.icmp(stride.section("icmp")),
                        SettingsReader.resolution(stride.section("neighbor", "arp")),
                        tables,
                        ports,
                        portReader.off(),
                        new RouteReader(links).read(stride.elements("routes")),
                        new NeighborReader(links, ports).read(stride.elements("neighbors")),
                        SourcesReader.fpm(sources),
                        SourcesReader.netlink(sources),
                        portReader.companions(),
                        CompanionReader.punt(stride.section("punt")));
        sources.end();
        stride.notYet("filter", "filters are");
        stride.end();
        return config;
    }
}
