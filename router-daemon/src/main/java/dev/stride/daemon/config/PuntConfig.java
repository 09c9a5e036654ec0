package dev.stride.daemon.config;

import dev.stride.core.stats.PuntClass;
import java.util.EnumMap;
import java.util.Map;

/// How many packets a second go up to the companion of each port, by [PuntClass].
public record PuntConfig(
        int bgp,
        int igp,
        int bfd,
        int group,
        int link,
        int neighbor,
        int icmp,
        int tcp,
        int other) {
    /// What one of `count` workers lets up.
    public Map<PuntClass, Double> share(int count) {
        Map<PuntClass, Double> rates = new EnumMap<>(PuntClass.class);
        for (PuntClass kind : PuntClass.values()) {
            rates.put(kind, (double) of(kind) / count);
        }
        return rates;
    }

    private int of(PuntClass kind) {
        return switch (kind) {
            case BGP -> bgp;
            case IGP -> igp;
            case BFD -> bfd;
            case GROUP -> group;
            case LINK -> link;
            case NEIGHBOR -> neighbor;
            case ICMP -> icmp;
            case TCP -> tcp;
            case OTHER -> other;
        };
    }
}
