package dev.stride.daemon.config;

/// Limits of what the router says to strangers by each port: token buckets (RFC 1812 section
/// 4.3.2.8).
///
/// @param errorsPerSecond 0 for no errors at all
/// @param burst errors that may leave at once
/// @param echoesPerSecond echo requests to the router that are answered
/// @param echoBurst echo replies that may leave at once
/// @param tcpResetsPerSecond TCP to the router that is refused by a reset; 0 for silence
/// @param redirectsPerSecond redirects, by ports that send any
public record IcmpConfig(
        int errorsPerSecond,
        int burst,
        int echoesPerSecond,
        int echoBurst,
        int tcpResetsPerSecond,
        int redirectsPerSecond) {}
