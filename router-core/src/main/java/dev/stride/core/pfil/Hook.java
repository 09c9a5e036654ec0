package dev.stride.core.pfil;

import dev.stride.core.packet.Packet;

/// A packet filter. Called by several workers at once, each with packets of its own; state that it
/// keeps must allow that.
public interface Hook {
    /// Judges a packet whose IPv4 or IPv6 header, by the hook point, has passed every check of RFC
    /// 1812 section 5.2.2 or RFC 8200. On input `inPort` is set, on output `outPort` as well. The
    /// hook may change the packet in place. It must neither block nor throw nor allocate.
    Verdict check(Packet packet);
}
