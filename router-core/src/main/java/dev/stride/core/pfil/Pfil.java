package dev.stride.core.pfil;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// All hook points and hooks, by name. The control thread only; workers go through the
/// [HookPoint]s.
public final class Pfil {
    /// Which end of a chain to link to.
    public enum Place {
        /// Nearest the wire.
        WIRE,
        /// Nearest the routing table.
        ROUTER
    }

    private record Link(String name, Hook hook) {}

    private final HookPoint input4 = new HookPoint("ipv4-input");
    private final HookPoint output4 = new HookPoint("ipv4-output");
    private final HookPoint input6 = new HookPoint("ipv6-input");
    private final HookPoint output6 = new HookPoint("ipv6-output");
    private final List<HookPoint> points = List.of(input4, output4, input6, output6);
    private final Map<String, Hook> hooks = new LinkedHashMap<>();
    private final Map<HookPoint, List<Link>> links =
            points.stream().collect(Collectors.toMap(point -> point, _ -> List.of()));

    /// All places, in the order of screens.
    public List<HookPoint> points() {
        return points;
    }

    /// Where IPv4 packets pass that have just arrived, before anything is decided about them.
    public HookPoint input4() {
        return input4;
    }

    /// Where IPv4 packets pass that are about to leave, forwarded or of our own making.
    public HookPoint output4() {
        return output4;
    }

    /// [#input4] of IPv6.
    public HookPoint input6() {
        return input6;
    }

    /// [#output4] of IPv6.
    public HookPoint output6() {
        return output6;
    }

    /// Makes a hook known.
    ///
    /// @throws IllegalArgumentException when the name is taken
    public void register(String name, Hook hook) {
        if (hooks.putIfAbsent(name, hook) != null) {
            throw new IllegalArgumentException("a hook named " + name + " is registered already");
        }
    }

    /// Forgets a hook and unlinks it everywhere.
    public void unregister(String name) {
        points.forEach(point -> unlink(point, name));
        if (hooks.remove(name) == null) {
            throw unknown(name);
        }
    }

    /// Hangs a registered hook into a chain; packets in flight finish with the chain they began
    /// with.
    ///
    /// @throws IllegalArgumentException when it is not registered or hangs there already
    public void link(HookPoint point, String name, Place place) {
        Hook hook = hooks.get(name);
        if (hook == null) {
            throw unknown(name);
        }
        if (linked(point).contains(name)) {
            throw new IllegalArgumentException(name + " is linked to " + point.name() + " already");
        }
        List<Link> chain = new ArrayList<>(at(point));
        boolean front = (place == Place.WIRE) == (point == input4 || point == input6);
        chain.add(front ? 0 : chain.size(), new Link(name, hook));
        publish(point, chain);
    }

    /// Takes a hook out of a chain.
    ///
    /// @return whether it was there
    public boolean unlink(HookPoint point, String name) {
        List<Link> chain = new ArrayList<>(at(point));
        boolean was = chain.removeIf(link -> link.name().equals(name));
        if (was) {
            publish(point, chain);
        }
        return was;
    }

    /// Names of the hooks at a point, in the order of running.
    public List<String> linked(HookPoint point) {
        return at(point).stream().map(Link::name).toList();
    }

    /// Names of all registered hooks.
    public List<String> registered() {
        return List.copyOf(hooks.keySet());
    }

    private List<Link> at(HookPoint point) {
        List<Link> chain = links.get(point);
        if (chain == null) {
            throw new IllegalArgumentException(point.name() + " belongs to another Pfil");
        }
        return chain;
    }

    private void publish(HookPoint point, List<Link> chain) {
        links.put(point, List.copyOf(chain));
        point.publish(chain.stream().map(Link::hook).toArray(Hook[]::new));
    }

    private static IllegalArgumentException unknown(String name) {
        return new IllegalArgumentException("no hook named " + name + " is registered");
    }
}
