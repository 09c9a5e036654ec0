package dev.stride.daemon.running;

import dev.stride.core.addr.IpAddress;
import dev.stride.core.wire.Vlan;
import dev.stride.daemon.config.EtherUdpPort;
import dev.stride.daemon.config.ListenAddress;
import dev.stride.daemon.config.PacketPort;
import dev.stride.daemon.config.PcapPort;
import dev.stride.daemon.config.PortConfig;
import dev.stride.daemon.config.TapPort;
import dev.stride.daemon.config.VlanPort;
import dev.stride.daemon.config.VxlanPort;
import dev.stride.io.packet.DeviceOptions;
import dev.stride.io.packet.DevicePort;
import dev.stride.io.pcap.PcapOptions;
import dev.stride.io.port.Port;
import dev.stride.io.tap.Tap;
import dev.stride.io.tap.TapOptions;
import dev.stride.io.tunnel.EtherUdpOptions;
import dev.stride.io.tunnel.VxlanOptions;
import java.net.InetAddress;
import java.util.Locale;

/// Opens ports of every kind.
final class Ports {
    private static final System.Logger LOG = System.getLogger("port");

    private Ports() {}

    /// Opens the device of a port.
    ///
    /// @param workers that there are: a queue more would have nobody who reads it
    /// @throws dev.stride.io.port.PortException with what is wrong and what to do about it
    static Port open(PortConfig config, int workers) {
        int queues = Math.min(config.queues(), workers);
        return switch (config) {
            case TapPort tap -> open(tap, queues);
            case PacketPort packet ->
                    DevicePort.open(
                            new DeviceOptions(
                                    packet.name(),
                                    packet.device(),
                                    packet.netns(),
                                    packet.mac() == null ? -1 : packet.mac().bits(),
                                    packet.mtu(),
                                    packet.promiscuous(),
                                    queues,
                                    packet.transmit()));
            case PcapPort pcap ->
                    dev.stride.io.pcap.PcapPort.open(
                            new PcapOptions(
                                    pcap.name(),
                                    pcap.device(),
                                    pcap.netns(),
                                    pcap.mac() == null ? -1 : pcap.mac().bits(),
                                    pcap.mtu(),
                                    pcap.promiscuous(),
                                    pcap.filter()));
            case EtherUdpPort udp ->
                    dev.stride.io.tunnel.EtherUdpPort.open(
                            new EtherUdpOptions(
                                    udp.name(),
                                    udp.netns(),
                                    udp.local().socketAddress(),
                                    udp.remote().socketAddress(),
                                    udp.mtu()));
            case VlanPort vlan ->
                    new dev.stride.io.vlan.VlanPort(
                            vlan.name(),
                            vlan.protocol() == VlanPort.Protocol.SERVICE
                                    ? Vlan.SERVICE
                                    : Vlan.CUSTOMER,
                            vlan.tag());
            case VxlanPort vxlan ->
                    dev.stride.io.tunnel.VxlanPort.open(
                            new VxlanOptions(
                                    vxlan.name(),
                                    vxlan.netns(),
                                    vxlan.vni(),
                                    inet(vxlan.local()),
                                    vxlan.remotes().stream().map(Ports::inet).toList(),
                                    vxlan.udpPort(),
                                    vxlan.mtu(),
                                    vxlan.ageing().toNanos()));
        };
    }

    private static InetAddress inet(IpAddress address) {
        return new ListenAddress(address, 0).socketAddress().getAddress();
    }

    private static Port open(TapPort config, int queues) {
        Tap tap =
                Tap.open(
                        new TapOptions(
                                config.name(),
                                config.device(),
                                config.mtu(),
                                queues,
                                config.offload(),
                                config.backend(),
                                config.persist(),
                                config.hostNetns()));
        String backend = tap.backend().toString().toLowerCase(Locale.ROOT);
        LOG.log(System.Logger.Level.INFO, "port {0}: backend {1}", config.name(), backend);
        return tap;
    }
}
