package dev.stride.io.tunnel;

import dev.stride.io.linux.FileDescriptor;
import dev.stride.io.linux.Sockets;
import dev.stride.io.linux.SyscallException;
import dev.stride.io.port.PortException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A local address and UDP port where datagrams of VXLANs arrive: a socket for each network, and a
/// program that tells the kernel which one a datagram is for (SO_REUSEPORT, socket(7)). So networks
/// share an endpoint, as they do in the kernel, and workers share nothing.
///
/// Datagrams of no network here go to the first socket in use, whose port counts them.
///
/// A socket that is not in use any more stays open as long as others are in use: the kernel would
/// give its number to another one, and until the program knew that, datagrams would go astray. The
/// next network gets it.
///
/// The threads that open and close ports. Only programs of the daemon's user could join.
final class VxlanEndpoint {
    private static final Map<Place, VxlanEndpoint> OPEN = new HashMap<>(); // guarded by itself
    private static final int STALE = 1 << 16; // bytes: no datagram is longer

    private record Place(@Nullable String netns, InetSocketAddress local) {}

    /// One network's socket, or one without a network.
    final class Seat implements AutoCloseable {
        private final FileDescriptor socket;
        private final int vni;
        private final long droppedBefore;

        private Seat(FileDescriptor socket, int vni) {
            this.socket = socket;
            this.vni = vni;
            droppedBefore = Sockets.drops(socket);
        }

        FileDescriptor socket() {
            return socket;
        }

        /// Datagrams that found its buffer full.
        long missed() {
            return Sockets.drops(socket) - droppedBefore;
        }

        @Override
        public void close() {
            synchronized (OPEN) {
                leave(this);
            }
        }
    }

    private final Place place;
    private final List<Seat> seats = new ArrayList<>(); // in the kernel's order

    private VxlanEndpoint(Place place) {
        this.place = place;
    }

    /// Takes the datagrams of a network. In the namespace of the port.
    ///
    /// @throws PortException with what is wrong and what to do about it
    static Seat open(VxlanOptions options) {
        InetSocketAddress local = new InetSocketAddress(options.local(), options.udpPort());
        Place place = new Place(options.netns(), local);
        synchronized (OPEN) {
            VxlanEndpoint endpoint = OPEN.get(place);
            if (endpoint == null) {
                // Another program may be there that would share it: that is an error, not a group.
                TunnelSocket.bound(options.name(), local).close();
                endpoint = new VxlanEndpoint(place);
            }
            Seat seat = endpoint.take(options.name(), options.vni());
            OPEN.put(place, endpoint);
            return seat;
        }
    }

    private Seat take(String port, int vni) {
        if (seats.stream().anyMatch(seat -> seat.vni == vni)) {
            throw new PortException(port, "another port has VXLAN " + vni + " at " + place.local);
        }
        int at = 0;
        while (at < seats.size() && seats.get(at).vni != VxlanSteering.NONE) {
            at++;
        }
        if (at == seats.size()) {
            FileDescriptor socket = TunnelSocket.bound(port, place.local, VxlanSteering::join);
            seats.add(new Seat(socket, vni));
        } else {
            FileDescriptor socket = seats.get(at).socket;
            empty(socket);
            seats.set(at, new Seat(socket, vni));
        }
        Seat seat = seats.get(at);
        try {
            steer();
        } catch (SyscallException e) { // thousands of networks, most likely
            leave(seat);
            throw new PortException(port, e.what() + " for VXLAN " + vni + " at " + place.local);
        }
        return seat;
    }

    /// What arrived for the network that had a socket before.
    private static void empty(FileDescriptor socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Sockets.state(arena);
            MemorySegment stale = arena.allocate(STALE);
            while (Sockets.receive(state, socket, stale, 0, STALE) >= 0) {
                // Nobody waits for it.
            }
        }
    }

    private void leave(Seat seat) {
        int at = seats.indexOf(seat);
        if (at < 0) {
            return; // it has left
        }
        seats.set(at, new Seat(seat.socket, VxlanSteering.NONE));
        if (seats.stream().allMatch(each -> each.vni == VxlanSteering.NONE)) {
            seats.forEach(each -> each.socket.close());
            seats.clear();
            OPEN.remove(place);
        } else {
            steer();
        }
    }

    private void steer() {
        int[] networks = seats.stream().mapToInt(seat -> seat.vni).toArray();
        VxlanSteering.steer(seats.getFirst().socket, networks);
    }
}
