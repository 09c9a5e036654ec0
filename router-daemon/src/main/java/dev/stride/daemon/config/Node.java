package dev.stride.daemon.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One value of the tree, with the way to it. The conversions report what does not fit and return
/// null; the caller goes on with its default.
final class Node {
    /// How the origin of a value from the environment is described, before the variable's name.
    static final String ENVIRONMENT = "environment variable ";

    private final @Nullable Node parent;
    private final String step; // with its own dot or brackets: "stride", ".mtu", "[0]"
    private final ConfigValue value;
    private final Problems problems;

    Node(@Nullable Node parent, String step, ConfigValue value, Problems problems) {
        this.parent = parent;
        this.step = step;
        this.value = value;
        this.problems = problems;
    }

    Node child(String childStep, ConfigValue childValue) {
        return new Node(this, childStep, childValue, problems);
    }

    /// The last part of the path: a key without its dot.
    String name() {
        return step.startsWith(".") ? step.substring(1) : step;
    }

    /// The path from the root, such as `stride.routes[0].to`.
    String path() {
        String path = parent == null ? step : parent.path() + step;
        return path.startsWith(".") ? path.substring(1) : path; // the root has no name
    }

    /// The path of `key` below this.
    String pathOf(String key) {
        String path = path();
        return path.isEmpty() ? key : path + "." + key;
    }

    Place place() {
        return place(path());
    }

    /// The place of this value, told for `key`: one that is missing below it.
    Place place(String key) {
        for (Node at = this; at != null; at = at.parent) {
            Place place = problems.place(at.value.origin(), key);
            if (place != null) {
                return place;
            }
        }
        Place whole = problems.whole();
        return new Place(whole.file(), whole.line(), key);
    }

    void error(String message) {
        problems.error(place(), message + source());
    }

    void warn(String message) {
        problems.warn(place(), message + source());
    }

    void errorAt(Place at, String message) {
        problems.error(at, message);
    }

    /// Names the environment variable that a value came from: its line shows only `${?NAME}`.
    private String source() {
        String origin = value.origin().description();
        return origin.startsWith(ENVIRONMENT) ? " (from " + origin + ")" : "";
    }

    /// What kind of value this is, or null, reported, where a substitution in it has no value.
    private @Nullable ConfigValueType type() {
        try {
            // An object that waits for a substitution is an object by type: it tells when asked
            // more.
            if (value instanceof ConfigObject object && object.isEmpty()) {
                return ConfigValueType.OBJECT;
            }
            return value.valueType();
        } catch (ConfigException.NotResolved e) {
            String text = value.render(ConfigRenderOptions.concise().setFormatted(false));
            error(
                    "the substitution in "
                            + text
                            + " has no value; define it, or write ${?...} where it may be absent");
            return null;
        }
    }

    boolean isNull() {
        return !(value instanceof ConfigObject) && isType(ConfigValueType.NULL);
    }

    boolean isObject() {
        return isType(ConfigValueType.OBJECT);
    }

    private boolean isType(ConfigValueType wanted) {
        try {
            return value.valueType() == wanted;
        } catch (ConfigException.NotResolved e) {
            return false;
        }
    }

    /// A string; numbers and truth values as they were written.
    @Nullable String text() {
        ConfigValueType type = type();
        if (type == ConfigValueType.STRING) {
            return (String) value.unwrapped();
        }
        if (type == ConfigValueType.NUMBER || type == ConfigValueType.BOOLEAN) {
            return value.render(ConfigRenderOptions.concise());
        }
        if (type != null) {
            wrong(type, "a single value");
        }
        return null;
    }

    /// A string that `parser` understands; it throws IllegalArgumentException with a sentence.
    <T> @Nullable T parse(Function<String, T> parser) {
        String text = text();
        if (text == null) {
            return null;
        }
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            error(String.valueOf(e.getMessage()));
            return null;
        }
    }

    /// A whole number from `min` to `max`, also as a string, since environment variables are that.
    @Nullable Long whole(long min, long max) {
        return parse(text -> whole(text, min, max));
    }

    /// Reads a whole number.
    ///
    /// @throws IllegalArgumentException when `text` is none from `min` to `max`
    static long whole(String text, long min, long max) {
        try {
            long number = new BigDecimal(text).longValueExact();
            if (number >= min && number <= max) {
                return number;
            }
            throw new IllegalArgumentException(outside(text, min, max));
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException(outside(text, min, max), e);
        }
    }

    private static String outside(String text, long min, long max) {
        return quoted(text) + " is not a whole number from " + min + " to " + max;
    }

    @Nullable Boolean flag() {
        return parse(
                text ->
                        switch (text) {
                            case "true", "yes", "on" -> true;
                            case "false", "no", "off" -> false;
                            default ->
                                    throw new IllegalArgumentException(
                                            quoted(text) + " is not true or false");
                        });
    }

    /// A duration as HOCON has them; a bare number counts milliseconds.
    @Nullable Duration duration(Duration min, Duration max) {
        return parse(
                text -> {
                    Duration duration;
                    try {
                        duration = value.atKey("it").getDuration("it");
                    } catch (ConfigException e) {
                        throw new IllegalArgumentException(
                                quoted(text) + " is not a duration such as 50us, 100ms or 30s", e);
                    }
                    if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
                        throw new IllegalArgumentException(
                                text + " is not from " + shown(min) + " to " + shown(max));
                    }
                    return duration;
                });
    }

    /// A number of bytes as HOCON has them, `64K` or `32 MiB`.
    @Nullable Long bytes(long min, long max) {
        return parse(
                text -> {
                    long bytes;
                    try {
                        bytes = value.atKey("it").getBytes("it");
                    } catch (ConfigException e) {
                        throw new IllegalArgumentException(
                                quoted(text) + " is not a size such as 64K or 32M", e);
                    }
                    if (bytes < min || bytes > max) {
                        throw new IllegalArgumentException(
                                text + " is not from " + min + " to " + max + " bytes");
                    }
                    return bytes;
                });
    }

    /// The elements of a list; a single value stands for a list of one. Empty when nothing fits.
    List<Node> elements() {
        ConfigValueType type = type();
        if (type == null) {
            return List.of();
        }
        if (!(value instanceof ConfigList list)) {
            return List.of(this);
        }
        List<Node> nodes = new ArrayList<>(list.size());
        for (int i = 0; i < list.size(); i++) {
            nodes.add(child("[" + i + "]", list.get(i)));
        }
        return nodes;
    }

    /// The keys within.
    @Nullable Section section() {
        ConfigValueType type = type();
        if (type == null) {
            return null;
        }
        if (value instanceof ConfigObject object) {
            return new Section(this, object);
        }
        wrong(type, "keys in braces { }");
        return null;
    }

    private void wrong(ConfigValueType type, String wanted) {
        String found =
                switch (type) {
                    case OBJECT -> "keys in braces";
                    case NULL -> "null";
                    case LIST, NUMBER, BOOLEAN, STRING ->
                            "a " + type.name().toLowerCase(Locale.ROOT);
                };
        error("needs " + wanted + ", but this is " + found);
    }

    static String quoted(String text) {
        return '"' + text + '"';
    }

    /// A duration the way HOCON spells it.
    static String shown(Duration duration) {
        long ns = duration.toNanos();
        if (ns % 1_000_000_000 == 0) {
            return ns / 1_000_000_000 + "s";
        }
        if (ns % 1_000_000 == 0) {
            return ns / 1_000_000 + "ms";
        }
        return ns % 1000 == 0 ? ns / 1000 + "us" : ns + "ns";
    }
}
