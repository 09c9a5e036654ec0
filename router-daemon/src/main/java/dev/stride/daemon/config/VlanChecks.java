package dev.stride.daemon.config;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What can be said of VLANs only when all ports have been read.
final class VlanChecks {
    private VlanChecks() {}

    /// Reports parents that are not there, circles, and MTUs that do not fit.
    ///
    /// @param where the node that names the parent, by name of the VLAN
    static void check(List<PortConfig> ports, Map<String, Node> where) {
        Map<String, PortConfig> byName = new TreeMap<>();
        ports.forEach(port -> byName.put(port.name(), port));
        for (PortConfig port : ports) {
            Node node = where.get(port.name());
            if (node != null && port instanceof VlanPort vlan) {
                check(vlan, byName, node);
            }
        }
    }

    private static void check(VlanPort vlan, Map<String, PortConfig> byName, Node node) {
        PortConfig parent = byName.get(vlan.parent());
        if (parent == null) {
            node.error(
                    "there is no port "
                            + Node.quoted(vlan.parent())
                            + "; "
                            + Nearest.hint(vlan.parent(), byName.keySet()));
            return;
        }
        if (isCircle(vlan, byName)) {
            node.error(vlan.name() + " would be within itself; name a port that has a device");
            return;
        }
        if (vlan.mtu() > 0 && parent.mtu() > 0 && vlan.mtu() > parent.mtu()) {
            node.error(
                    "mtu "
                            + vlan.mtu()
                            + " is more than the "
                            + parent.mtu()
                            + " of "
                            + parent.name()
                            + "; lower it, or raise that");
        }
    }

    private static boolean isCircle(VlanPort from, Map<String, PortConfig> byName) {
        Set<String> seen = new HashSet<>();
        PortConfig at = from;
        while (at instanceof VlanPort vlan) {
            if (!seen.add(vlan.name())) {
                return true;
            }
            at = byName.get(vlan.parent());
        }
        return false;
    }
}
