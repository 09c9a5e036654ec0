package dev.stride.daemon.live;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.MacAddress;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NeighborTable;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.core.rib.Attributes;
import dev.stride.core.rib.Destination;
import dev.stride.core.rib.Route;
import dev.stride.core.rib.RouteSource;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Ipv6;
import dev.stride.io.worker.Worker;
import dev.stride.io.worker.WorkerCommand;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What the neighbor table asks for: ARP and neighbor discovery on the wire, a host route for who
/// is there, and word to the workers. The control thread only.
final class NeighborResolution implements NeighborTable.Wire {
    private final ForwardingState state;
    private final TimedRib rib;
    private List<Worker> workers = List.of();

    NeighborResolution(ForwardingState state, TimedRib rib) {
        this.state = state;
        this.rib = rib;
    }

    /// Before the workers run.
    void attach(List<Worker> every) {
        workers = every;
    }

    /// Sends a frame from a port.
    void send(int port, byte[] frame) {
        workers.get(port % workers.size()).post(new WorkerCommand.Send(port, frame));
    }

    private void toAll(Consumer<Worker> word) {
        workers.forEach(word);
    }

    /// Tells a link who we are (gratuitous ARP, RFC 5227 section 2.3), so that old entries for our
    /// addresses go.
    void announce4(int index) {
        PortState port = state.ports()[index];
        for (PortState.Address address : port.addresses()) {
            if (address.isValid()) {
                send(index, LinkFrames.arpRequest(port, address.bits(), null, address.bits()));
            }
        }
    }

    /// The same of IPv6 (RFC 4861 section 7.2.6), and which groups we listen to.
    void announce6(int index) {
        PortState port = state.ports()[index];
        for (PortState.Address6 address : port.addresses6()) {
            if (address.isValid()) {
                send(index, LinkFrames.advertisement(port, address));
            }
        }
        reportListeners(index);
    }

    /// Tells a link that one address is ours.
    void announce(PortState port, IpAddress own) {
        switch (own) {
            case Ip4Address four ->
                    send(port.index(), LinkFrames.arpRequest(port, four.bits(), null, four.bits()));
            case Ip6Address six -> {
                PortState.Address6 known = port.own6(six.high(), six.low());
                if (known != null) {
                    send(port.index(), LinkFrames.advertisement(port, known));
                }
            }
        }
    }

    /// Tells which multicast groups a port listens to.
    void reportListeners(int index) {
        PortState port = state.ports()[index];
        if (port.speaks6()) {
            PortState.Address6 sender =
                    port.addresses6().stream()
                            .filter(each -> each.isValid() && each.isLinkLocal())
                            .findFirst()
                            .orElse(null);
            send(index, LinkFrames.listenerReport(port, sender));
        }
    }

    @Override
    public void solicit(int port, IpAddress address, @Nullable MacAddress mac) {
        PortState from = state.ports()[port];
        if (!from.isPresent()) {
            return;
        }
        switch (address) {
            case Ip4Address four -> {
                int sender = from.sourceAddress(four.bits());
                if (sender != PortState.NO_ADDRESS || from.addresses().isEmpty()) {
                    send(port, LinkFrames.arpRequest(from, sender, mac, four.bits()));
                } // else they have not passed their probes
            }
            case Ip6Address six -> {
                PortState.Address6 sender = from.source6(six.high(), six.low());
                if (sender != null) { // without it a question would be taken for a probe
                    send(port, LinkFrames.solicitation(from, sender, six, mac));
                }
            }
        }
    }

    @Override
    public void resolved(Adjacency adjacency) {
        IpAddress address = adjacency.address;
        if (address == null) {
            return;
        }
        if (isConnected(adjacency.port, address)) {
            Route.Gateway itself = new Route.Gateway(address, adjacency.port, 1);
            rib.put(
                    new Route(
                            host(adjacency.port, address),
                            Attributes.via(RouteSource.NEIGHBOR, List.of(itself))));
        }
        toAll(worker -> worker.post(new WorkerCommand.Resolved(adjacency)));
    }

    /// A neighbor's address alone, in the routing table of its port.
    private Destination host(int port, IpAddress address) {
        int table = state.ports()[port].table().index;
        return new Destination(table, address.prefix(address.width()));
    }

    /// Whether the address lies in a prefix of the port that packets are routed by.
    private boolean isConnected(int port, IpAddress address) {
        PortState on = state.ports()[port];
        return switch (address) {
            case Ip4Address four -> on.isOnLink(four.bits());
            case Ip6Address six ->
                    !Ipv6.isLinkLocal(six.high()) && on.isOnLink6(six.high(), six.low());
        };
    }

    @Override
    public void failed(int port, IpAddress address) {
        rib.remove(host(port, address), RouteSource.NEIGHBOR);
        release(port, address, Reason.NEIGHBOR_UNRESOLVED);
    }

    @Override
    public void crowdedOut(int port, IpAddress address) {
        rib.remove(host(port, address), RouteSource.NEIGHBOR);
        release(port, address, Reason.NEIGHBOR_TABLE_FULL);
    }

    private void release(int port, IpAddress address, Reason reason) {
        toAll(worker -> worker.post(new WorkerCommand.Failed(port, address, reason)));
    }
}
