package dev.stride.daemon.config;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What only one port can have, or only one table, and where it was first taken.
final class Claims {
    private final String who;
    private final Map<Object, Claim> taken = new HashMap<>();

    /// @param kind that may share it; null: nobody
    private record Claim(Place place, @Nullable String kind) {}

    /// @param who each of these, in words
    Claims(String who) {
        this.who = who;
    }

    /// Takes `what` for the one of `node`, where the error is reported if another has it.
    void take(Object what, Node node, String shown) {
        share(what, null, node, shown);
    }

    /// The same of what others of the kind may have, too.
    void share(Object what, @Nullable String kind, Node node, String shown) {
        Claim first = taken.putIfAbsent(what, new Claim(node.place(), kind));
        if (first != null && (kind == null || !kind.equals(first.kind()))) {
            node.error(
                    shown
                            + " is in use already ("
                            + first.place().brief()
                            + "); each "
                            + who
                            + " needs its own");
        }
    }
}
