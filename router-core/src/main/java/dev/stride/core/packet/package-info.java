/// Packet memory and who owns it. Start at [dev.stride.core.packet.Packet].
///
/// A packet belongs to one worker from the pool that it was taken from until it is released to that
/// pool; no other thread may touch it.
///
/// 1. Each packet has a memory segment of its own, so that no length field of a hostile packet
///    reaches another packet.
/// 2. Slots hold 64 KiB super-frames (TSO) whole; untouched pages of a slot cost no memory.
@NullMarked
package dev.stride.core.packet;

import org.jspecify.annotations.NullMarked;
