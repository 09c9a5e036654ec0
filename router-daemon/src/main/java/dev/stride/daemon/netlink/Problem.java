package dev.stride.daemon.netlink;

/// Why bytes are no message of rtnetlink.
public enum Problem {
    HEADER("fewer bytes than a message header has"),
    LENGTH("a message length below its header's, or beyond the input"),
    BODY("a message too short for its type"),
    ATTRIBUTE("an attribute length below its header's, or beyond its message"),
    VALUE("an attribute whose value is too short or too long for its type"),
    PREFIX("a prefix length beyond its family's, or without a destination"),
    NEXT_HOPS("a multipath attribute with lengths that do not fit"),
    ID("a next hop without an id");

    private final String description;

    Problem(String description) {
        this.description = description;
    }

    /// For people.
    public String description() {
        return description;
    }
}
