package dev.stride.daemon.config;

import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.forward.PortPolicy;
import dev.stride.core.forward.PortPolicy.ReversePath;
import dev.stride.core.wire.Vlan;
import dev.stride.daemon.config.VlanPort.Protocol;
import dev.stride.io.tap.TapBackend;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads `stride.ports`.
final class PortReader {
    private static final int DEFAULT_MTU = 1500; // of a device that we make
    private static final int MIN_MTU = 68; // RFC 791
    private static final int MIN_MTU_IPV6 = 1280; // RFC 8200 section 5
    private static final int MAX_MTU = 65521; // Linux: 65535 less an Ethernet header
    private static final int MAX_UDP_MTU = 65489; // 65535 less IPv4, UDP, Ethernet and VLAN headers
    private static final int MAX_VXLAN_MTU = MAX_UDP_MTU - 8; // its header
    private static final int MAX_VNI = (1 << 24) - 1;
    private static final int VXLAN_UDP_PORT = 4789; // IANA
    private static final int MAX_QUEUES = 64; // no more workers than that

    private static final Set<String> TYPES = Set.of("ether-udp", "packet", "tap", "vlan", "vxlan");
    private static final Set<String> BACKENDS = Set.of("auto", "uring", "syscall");
    private static final Set<String> LATER_TYPES = Set.of("pcap");

    /// Names that the kernel keeps for itself among network devices and their settings.
    private static final Set<String> KERNEL_NAMES = Set.of("all", "default", "lo");

    private final Links links;
    private final String machine;
    private final Map<String, Place> devices = new HashMap<>();
    private final Map<MacAddress, Place> macs = new HashMap<>();
    private final Map<String, Node> vlans = new HashMap<>(); // where each names its parent

    /// @param links is filled
    /// @param machine for MAC addresses that are not in the file, see [StableMac]
    PortReader(Links links, String machine) {
        this.links = links;
        this.machine = machine;
    }

    List<PortConfig> read(Section ports) {
        List<PortConfig> read = new ArrayList<>();
        for (Node node : ports.children()) {
            String name = node.name();
            links.addPort(name);
            if (!name.matches("[a-z][a-z0-9-]{0,14}")) {
                node.error(
                        Node.quoted(name)
                                + " is no name of a port; use a lower-case letter, then up to 14"
                                + " lower-case letters, digits and hyphens");
            }
            Section section = node.section();
            PortConfig port = section == null ? null : port(name, section);
            if (port != null) {
                read.add(port);
            }
        }
        VlanChecks.check(read, vlans);
        if (links.ports().isEmpty()) {
            // No error: a daemon may wait for its first reload.
            ports.node().warn("there are no ports, so nothing is forwarded; add one");
        }
        return read;
    }

    private @Nullable PortConfig port(String name, Section section) {
        int mtu = section.get("mtu") == null ? 0 : section.whole("mtu", 0, MIN_MTU, MAX_MTU);
        List<InterfaceAddress> addresses = addresses(name, mtu, section);
        PortPolicy policy = policy(section);
        RouterAdvertisements advertisements = AdvertisementReader.read(section, addresses);
        section.notYet("companion", "companion interfaces are");
        Node type = section.require("type", "write type = tap");
        String kind = type == null ? null : type.text();
        MacAddress mac = "vlan".equals(kind) ? null : mac(section); // it has its parent's
        if (kind == null || type == null) {
            return null;
        }
        return switch (kind) {
            case "tap" -> tap(name, mtu, mac, addresses, policy, advertisements, section);
            case "packet" -> packet(name, mtu, mac, addresses, policy, advertisements, section);
            case "ether-udp" ->
                    etherUdp(name, mtu, mac, addresses, policy, advertisements, section);
            case "vlan" -> vlan(name, mtu, addresses, policy, advertisements, section);
            case "vxlan" -> vxlan(name, mtu, mac, addresses, policy, advertisements, section);
            default -> {
                type.error(unknownType(kind));
                yield null;
            }
        };
    }

    private static String unknownType(String kind) {
        if (LATER_TYPES.contains(kind)) {
            return "ports of type "
                    + kind
                    + " are not supported yet; supported: ether-udp, packet, tap, vlan, vxlan";
        }
        return Node.quoted(kind) + " is no type of a port; " + Nearest.hint(kind, TYPES);
    }

    private TapPort tap(
            String name,
            int mtu,
            @Nullable MacAddress mac,
            List<InterfaceAddress> addresses,
            PortPolicy policy,
            @Nullable RouterAdvertisements advertisements,
            Section section) {
        Node node = section.get("device");
        String device = node == null ? null : node.parse(PortReader::device);
        if (node == null && KERNEL_NAMES.contains(name)) {
            section.error("device", "is missing; the kernel uses the name " + name + " itself");
        }
        device = device == null ? name : device;
        claim(devices, device, node == null ? section.node() : node, "device " + device);
        int queues = section.whole("queues", 1, 1, MAX_QUEUES);
        boolean offload = section.flag("offload", true);
        TapBackend backend = section.parse("backend", PortReader::backend, TapBackend.AUTO);
        boolean persist = section.flag("persist", false);
        Section host = section.section("host");
        String hostNetns = namespace(host);
        host.end();
        section.end();
        return new TapPort(
                name,
                device,
                mac == null ? StableMac.of(machine, name) : mac,
                mtu == 0 ? DEFAULT_MTU : mtu,
                queues,
                offload,
                backend,
                persist,
                addresses,
                policy,
                advertisements,
                hostNetns);
    }

    private @Nullable PacketPort packet(
            String name,
            int mtu,
            @Nullable MacAddress mac,
            List<InterfaceAddress> addresses,
            PortPolicy policy,
            @Nullable RouterAdvertisements advertisements,
            Section section) {
        Node node = section.require("device", "name the network device, as in device = eth1");
        String device = node == null ? null : node.parse(PortReader::device);
        String netns = namespace(section);
        int queues = section.whole("queues", 1, 1, MAX_QUEUES);
        boolean promiscuous = section.flag("promiscuous", false);
        section.end();
        if (node == null || device == null) {
            return null;
        }
        claim(devices, netns + "/" + device, node, "device " + device);
        return new PacketPort(
                name,
                device,
                netns,
                mac,
                mtu,
                queues,
                promiscuous,
                addresses,
                policy,
                advertisements);
    }

    private @Nullable EtherUdpPort etherUdp(
            String name,
            int mtu,
            @Nullable MacAddress given,
            List<InterfaceAddress> addresses,
            PortPolicy policy,
            @Nullable RouterAdvertisements advertisements,
            Section section) {
        if (mtu > MAX_UDP_MTU) {
            section.error("mtu", mtu + " does not fit into UDP; at most " + MAX_UDP_MTU);
        }
        String netns = namespace(section);
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
        claim(devices, netns + "/udp " + local, node, "UDP " + local);
        MacAddress mac = given == null ? StableMac.of(machine, name) : given;
        return new EtherUdpPort(
                name, local, remote, netns, mac, mtu, addresses, policy, advertisements);
    }

    private @Nullable VlanPort vlan(
            String name,
            int mtu,
            List<InterfaceAddress> addresses,
            PortPolicy policy,
            @Nullable RouterAdvertisements advertisements,
            Section section) {
        Node within = section.require("parent", "name the port that its frames come by");
        String parent = within == null ? null : within.text();
        Node number = section.require("tag", "write the number of the VLAN, as in tag = 100");
        Long tag = number == null ? null : number.whole(Vlan.MIN_ID, Vlan.MAX_ID);
        Protocol protocol = section.parse("protocol", PortReader::protocol, Protocol.CUSTOMER);
        section.end();
        if (within == null || parent == null || number == null || tag == null) {
            return null;
        }
        vlans.put(name, within);
        claim(devices, parent + " " + protocol + " " + tag, number, "tag " + tag);
        return new VlanPort(
                name, parent, tag.intValue(), protocol, mtu, addresses, policy, advertisements);
    }

    private static Protocol protocol(String text) {
        for (Protocol each : Protocol.values()) {
            if (each.toString().equals(text)) {
                return each;
            }
        }
        throw new IllegalArgumentException(
                Node.quoted(text)
                        + " is no kind of tag; "
                        + Nearest.hint(text, Set.of("802.1q", "802.1ad")));
    }

    private @Nullable VxlanPort vxlan(
            String name,
            int mtu,
            @Nullable MacAddress mac,
            List<InterfaceAddress> addresses,
            PortPolicy policy,
            @Nullable RouterAdvertisements advertisements,
            Section section) {
        if (mtu > MAX_VXLAN_MTU) {
            section.error("mtu", mtu + " does not fit into UDP; at most " + MAX_VXLAN_MTU);
        }
        Node network = section.require("vni", "write the number of the network, as in vni = 42");
        Long vni = network == null ? null : network.whole(0, MAX_VNI);
        Node here = section.require("local", "write the tunnel's address on this machine");
        IpAddress local = here == null ? null : here.parse(PortReader::endpoint);
        List<IpAddress> remotes = local == null ? List.of() : remotes(local, section);
        int udpPort = section.whole("udp-port", VXLAN_UDP_PORT, 1, 65535);
        Duration ageing =
                section.duration(
                        "ageing",
                        Duration.ofSeconds(300),
                        Duration.ofSeconds(1),
                        Duration.ofDays(1));
        String netns = namespace(section);
        section.end();
        if (here == null || local == null || vni == null || remotes.isEmpty()) {
            return null;
        }
        ListenAddress at = new ListenAddress(local, udpPort);
        claim(devices, netns + "/udp " + at, here, "UDP " + at);
        return new VxlanPort(
                name,
                vni.intValue(),
                local,
                remotes,
                udpPort,
                ageing,
                netns,
                mac == null ? StableMac.of(machine, name) : mac,
                mtu,
                addresses,
                policy,
                advertisements);
    }

    private static List<IpAddress> remotes(IpAddress local, Section section) {
        List<IpAddress> remotes = new ArrayList<>();
        for (Node node : section.elements("remotes")) {
            IpAddress remote = node.parse(PortReader::endpoint);
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

    private static PortPolicy policy(Section section) {
        ReversePath reversePath =
                section.parse("reverse-path", PortReader::reversePath, ReversePath.OFF);
        return new PortPolicy(reversePath, section.flag("proxy-arp", false));
    }

    private static ReversePath reversePath(String text) {
        for (ReversePath each : ReversePath.values()) {
            if (each.toString().equals(text)) {
                return each;
            }
        }
        throw new IllegalArgumentException(
                Node.quoted(text)
                        + " is no check of sources; "
                        + Nearest.hint(text, Set.of("off", "loose", "strict")));
    }

    /// The key `netns`.
    static @Nullable String namespace(Section section) {
        Node node = section.get("netns");
        return node == null ? null : node.parse(PortReader::netns);
    }

    private @Nullable MacAddress mac(Section section) {
        Node node = section.get("mac");
        MacAddress mac = node == null ? null : node.parse(SpecialAddress::parseStation);
        if (node != null && mac != null) {
            claim(macs, mac, node, mac.toString());
        }
        return mac;
    }

    private static <T> void claim(Map<T, Place> taken, T what, Node node, String shown) {
        Place first = taken.putIfAbsent(what, node.place());
        if (first != null) {
            node.error(
                    shown + " is in use already (" + first.brief() + "); each port needs its own");
        }
    }

    private List<InterfaceAddress> addresses(String name, int mtu, Section section) {
        List<InterfaceAddress> addresses = new ArrayList<>();
        boolean six = false;
        for (Node node : section.elements("addresses")) {
            InterfaceAddress address = node.parse(InterfaceAddress::parse);
            if (address == null) {
                continue;
            }
            addresses.add(address);
            links.add(name, address, node);
            if (address.address() instanceof Ip6Address) {
                six = true;
            }
        }
        if (six && mtu > 0 && mtu < MIN_MTU_IPV6) {
            section.error("mtu", mtu + " is below 1280, which IPv6 needs; raise it or remove IPv6");
        }
        return addresses;
    }

    private static TapBackend backend(String text) {
        return switch (text) {
            case "auto" -> TapBackend.AUTO;
            case "uring" -> TapBackend.URING;
            case "syscall" -> TapBackend.SYSCALL;
            default ->
                    throw new IllegalArgumentException(
                            Node.quoted(text) + " is no backend; " + Nearest.hint(text, BACKENDS));
        };
    }

    private static String device(String text) {
        if (text.length() > 15) {
            throw new IllegalArgumentException(
                    Node.quoted(text)
                            + " has "
                            + text.length()
                            + " characters; Linux takes at most 15");
        }
        if (!text.matches("[A-Za-z0-9_][A-Za-z0-9_.-]*") || KERNEL_NAMES.contains(text)) {
            throw new IllegalArgumentException(
                    Node.quoted(text)
                            + " cannot name a device; use letters, digits, and - _ . behind the"
                            + " first, and neither all, default nor lo");
        }
        return text;
    }

    private static String netns(String text) {
        if (!text.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}")) {
            throw new IllegalArgumentException(
                    Node.quoted(text)
                            + " cannot name a network namespace; use a name that \"ip netns list\""
                            + " shows");
        }
        return text;
    }
}
