package dev.stride.io.tunnel;

import dev.stride.core.wire.Ethernet;
import dev.stride.io.linux.FileDescriptor;
import dev.stride.io.linux.Sockets;
import dev.stride.io.port.Port;
import dev.stride.io.port.PortException;
import dev.stride.io.port.PortNamespace;
import dev.stride.io.port.PortQueue;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/// A port into a VXLAN (RFC 7348): Ethernet frames in UDP between tunnel endpoints that are known.
/// Frames for groups and for stations that were not heard yet go to every remote.
///
/// A kernel's VXLAN device that reaches us through veths alone, without a real card, leaves inner
/// checksums and segments unfinished, and a UDP socket is not told: there `ethtool -K vx tx off tso
/// off gso off` is needed on that device.
///
/// What arrives from others than the remotes is dropped. Nothing encrypts or signs: whoever can
/// send with a remote's address can inject frames (RFC 7348 section 7).
public final class VxlanPort implements Port {
    /// Source ports of each worker, between which flows are shared, so that routers between the
    /// endpoints can spread them (RFC 7348 section 5: from the dynamic range).
    static final int SOURCES = 16;

    private static final int FIRST_SOURCE = 49152;
    private static final int VLAN_TAG = 4;

    private final VxlanOptions options;
    private final VxlanEndpoint.Seat seat;
    private final int mtu;
    private final Stations stations;
    private final List<InetSocketAddress> remotes;
    private final List<VxlanQueue> queues = new ArrayList<>();

    private VxlanPort(VxlanOptions options, VxlanEndpoint.Seat seat, int mtu) {
        this.options = options;
        this.seat = seat;
        this.mtu = mtu;
        stations = new Stations(options.ageingNanos());
        remotes =
                options.remotes().stream()
                        .map(each -> new InetSocketAddress(each, options.udpPort()))
                        .toList();
    }

    /// Opens the socket that receives. Ports of several networks may have one address and UDP port.
    ///
    /// @throws PortException with what is wrong and what to do about it
    public static VxlanPort open(VxlanOptions options) {
        return PortNamespace.call(options.name(), options.netns(), () -> bind(options));
    }

    private static VxlanPort bind(VxlanOptions options) {
        int mtu = options.mtu() > 0 ? options.mtu() : widest(options);
        return new VxlanPort(options, VxlanEndpoint.open(options), mtu);
    }

    /// What fits on the way to every remote.
    private static int widest(VxlanOptions options) {
        int fits = Integer.MAX_VALUE;
        for (InetAddress remote : options.remotes()) {
            try (FileDescriptor probe = Sockets.forDatagrams(remote)) {
                InetSocketAddress at = new InetSocketAddress(remote, options.udpPort());
                TunnelSocket.connect(options.name(), probe, at);
                int payload = TunnelSocket.payload(probe, remote instanceof Inet6Address);
                fits = Math.min(fits, payload - Vxlan.HEADER - Ethernet.HEADER);
            }
        }
        return fits;
    }

    @Override
    public String name() {
        return options.name();
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public PortQueue queue(boolean receives) {
        int longest = Vxlan.HEADER + Ethernet.HEADER + VLAN_TAG + mtu;
        List<FileDescriptor> sources =
                PortNamespace.call(options.name(), options.netns(), this::sources);
        VxlanQueue queue =
                new VxlanQueue(
                        options,
                        remotes,
                        stations,
                        receives ? seat.socket() : null,
                        sources,
                        longest);
        queues.add(queue);
        return queue;
    }

    /// Sockets that only send. The kernel finds no free port for us in this range alone, so we ask
    /// for one after the other, from a place by chance.
    private List<FileDescriptor> sources() {
        List<FileDescriptor> sources = new ArrayList<>();
        int range = 1 + 0xffff - FIRST_SOURCE;
        int first = ThreadLocalRandom.current().nextInt(range);
        PortException last = new PortException(options.name(), "no UDP ports are left");
        for (int i = 0; i < range && sources.size() < SOURCES; i++) {
            int port = FIRST_SOURCE + (first + i) % range;
            try {
                InetSocketAddress at = new InetSocketAddress(options.local(), port);
                FileDescriptor source = TunnelSocket.bound(options.name(), at);
                TunnelSocket.mute(source);
                sources.add(source);
            } catch (PortException e) {
                last = e; // taken, most likely
            }
        }
        if (sources.size() < SOURCES) {
            sources.forEach(FileDescriptor::close);
            throw last;
        }
        return sources;
    }

    @Override
    public boolean takesOffloads() {
        return false;
    }

    /// A socket that is open is up: UDP does not tell whether the other side is there.
    @Override
    public boolean isUp() {
        return true;
    }

    @Override
    public long missed() {
        return seat.missed();
    }

    @Override
    public void close() {
        queues.forEach(VxlanQueue::close);
        seat.close();
    }
}
