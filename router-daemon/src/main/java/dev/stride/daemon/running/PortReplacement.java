package dev.stride.daemon.running;

import dev.stride.daemon.config.PortConfig;
import dev.stride.daemon.config.RouterConfig;
import dev.stride.daemon.control.Router.RefusedException;
import dev.stride.daemon.live.ControlCommand;
import dev.stride.daemon.live.LivePort;
import dev.stride.io.port.Port;
import dev.stride.io.port.PortException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Takes ports away and puts others in their places, all or none: devices are opened before a port
/// goes, but those that a leaving port holds itself. When one of these cannot be opened, the ports
/// that had to go come back.
///
/// @param off whether a port is to be switched off
record PortReplacement(ControlClient client, int workers, Predicate<String> off) {
    /// VLANs go with the port that they are within, and come again behind it.
    static void withVlans(
            RouterConfig before,
            RouterConfig next,
            List<PortConfig> leaving,
            List<PortConfig> coming) {
        for (int i = 0; i < leaving.size(); i++) { // grows meanwhile
            String parent = leaving.get(i).name();
            for (PortConfig port : before.ports()) {
                if (parent.equals(port.within()) && !leaving.contains(port)) {
                    leaving.add(port);
                    next.port(port.name()).ifPresent(coming::add);
                }
            }
        }
    }

    /// Parents go last and come first.
    ///
    /// @param restore says again what led to ports that had to go and are back
    /// @throws RefusedException when it cannot be; then the ports are as they were
    void replace(List<PortConfig> leavingPorts, List<PortConfig> comingPorts, Runnable restore) {
        List<PortConfig> leaving = RouterConfig.parentsFirst(leavingPorts).reversed();
        List<PortConfig> coming = RouterConfig.parentsFirst(comingPorts);
        Set<String> held = leaving.stream().map(PortConfig::device).collect(Collectors.toSet());
        Map<PortConfig, Port> opened = new LinkedHashMap<>();
        try {
            for (PortConfig config : coming) {
                if (!held.contains(config.device())) {
                    opened.put(config, Ports.open(config, workers));
                }
            }
        } catch (PortException e) {
            opened.values().forEach(Port::close);
            throw new RefusedException(String.valueOf(e.getMessage()));
        }
        List<PortConfig> taken = new ArrayList<>();
        try {
            leaving.forEach(config -> remove(config.name()));
            for (PortConfig config : coming) {
                Port port = opened.remove(config);
                add(config, port == null ? Ports.open(config, workers) : port);
                taken.add(config);
            }
        } catch (PortException | RefusedException e) {
            opened.values().forEach(Port::close);
            taken.forEach(config -> remove(config.name()));
            bringBack(leaving);
            restore.run();
            throw new RefusedException(e.getMessage() + "; the ports are as they were");
        }
    }

    /// Opens ports again that had to go for others which could not come.
    private void bringBack(List<PortConfig> gone) {
        for (PortConfig config : gone.reversed()) {
            if (client.control().ports().named(config.name()) != null) {
                continue; // it had not gone yet
            }
            try {
                add(config, Ports.open(config, workers));
            } catch (PortException | RefusedException e) {
                throw new RefusedException(
                        "port "
                                + config.name()
                                + " is lost: "
                                + e.getMessage()
                                + "; restart the daemon");
            }
        }
    }

    private void remove(String name) {
        LivePort live = Objects.requireNonNull(client.control().ports().named(name), name);
        client.<Boolean>ask(done -> new ControlCommand.RemovePort(live, done));
    }

    private void add(PortConfig config, Port port) {
        boolean on = !off.test(config.name());
        client.<Boolean>ask(done -> new ControlCommand.AddPort(config, port, on, done));
    }
}
