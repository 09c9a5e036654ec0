package dev.stride.daemon.running;

import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.daemon.control.Router.RefusedException;
import java.util.Arrays;

/// Ports by name and by index. Any thread.
record PortNames(ForwardingState state) {
    /// The ports that are there.
    PortState[] all() {
        return Arrays.stream(state.ports()).filter(PortState::isPresent).toArray(PortState[]::new);
    }

    /// The name of a port.
    String name(int port) {
        return state.ports()[port].name();
    }

    /// The index of a port.
    ///
    /// @throws RefusedException when there is none of that name
    int index(String name) {
        for (PortState port : all()) {
            if (port.name().equals(name)) {
                return port.index();
            }
        }
        throw new RefusedException(
                "no port is named "
                        + name
                        + "; there are "
                        + String.join(", ", Arrays.stream(all()).map(PortState::name).toList()));
    }
}
