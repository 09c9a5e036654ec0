package dev.stride.core.adjacency;

/// How a frame to a resolved neighbor begins: both MAC addresses in their lower 48 bits. Immutable.
public record Rewrite(long destinationMac, long sourceMac) {}
