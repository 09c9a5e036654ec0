package dev.stride.daemon.config;

import java.util.HashMap;
import java.util.Map;

/// What only one port can have, or only one table, and where it was first taken.
final class Claims {
    private final String who;
    private final Map<Object, Place> taken = new HashMap<>();

    /// @param who each of these, in words
    Claims(String who) {
        this.who = who;
    }

    /// Takes `what` for the one of `node`, where the error is reported if another has it.
    void take(Object what, Node node, String shown) {
        Place first = taken.putIfAbsent(what, node.place());
        if (first != null) {
            node.error(
                    shown
                            + " is in use already ("
                            + first.brief()
                            + "); each "
                            + who
                            + " needs its own");
        }
    }
}
