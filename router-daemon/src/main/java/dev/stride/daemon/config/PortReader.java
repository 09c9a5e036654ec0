package dev.stride.daemon.config;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.forward.PortPolicy;
import dev.stride.core.forward.PortPolicy.ReversePath;
import dev.stride.core.wire.Ipv4;
import dev.stride.core.wire.Ipv6;
import dev.stride.core.wire.Vlan;
import dev.stride.daemon.config.VlanPort.Protocol;
import dev.stride.io.packet.Transmit;
import dev.stride.io.pcap.Libpcap;
import dev.stride.io.tap.TapBackend;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads `stride.ports`.
final class PortReader {
    /// Names of ports and routing tables.
    static final String NAME = "[a-z][a-z0-9-]{0,14}";

    private static final int DEFAULT_MTU = 1500; // of a device that we make
    private static final int MIN_MTU = 68; // RFC 791
    private static final int MAX_MTU = 65521; // Linux: 65535 less an Ethernet header
    private static final int MAX_QUEUES = 64; // no more workers than that

    private static final Set<String> TYPES =
            Set.of("ether-udp", "packet", "pcap", "tap", "vlan", "vxlan");

    /// Names that the kernel keeps for itself among network devices and their settings.
    private static final Set<String> KERNEL_NAMES = Set.of("all", "default", "lo");

    private final Links links;
    private final String machine;
    private final Claims devices = new Claims("port");
    private final Claims macs = new Claims("port");
    private final TunnelPortReader tunnels;
    private final Set<String> off = new HashSet<>();
    private final Map<String, InterfaceAddress> lent = new HashMap<>(); // by port, of IPv4
    private final CompanionReader companions;
    private final Map<String, Node> vlans = new HashMap<>(); // where each names its parent

    /// @param links is filled
    /// @param machine for MAC addresses that are not in the file, see [StableMac]
    PortReader(Links links, String machine) {
        this.links = links;
        this.machine = machine;
        this.tunnels = new TunnelPortReader(devices, machine);
        this.companions = new CompanionReader(devices);
    }

    List<PortConfig> read(Section ports) {
        Map<String, Section> sections = new LinkedHashMap<>();
        for (Node node : ports.children()) {
            String name = node.name();
            links.addPort(name);
            if (!name.matches(NAME)) {
                node.error(
                        Node.quoted(name)
                                + " is no name of a port; use a lower-case letter, then up to 14"
                                + " lower-case letters, digits and hyphens");
            }
            Section section = node.section();
            if (section != null) {
                sections.put(name, section);
            }
        }
        Map<String, PortConfig> byName = new HashMap<>();
        for (boolean borrows : new boolean[] {false, true}) { // behind those that lend
            sections.forEach(
                    (name, section) -> {
                        if (section.get("unnumbered") != null == borrows) {
                            PortConfig port = port(name, section);
                            if (port != null) {
                                byName.put(name, port);
                            }
                        }
                    });
        }
        List<PortConfig> read = new ArrayList<>();
        sections.keySet().stream().filter(byName::containsKey).map(byName::get).forEach(read::add);
        VlanChecks.check(read, vlans);
        if (links.ports().isEmpty()) {
            // No error: a daemon may wait for its first reload.
            ports.node().warn("there are no ports, so nothing is forwarded; add one");
        }
        return read;
    }

    /// Names of ports that are switched off.
    Set<String> off() {
        return off;
    }

    /// The companions of the ports that have been read.
    List<CompanionConfig> companions() {
        return companions.companions();
    }

    private @Nullable PortConfig port(String name, Section section) {
        int mtu = section.get("mtu") == null ? 0 : section.whole("mtu", 0, MIN_MTU, MAX_MTU);
        String table = section.parse("table", links::tableNamed, TableConfig.MAIN.name());
        links.place(name, table);
        List<InterfaceAddress> addresses = addresses(name, mtu, section);
        borrow(name, section, addresses);
        PortPolicy policy = policy(section);
        if (!section.flag("enabled", true)) {
            off.add(name);
        }
        RouterAdvertisements advertisements = AdvertisementReader.read(section, addresses);
        companions.read(name, section);
        Node type = section.require("type", "write type = tap");
        String kind = type == null ? null : type.text();
        MacAddress mac = "vlan".equals(kind) ? null : mac(section); // it has its parent's
        if (kind == null || type == null) {
            return null;
        }
        PortSettings port =
                new PortSettings(name, table, mtu, mac, addresses, policy, advertisements);
        return switch (kind) {
            case "tap" -> tap(port, section);
            case "packet" -> packet(port, section);
            case "pcap" -> pcap(port, section);
            case "ether-udp" -> tunnels.etherUdp(port, section);
            case "vlan" -> vlan(port, section);
            case "vxlan" -> tunnels.vxlan(port, section);
            default -> {
                type.error(unknownType(kind));
                yield null;
            }
        };
    }

    private static String unknownType(String kind) {
        return Node.quoted(kind) + " is no type of a port; " + Nearest.hint(kind, TYPES);
    }

    private TapPort tap(PortSettings port, Section section) {
        Node node = section.get("device");
        String device = node == null ? null : node.parse(PortReader::device);
        if (node == null && KERNEL_NAMES.contains(port.name())) {
            section.error(
                    "device", "is missing; the kernel uses the name " + port.name() + " itself");
        }
        device = device == null ? port.name() : device;
        devices.take(device, node == null ? section.node() : node, "device " + device);
        int queues = section.whole("queues", 1, 1, MAX_QUEUES);
        boolean offload = section.flag("offload", true);
        TapBackend backend = section.parse("backend", PortReader::backend, TapBackend.AUTO);
        boolean persist = section.flag("persist", false);
        Section host = section.section("host");
        String hostNetns = namespace(host);
        host.end();
        section.end();
        return new TapPort(
                port.name(),
                port.table(),
                device,
                port.macOf(machine),
                port.mtu() == 0 ? DEFAULT_MTU : port.mtu(),
                queues,
                offload,
                backend,
                persist,
                port.addresses(),
                port.policy(),
                port.routerAdvertisements(),
                hostNetns);
    }

    private @Nullable PacketPort packet(PortSettings port, Section section) {
        Node node = section.require("device", "name the network device, as in device = eth1");
        String device = node == null ? null : node.parse(PortReader::device);
        String netns = namespace(section);
        int queues = section.whole("queues", 1, 1, MAX_QUEUES);
        boolean promiscuous = section.flag("promiscuous", false);
        Transmit transmit = section.parse("transmit", PortReader::transmit, Transmit.AUTO);
        section.end();
        if (node == null || device == null) {
            return null;
        }
        devices.take(netns + "/" + device, node, "device " + device);
        return new PacketPort(
                port.name(),
                port.table(),
                device,
                netns,
                port.mac(),
                port.mtu(),
                queues,
                promiscuous,
                transmit,
                port.addresses(),
                port.policy(),
                port.routerAdvertisements());
    }

    private @Nullable PcapPort pcap(PortSettings port, Section section) {
        Node node = section.require("device", "name the network device, as in device = eth1");
        String device = node == null ? null : node.parse(PortReader::device);
        String netns = namespace(section);
        boolean promiscuous = section.flag("promiscuous", false);
        String filter = section.parse("filter", PortReader::filter, "");
        section.end();
        if (node == null || device == null) {
            return null;
        }
        devices.take(netns + "/" + device, node, "device " + device);
        return new PcapPort(
                port.name(),
                port.table(),
                device,
                netns,
                port.mac(),
                port.mtu(),
                promiscuous,
                filter,
                port.addresses(),
                port.policy(),
                port.routerAdvertisements());
    }

    private static String filter(String text) {
        String problem = Libpcap.problem(text);
        if (problem != null) {
            throw new IllegalArgumentException(
                    Node.quoted(text)
                            + " is no pcap filter: "
                            + problem
                            + "; `man pcap-filter` has the words");
        }
        return text;
    }

    private @Nullable VlanPort vlan(PortSettings port, Section section) {
        Node within = section.require("parent", "name the port that its frames come by");
        String parent = within == null ? null : within.text();
        Node number = section.require("tag", "write the number of the VLAN, as in tag = 100");
        Long tag = number == null ? null : number.whole(Vlan.MIN_ID, Vlan.MAX_ID);
        Protocol protocol = section.parse("protocol", PortReader::protocol, Protocol.CUSTOMER);
        section.end();
        if (within == null || parent == null || number == null || tag == null) {
            return null;
        }
        vlans.put(port.name(), within);
        devices.take(parent + " " + protocol + " " + tag, number, "tag " + tag);
        return new VlanPort(
                port.name(),
                port.table(),
                parent,
                tag.intValue(),
                protocol,
                port.mtu(),
                port.addresses(),
                port.policy(),
                port.routerAdvertisements());
    }

    private static Protocol protocol(String text) {
        return Nearest.labelled(Protocol.values(), Protocol::toString, text, "kind of tag");
    }

    private static PortPolicy policy(Section section) {
        ReversePath reversePath =
                section.parse("reverse-path", PortReader::reversePath, ReversePath.OFF);
        int ttl = section.whole("ttl-security", 0, 0, Ipv4.MAX_TTL);
        Set<PortPolicy.Allowed> allowed = EnumSet.noneOf(PortPolicy.Allowed.class);
        for (PortPolicy.Allowed each : PortPolicy.Allowed.values()) {
            if (section.flag(each.label(), false)) {
                allowed.add(each);
            }
        }
        return new PortPolicy(reversePath, ttl, allowed);
    }

    private static ReversePath reversePath(String text) {
        return Nearest.labelled(
                ReversePath.values(), ReversePath::toString, text, "check of sources");
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
            macs.take(mac, node, mac.toString());
        }
        return mac;
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
        if (six && mtu > 0 && mtu < Ipv6.MIN_MTU) {
            section.error("mtu", mtu + " is below 1280, which IPv6 needs; raise it or remove IPv6");
        }
        return addresses;
    }

    /// A port without an IPv4 address of its own speaks with the first one of another port (RFC
    /// 1812 section 2.2.7). It connects no prefix: routes name the port.
    private void borrow(String name, Section section, List<InterfaceAddress> addresses) {
        InterfaceAddress own =
                addresses.stream()
                        .filter(each -> each.address() instanceof Ip4Address)
                        .findFirst()
                        .orElse(null);
        Node node = section.get("unnumbered");
        String lender = node == null ? null : node.parse(links::portNamed);
        if (node == null && own != null) {
            lent.put(name, own);
        }
        if (node == null || lender == null) {
            return;
        }
        links.addUnnumbered(name);
        InterfaceAddress borrowed = lent.get(lender);
        if (own != null) {
            node.error(
                    "the port has an IPv4 address of its own, " + own + "; remove one of the two");
        } else if (borrowed == null) {
            node.error("port " + lender + " has no IPv4 address of its own; name one that has");
        } else {
            addresses.add(new InterfaceAddress(borrowed.address(), borrowed.address().width()));
        }
    }

    private static TapBackend backend(String text) {
        return word(TapBackend.values(), text, "backend");
    }

    private static Transmit transmit(String text) {
        return word(Transmit.values(), text, "transmit");
    }

    private static <E extends Enum<E>> E word(E[] words, String text, String what) {
        return Nearest.labelled(words, each -> each.name().toLowerCase(Locale.ROOT), text, what);
    }

    /// A name that the kernel takes for a device.
    static String device(String text) {
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
