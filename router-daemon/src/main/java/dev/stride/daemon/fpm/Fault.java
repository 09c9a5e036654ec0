package dev.stride.daemon.fpm;

import java.util.Locale;

/// Why a connection was closed from our side, or was of no more use.
public enum Fault {
    VERSION("a frame of another version than 1"),
    TYPE("a frame that is not netlink; load dplane_fpm_nl into zebra, not fpm"),
    LENGTH("a frame length below its header's"),
    MESSAGE("a netlink message that cannot be read"),
    NEXT_HOPS("too many next-hop ids, of which FRR leaves dead ones; it sends the others anew"),
    TRUNCATED("the connection ended within a frame"),
    REPLACED("another connection came"),
    TABLES("there are routing tables with other ids now"),
    IO("a read failed");

    private final String description;
    private final String label = name().toLowerCase(Locale.ROOT);

    Fault(String description) {
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
