package dev.stride.daemon.config;

import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.Ip6Prefix;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What a port tells hosts on its link about itself (RFC 4861 section 6.2.1, RFC 4191, RFC 8106).
///
/// @param interval the longest time between two advertisements
/// @param lifetime how long hosts use us as a default router; zero: not at all
/// @param managed whether hosts ask DHCPv6 for addresses, `other` for other settings
/// @param dns addresses of resolvers
/// @param routes prefixes that hosts send to us even if they have another default router
public record RouterAdvertisements(
        Duration interval,
        Duration lifetime,
        boolean managed,
        boolean other,
        Preference preference,
        List<Ip6Address> dns,
        List<Ip6Prefix> routes) {
    public RouterAdvertisements {
        dns = List.copyOf(dns);
        routes = List.copyOf(routes);
    }

    /// How hosts choose among several default routers (RFC 4191 section 2.1).
    public enum Preference {
        MEDIUM(0),
        HIGH(1),
        LOW(3);

        private final int bits;

        Preference(int bits) {
            this.bits = bits;
        }

        /// The two bits on the wire.
        public int bits() {
            return bits;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public String toString() {
        return "interval "
                + Node.shown(interval)
                + ", lifetime "
                + Node.shown(lifetime)
                + (managed ? ", managed" : "")
                + (other ? ", other" : "")
                + ", preference "
                + preference
                + shown("dns", dns)
                + shown("routes", routes);
    }

    private static String shown(String what, List<?> list) {
        return list.isEmpty()
                ? ""
                : list.stream()
                        .map(Object::toString)
                        .collect(Collectors.joining(" ", ", " + what + " ", ""));
    }
}
