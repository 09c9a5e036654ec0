package dev.stride.daemon.config;

import java.time.Duration;

/// How neighbors are resolved and remembered, by ARP and by neighbor discovery.
///
/// @param reachableTime an answer counts this long before it is asked for again (RFC 1122 section
///   2.3.2.1)
/// @param retransmitTime between two requests for one neighbor
/// @param attempts requests without an answer until the neighbor counts as gone
/// @param holdPackets packets that wait for one neighbor while it is resolved (RFC 1122 section
///   2.3.2.2)
/// @param tableLimit neighbors that are remembered at a time
/// @param unresolvedLimit neighbors that are asked for at a time beside those (RFC 6583)
/// @param verifyChanges whether a station that claims the address of another one gets it only when
///   that one answers no more
/// @param probeTime for so long a new IPv4 address of ours is asked for on its link before it is
///   used (RFC 5227); zero uses it at once
public record ResolutionConfig(
        Duration reachableTime,
        Duration retransmitTime,
        int attempts,
        int holdPackets,
        int tableLimit,
        int unresolvedLimit,
        boolean verifyChanges,
        Duration probeTime) {
    /// The same with another number of packets.
    ResolutionConfig withHoldPackets(int packets) {
        return new ResolutionConfig(
                reachableTime,
                retransmitTime,
                attempts,
                packets,
                tableLimit,
                unresolvedLimit,
                verifyChanges,
                probeTime);
    }
}
