package dev.stride.daemon.config;

import dev.stride.core.addr.IpAddress;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads ports whose wire is UDP.
final class TunnelPortReader {
    private static final int MAX_UDP_MTU = 65489; // 65535 less IPv4, UDP, Ethernet and VLAN headers
    private static final int MAX_VXLAN_MTU = MAX_UDP_MTU - 8; // its header
    private static final int MAX_VNI = (1 << 24) - 1;
    private static final int VXLAN_UDP_PORT = 4789; // IANA

    private final Claims devices;
    private final String machine;

    /// @param devices what ports have taken already
    /// @param machine for MAC addresses that are not in the file, see [StableMac]
    TunnelPortReader(Claims devices, String machine) {
        this.devices = devices;
        this.machine = machine;
    }

    @Nullable EtherUdpPort etherUdp(PortSettings port, Section section) {
        if (port.mtu() > MAX_UDP_MTU) {
            section.error("mtu", port.mtu() + " does not fit into UDP; at most " + MAX_UDP_MTU);
        }
        String netns = PortReader.namespace(section);
        Node node = section.require("local", "write where datagrams arrive, as address:port");
        ListenAddress local = node == null ? null : node.parse(ListenAddress::parse);
        Node other = section.require("remote", "write where datagrams go to, as address:port");
        ListenAddress remote = other == null ? null : other.parse(ListenAddress::parse);
        section.end();
        if (node == null || local == null || other == null || remote == null) {
            return null;
        }
        if (local.address().width() != remote.address().width()) {
            other.error("is not of the family of local; use IPv4 twice or IPv6 twice");
        }
        if (local.port() == 0 || remote.port() == 0) {
            (local.port() == 0 ? node : other).error("needs a UDP port from 1 to 65535");
        }
        devices.take(netns + "/udp " + local, node, "UDP " + local);
        return new EtherUdpPort(
                port.name(),
                port.table(),
                local,
                remote,
                netns,
                port.macOf(machine),
                port.mtu(),
                port.addresses(),
                port.policy(),
                port.routerAdvertisements());
    }

    @Nullable VxlanPort vxlan(PortSettings port, Section section) {
        if (port.mtu() > MAX_VXLAN_MTU) {
            section.error("mtu", port.mtu() + " does not fit into UDP; at most " + MAX_VXLAN_MTU);
        }
        Node network = section.require("vni", "write the number of the network, as in vni = 42");
        Long vni = network == null ? null : network.whole(0, MAX_VNI);
        Node here = section.require("local", "write the tunnel's address on this machine");
        IpAddress local = here == null ? null : here.parse(TunnelPortReader::endpoint);
        List<IpAddress> remotes = local == null ? List.of() : remotes(local, section);
        int udpPort = section.whole("udp-port", VXLAN_UDP_PORT, 1, 65535);
        Duration ageing =
                section.duration(
                        "ageing",
                        Duration.ofSeconds(300),
                        Duration.ofSeconds(1),
                        Duration.ofDays(1));
        String netns = PortReader.namespace(section);
        section.end();
        if (network == null || here == null || local == null || vni == null || remotes.isEmpty()) {
            return null;
        }
        ListenAddress at = new ListenAddress(local, udpPort);
        devices.share(netns + "/udp " + at, "vxlan", here, "UDP " + at);
        devices.take(netns + "/udp " + at + " vni " + vni, network, "VXLAN " + vni + " at " + at);
        return new VxlanPort(
                port.name(),
                port.table(),
                vni.intValue(),
                local,
                remotes,
                udpPort,
                ageing,
                netns,
                port.macOf(machine),
                port.mtu(),
                port.addresses(),
                port.policy(),
                port.routerAdvertisements());
    }

    private static List<IpAddress> remotes(IpAddress local, Section section) {
        List<IpAddress> remotes = new ArrayList<>();
        for (Node node : section.elements("remotes")) {
            IpAddress remote = node.parse(TunnelPortReader::endpoint);
            if (remote == null) {
                continue;
            }
            if (remote.width() != local.width()) {
                node.error("is not of the family of local; use IPv4 or IPv6 for all");
            } else if (remote.equals(local) || remotes.contains(remote)) {
                node.error(remote + " is an end of this tunnel already; remove it");
            } else {
                remotes.add(remote);
            }
        }
        if (remotes.isEmpty()) {
            section.error("remotes", "names no other end; write remotes = [\"198.51.100.2\"]");
        }
        return remotes;
    }

    private static IpAddress endpoint(String text) {
        IpAddress address = IpAddress.parse(text);
        InetAddress inet = new ListenAddress(address, 0).socketAddress().getAddress();
        if (inet.isMulticastAddress() || inet.isAnyLocalAddress()) {
            throw new IllegalArgumentException(
                    Node.quoted(text)
                            + " is no address of one machine; multicast underlays are not"
                            + " supported, list the endpoints");
        }
        return address;
    }
}
