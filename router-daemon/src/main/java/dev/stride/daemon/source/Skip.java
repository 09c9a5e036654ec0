package dev.stride.daemon.source;

import java.util.Locale;

/// Why something that a source said was not taken.
public enum Skip {
    TABLE("no routing table has the id of its table"),
    LINK_LOCAL("a link-local prefix means nothing beyond its link"),
    SOURCE("it holds for some sources or kinds of packets only"),
    KIND("its kind is not unicast, blackhole, unreachable or prohibit"),
    INTERFACE("its next hop is an interface or a link-local address, and no port is known for it"),
    DOWN("the interfaces of its next hops are down"),
    OWN_ADDRESS("its next hop is an address of the router itself"),
    ENCAPSULATION("its next hop asks for MPLS, SRv6 or another encapsulation"),
    PATHS("it has more next hops than 256"),
    NEXT_HOP("its next-hop id is not known"),
    WAITING_LIMIT("too many routes wait for their next hop"),
    MESSAGE("it is about something other than IP routes and next hops");

    private final String description;
    private final String label = name().toLowerCase(Locale.ROOT);

    Skip(String description) {
        this.description = description;
    }

    /// For people.
    public String description() {
        return description;
    }

    /// The word on screens and in metrics.
    public String label() {
        return label;
    }
}
