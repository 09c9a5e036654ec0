package dev.stride.daemon.fpm;

import dev.stride.core.rib.Attributes;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What routes that are in the RIB already are to say from now on, since their next-hop id was
/// defined anew. One thread; a [Rule] runs on another.
///
/// Goes by what a route says now and not by its id: a route that was said again in the meantime is
/// not touched.
final class Revisions {
    /// By what routes say, what they are to say; null: they go. Immutable.
    record Rule(Map<Attributes, @Nullable Attributes> changes)
            implements Function<Attributes, @Nullable Attributes> {
        @Override
        public @Nullable Attributes apply(Attributes said) {
            return changes.containsKey(said) ? changes.get(said) : said;
        }
    }

    private Map<Attributes, @Nullable Attributes> pending = new HashMap<>();

    boolean isEmpty() {
        return pending.isEmpty();
    }

    /// @param after null: such routes go
    void add(Attributes before, @Nullable Attributes after) {
        pending.replaceAll((first, last) -> before.equals(last) ? after : last);
        pending.put(before, after);
    }

    /// All of it; nothing is left here.
    Rule take() {
        Rule rule = new Rule(pending);
        pending = new HashMap<>();
        return rule;
    }

    /// The rule that was taken last was not used.
    void giveBack(Rule rule) {
        pending = new HashMap<>(rule.changes());
    }
}
