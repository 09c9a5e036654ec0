package dev.stride.daemon.config;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Keys in braces. Remembers what it was asked for, so that [#end] can tell which keys nobody
/// knows.
final class Section {
    private final Node node;
    private final ConfigObject object;
    private final Set<String> known = new TreeSet<>();
    private final Set<String> refused = new HashSet<>();

    Section(Node node, ConfigObject object) {
        this.node = node;
        this.object = object;
    }

    Node node() {
        return node;
    }

    /// The value of `key`, or null where it is absent or null.
    @Nullable Node get(String key) {
        known.add(key);
        ConfigValue value = object.get(key);
        if (value == null) {
            return null;
        }
        Node child = node.child("." + key, value);
        return child.isNull() ? null : child;
    }

    /// Like [#get], and an error with `hint` where the key is absent.
    @Nullable Node require(String key, String hint) {
        Node child = get(key);
        if (child == null) {
            error(key, "is missing; " + hint);
        }
        return child;
    }

    /// Reports about a key that is not there.
    void error(String key, String message) {
        node.errorAt(node.place(node.pathOf(key)), message);
    }

    int whole(String key, int otherwise, int min, int max) {
        Node child = get(key);
        Long number = child == null ? null : child.whole(min, max);
        return number == null ? otherwise : Math.toIntExact(number);
    }

    boolean flag(String key, boolean otherwise) {
        Node child = get(key);
        Boolean flag = child == null ? null : child.flag();
        return flag == null ? otherwise : flag;
    }

    Duration duration(String key, Duration otherwise, Duration min, Duration max) {
        Node child = get(key);
        Duration duration = child == null ? null : child.duration(min, max);
        return duration == null ? otherwise : duration;
    }

    /// A number of bytes.
    int bytes(String key, int otherwise, int min, int max) {
        Node child = get(key);
        Long bytes = child == null ? null : child.bytes(min, max);
        return bytes == null ? otherwise : Math.toIntExact(bytes);
    }

    <T> T parse(String key, Function<String, T> parser, T otherwise) {
        Node child = get(key);
        T parsed = child == null ? null : child.parse(parser);
        return parsed == null ? otherwise : parsed;
    }

    /// The section below `key`; an empty one where it is absent or, reported, no section.
    Section section(String key) {
        Node child = get(key);
        Section section = child == null ? null : child.section();
        if (section != null) {
            return section;
        }
        ConfigObject nothing = ConfigFactory.empty().root();
        return new Section(node.child("." + key, nothing), nothing);
    }

    /// The same of a section that had another name, under which it is read still.
    Section section(String key, String formerly) {
        ConfigValue old = object.get(formerly);
        Node former = old == null ? null : node.child("." + formerly, old);
        if (former == null || former.isNull()) {
            return section(key);
        }
        refused.add(formerly); // neither unknown nor offered
        Section section = get(key) == null ? former.section() : null;
        if (get(key) != null) {
            former.error("is the former name of " + key + ", which stands here too; use that one");
        }
        return section == null ? section(key) : section;
    }

    /// The elements below `key`; none where it is absent.
    List<Node> elements(String key) {
        Node child = get(key);
        return child == null ? List.of() : child.elements();
    }

    /// Every value in here, in the order of the file: for sections whose keys are names.
    List<Node> children() {
        List<Node> children = new ArrayList<>();
        for (String key : object.keySet()) {
            Node child = get(key);
            if (child != null) {
                children.add(child);
            }
        }
        children.sort(
                Comparator.comparing((Node child) -> child.place().file())
                        .thenComparingInt(child -> child.place().line())
                        .thenComparing(Node::name));
        return children;
    }

    /// Reports `key`, where it is given, as a feature of a later version.
    void notYet(String key, String what) {
        ConfigValue value = object.get(key);
        if (value != null && refused.add(key)) {
            node.child("." + key, value).error(what + " not supported yet; remove this key");
        }
    }

    /// Reports every key that nobody asked for.
    void end() {
        for (String key : new TreeSet<>(object.keySet())) {
            ConfigValue value = object.get(key);
            if (value != null && !known.contains(key) && !refused.contains(key)) {
                node.child("." + key, value).error("unknown key; " + Nearest.hint(key, known));
            }
        }
    }
}
