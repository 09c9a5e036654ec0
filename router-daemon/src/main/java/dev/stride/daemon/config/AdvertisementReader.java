package dev.stride.daemon.config;

import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.wire.Ipv6;
import dev.stride.daemon.config.RouterAdvertisements.Preference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads `router-advertisements` of a port. The bounds are those of RFC 4861 section 6.2.1.
final class AdvertisementReader {
    private static final Duration MIN_INTERVAL = Duration.ofSeconds(4);
    private static final Duration MAX_INTERVAL = Duration.ofMinutes(30);
    private static final Duration MAX_LIFETIME = Duration.ofMinutes(150);
    private static final int MAX_DNS = 8;
    private static final int MAX_ROUTES = 16; // with the rest they must fit into 1280 bytes

    private AdvertisementReader() {}

    /// @param addresses of the port
    /// @return null where the port is to be silent
    static @Nullable RouterAdvertisements read(Section port, List<InterfaceAddress> addresses) {
        Node node = port.get("router-advertisements");
        if (node == null) {
            return null;
        }
        Section section = node.section();
        if (section == null) {
            return null;
        }
        boolean enabled = section.flag("enabled", true);
        Duration interval =
                section.duration("interval", Duration.ofMinutes(10), MIN_INTERVAL, MAX_INTERVAL);
        Duration lifetime =
                section.duration("lifetime", interval.multipliedBy(3), Duration.ZERO, MAX_LIFETIME);
        boolean managed = section.flag("managed", false);
        boolean other = section.flag("other", false);
        Preference preference =
                section.parse("preference", AdvertisementReader::preference, Preference.MEDIUM);
        List<Ip6Address> dns = dns(section);
        List<Ip6Prefix> routes = routes(section);
        section.end();
        if (!lifetime.isZero() && lifetime.compareTo(interval) < 0) {
            section.error("lifetime", "is shorter than interval; hosts would lose their router");
        }
        if (addresses.stream().noneMatch(each -> each.address() instanceof Ip6Address)) {
            node.error("the port has no IPv6 address; add one, or remove this");
        }
        return enabled
                ? new RouterAdvertisements(
                        interval, lifetime, managed, other, preference, dns, routes)
                : null;
    }

    private static List<Ip6Address> dns(Section section) {
        List<Ip6Address> servers = new ArrayList<>();
        for (Node node : section.elements("dns")) {
            Ip6Address server = node.parse(Ip6Address::parse);
            String why = server == null ? null : SpecialAddress.whyNotUnicast(server);
            if (why != null) {
                node.error(server + " " + why + "; write the address of a resolver");
            } else if (server != null) {
                servers.add(server);
            }
        }
        if (servers.size() > MAX_DNS) {
            section.error("dns", "names more than " + MAX_DNS + " resolvers; hosts use three");
        }
        return servers;
    }

    private static List<Ip6Prefix> routes(Section section) {
        List<Ip6Prefix> routes = new ArrayList<>();
        for (Node node : section.elements("routes")) {
            Ip6Prefix route = node.parse(Ip6Prefix::parse);
            if (route == null) {
                continue;
            }
            if (Ipv6.isMulticast(route.high()) || Ipv6.isLinkLocal(route.high())) {
                node.error(route + " is not routed; write a prefix that the router has a way to");
            } else {
                routes.add(route);
            }
        }
        if (routes.size() > MAX_ROUTES) {
            section.error("routes", "names more than " + MAX_ROUTES + "; hosts need few");
        }
        return routes;
    }

    private static Preference preference(String text) {
        return Nearest.labelled(Preference.values(), Preference::toString, text, "preference");
    }
}
