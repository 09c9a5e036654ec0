package dev.stride.daemon.config;

import java.time.Duration;

/// How neighbors are resolved and remembered.
///
/// @param reachableTime an answer counts this long before it is asked for again (RFC 1122 section
///   2.3.2.1)
/// @param retransmitTime between two requests for one neighbor
/// @param attempts requests without an answer until the neighbor counts as gone
/// @param holdPackets packets that wait for one neighbor while it is resolved (RFC 1122 section
///   2.3.2.2)
/// @param tableLimit neighbors that are remembered at a time
public record ArpConfig(
        Duration reachableTime,
        Duration retransmitTime,
        int attempts,
        int holdPackets,
        int tableLimit) {
    /// The same with another number of packets.
    ArpConfig withHoldPackets(int packets) {
        return new ArpConfig(reachableTime, retransmitTime, attempts, packets, tableLimit);
    }
}
