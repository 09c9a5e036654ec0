package dev.stride.core.stats;

import java.util.Locale;

/// What goes up to the host through a companion, in classes that share no rate: what one of them
/// takes is not lacking to another.
///
/// What expires in transit is in none of them: the router answers it itself, and never hands it on.
public enum PuntClass {
    /// BGP: TCP port 179.
    BGP(100_000),
    /// OSPF, IS-IS, RIP, EIGRP, Babel and LDP.
    IGP(10_000),
    /// Bidirectional forwarding detection: RFC 5881, 5883, 7130.
    BFD(10_000),
    /// PIM, VRRP, and who listens to which multicast groups.
    GROUP(1000),
    /// LLDP, LACP and others that stay on a link (IEEE 802.1D table 7-10).
    LINK(1000),
    /// Answers of ARP and neighbor discovery; questions, where the host answers them.
    NEIGHBOR(1000),
    /// ICMP errors and echo replies.
    ICMP(1000),
    /// TCP beside BGP.
    TCP(200_000),
    /// Everything else to the router's addresses.
    OTHER(5000);

    private final int rate;
    private final String label = name().toLowerCase(Locale.ROOT);

    PuntClass(int rate) {
        this.rate = rate;
    }

    /// Packets a second of each port where the configuration says nothing.
    public int rate() {
        return rate;
    }

    /// The word in metrics, on screens and in the configuration.
    public String label() {
        return label;
    }
}
