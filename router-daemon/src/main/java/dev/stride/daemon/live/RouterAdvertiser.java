package dev.stride.daemon.live;

import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.core.forward.PortState.Address6;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Icmp6;
import dev.stride.core.wire.Nd;
import dev.stride.daemon.config.RouterAdvertisements;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Sends router advertisements (RFC 4861 section 6.2): by the clock, and soon when a host asks;
/// always to all nodes. The control thread only.
final class RouterAdvertiser {
    private static final int FIXED = 16; // bytes before the options
    private static final int PREFIX_OPTION = 32;
    private static final int MTU_OPTION = 8;
    private static final int DNS_OPTION = 8; // and 16 for each address
    private static final int INITIAL = 3; // MAX_INITIAL_RTR_ADVERTISEMENTS
    private static final long INITIAL_INTERVAL = TimeUnit.SECONDS.toNanos(16);
    private static final long MIN_DELAY = TimeUnit.SECONDS.toNanos(3); // MIN_DELAY_BETWEEN_RAS
    private static final long MAX_ANSWER_DELAY = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int HOP_LIMIT = 64; // that hosts should use
    private static final int VALID_SECONDS = 30 * 24 * 3600; // AdvValidLifetime
    private static final int PREFERRED_SECONDS = 7 * 24 * 3600; // AdvPreferredLifetime
    private static final int AUTONOMOUS = 64; // length of prefixes that hosts make addresses of

    private static final class Schedule {
        final RouterAdvertisements settings;
        long next; // nanoseconds
        long last;
        int sent;

        Schedule(RouterAdvertisements settings, long now) {
            this.settings = settings;
            this.next = now;
            this.last = now - MIN_DELAY;
        }
    }

    private final ForwardingState state;
    private final NeighborResolution wire;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final Map<Integer, Schedule> schedules = new HashMap<>(); // by port

    RouterAdvertiser(ForwardingState state, NeighborResolution wire) {
        this.state = state;
        this.wire = wire;
    }

    /// A port's addresses can be used: begins to advertise, as it is set.
    ///
    /// @param settings null for silence
    void begin(int port, @Nullable RouterAdvertisements settings, long now) {
        if (settings == null) {
            end(port);
        } else {
            schedules.put(port, new Schedule(settings, now));
        }
    }

    /// A port stops being a router, as far as hosts go: they hear of it at once (RFC 4861 section
    /// 6.2.5).
    void end(int port) {
        Schedule schedule = schedules.remove(port);
        if (schedule != null && schedule.sent > 0) {
            send(port, schedule.settings, true);
        }
    }

    /// Says goodbye on all ports.
    void endAll() {
        List.copyOf(schedules.keySet()).forEach(this::end);
    }

    /// A host asks.
    void solicited(int port, long now) {
        Schedule schedule = schedules.get(port);
        if (schedule != null) {
            long soon = now + random.nextLong(MAX_ANSWER_DELAY);
            long allowed = schedule.last + MIN_DELAY;
            long at = soon - allowed > 0 ? soon : allowed;
            schedule.next = at - schedule.next < 0 ? at : schedule.next;
        }
    }

    /// Sends what is due.
    void tick(long now) {
        schedules.forEach(
                (port, schedule) -> {
                    if (now - schedule.next >= 0 && state.ports()[port].up()) {
                        send(port, schedule.settings, false);
                        schedule.last = now;
                        schedule.sent++;
                        schedule.next = now + pause(schedule);
                    }
                });
    }

    /// Between a third of the interval and all of it; shorter in the beginning.
    private long pause(Schedule schedule) {
        long most = schedule.settings.interval().toNanos();
        long pause = random.nextLong(most / 3, most + 1);
        return schedule.sent < INITIAL ? Math.min(pause, INITIAL_INTERVAL) : pause;
    }

    private void send(int index, RouterAdvertisements settings, boolean last) {
        PortState port = state.ports()[index];
        for (Address6 own : port.addresses6()) {
            if (own.isValid() && own.isLinkLocal()) { // RFC 4861 section 4.2: from no other
                wire.send(index, frame(port, own, settings, last));
                return;
            }
        }
    }

    /// The whole frame.
    ///
    /// @param last whether we are no default router from now on
    static byte[] frame(PortState port, Address6 own, RouterAdvertisements settings, boolean last) {
        List<Address6> prefixes =
                port.addresses6().stream()
                        .filter(address -> address.isValid() && !address.isLinkLocal())
                        .toList();
        int dns = settings.dns().size();
        int length =
                FIXED
                        + Nd.ADDRESS_OPTION
                        + MTU_OPTION
                        + PREFIX_OPTION * prefixes.size()
                        + (dns == 0 ? 0 : DNS_OPTION + 16 * dns)
                        + settings.routes().stream().mapToInt(RouterAdvertiser::lengthOf).sum();
        byte[] frame = new byte[LinkFrames.ICMP + length];
        MemorySegment m = MemorySegment.ofArray(frame);
        LinkFrames.toAllNodes(m, port, own);
        int at = LinkFrames.ICMP;
        int flags =
                (settings.managed() ? 0x80 : 0)
                        | (settings.other() ? 0x40 : 0)
                        | settings.preference().bits() << 3;
        Bytes.put8(m, at, Icmp6.ROUTER_ADVERTISEMENT);
        Bytes.put8(m, at + 4, HOP_LIMIT);
        Bytes.put8(m, at + 5, flags);
        Bytes.put16(m, at + 6, last ? 0 : (int) settings.lifetime().toSeconds());
        at += FIXED; // reachable time and retransmit timer: unspecified
        Nd.writeLinkAddress(m, at, Nd.SOURCE_ADDRESS, port.mac());
        at += Nd.ADDRESS_OPTION;
        Bytes.put16(m, at, Nd.MTU << 8 | 1);
        Bytes.put32(m, at + 4, port.mtu());
        at += MTU_OPTION;
        for (Address6 prefix : prefixes) {
            writePrefix(m, at, prefix);
            at += PREFIX_OPTION;
        }
        int seconds = (int) (3 * settings.interval().toSeconds());
        if (dns > 0) {
            writeDns(m, at, settings.dns(), seconds);
            at += DNS_OPTION + 16 * dns;
        }
        for (Ip6Prefix route : settings.routes()) {
            writeRoute(m, at, route, settings.preference().bits(), last ? 0 : seconds);
            at += lengthOf(route);
        }
        return LinkFrames.finish(frame, length);
    }

    /// RFC 4861 section 4.6.2: on-link, and autonomous where the length permits (RFC 4862 section
    /// 5.5.3 d).
    private static void writePrefix(MemorySegment m, int at, Address6 address) {
        Bytes.put16(m, at, Nd.PREFIX_INFORMATION << 8 | 4);
        Bytes.put8(m, at + 2, address.length());
        Bytes.put8(m, at + 3, 0x80 | (address.length() == AUTONOMOUS ? 0x40 : 0));
        Bytes.put32(m, at + 4, VALID_SECONDS);
        Bytes.put32(m, at + 8, PREFERRED_SECONDS);
        Bytes.put64(m, at + 16, address.prefix().high());
        Bytes.put64(m, at + 24, address.prefix().low());
    }

    /// RFC 8106 section 5.1.
    private static void writeDns(MemorySegment m, int at, List<Ip6Address> servers, int seconds) {
        Bytes.put16(m, at, Nd.RECURSIVE_DNS << 8 | 1 + 2 * servers.size());
        Bytes.put32(m, at + 4, seconds);
        int next = at + DNS_OPTION;
        for (Ip6Address server : servers) {
            Bytes.put64(m, next, server.high());
            Bytes.put64(m, next + 8, server.low());
            next += 16;
        }
    }

    /// Bytes of a route information option: no more of the prefix than its length asks for.
    private static int lengthOf(Ip6Prefix route) {
        return route.length() == 0 ? 8 : route.length() <= 64 ? 16 : 24;
    }

    /// RFC 4191 section 2.3.
    private static void writeRoute(
            MemorySegment m, int at, Ip6Prefix route, int preference, int seconds) {
        int length = lengthOf(route);
        Bytes.put16(m, at, Nd.ROUTE_INFORMATION << 8 | length / 8);
        Bytes.put8(m, at + 2, route.length());
        Bytes.put8(m, at + 3, preference << 3);
        Bytes.put32(m, at + 4, seconds);
        if (length > 8) {
            Bytes.put64(m, at + 8, route.high());
        }
        if (length > 16) {
            Bytes.put64(m, at + 16, route.low());
        }
    }
}
