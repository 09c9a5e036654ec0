package dev.stride.daemon.config;

import java.util.HashMap;
import java.util.Map;

/// What only one port can have, and where it was first taken.
final class Claims {
    private final Map<Object, Place> taken = new HashMap<>();

    /// Takes `what` for the port of `node`, where the error is reported if another has it.
    void take(Object what, Node node, String shown) {
        Place first = taken.putIfAbsent(what, node.place());
        if (first != null) {
            node.error(
                    shown + " is in use already (" + first.brief() + "); each port needs its own");
        }
    }
}
