package dev.stride.core.packet;

import dev.stride.core.stats.Reason;
import java.lang.foreign.MemorySegment;

/// One Ethernet frame and what is known about it: the only packet carrier, so that call sites stay
/// monomorphic.
///
/// The frame is `memory[start, start + length)`. Before it is head-room for a tunnel or virtio
/// header, behind it the rest of the slot. All fields belong to the worker that owns the packet
/// (see package-info).
public final class Packet {
    /// [#inPort] of a packet that the router itself made.
    public static final int ORIGINATED = -1;

    /// Bytes before the frame after [#reset].
    public static final int HEAD_ROOM = 128;

    /// [#gsoType] of an ordinary frame, and the types of super-frames (virtio 1.2 section 5.1.6).
    public static final int GSO_NONE = 0;

    public static final int GSO_TCP4 = 1;
    public static final int GSO_TCP6 = 4;
    public static final int GSO_UDP = 5;

    /// Flag in [#gsoType]: TCP with ECN.
    public static final int GSO_ECN = 0x80;

    /// This packet's slot, nobody else's.
    public final MemorySegment memory;

    /// Offset of the Ethernet header in [#memory].
    public int start;

    /// Bytes of the frame, without frame check sequence.
    public int length;

    /// Index of the port that it came from, or [#ORIGINATED].
    public int inPort;

    /// Index of the port that it goes to.
    public int outPort;

    /// How it ends if it reaches its egress port.
    public Reason ending = Reason.INTERNAL;

    /// What the egress port said of the frame: [Reason#FORWARDED] if it took it.
    public Reason sent = Reason.INTERNAL;

    /// Whether it has come to its end or to a place where it waits. What has not when the
    /// forwarding of its burst ends by a bug must be ended then.
    public boolean settled;

    /// Whether the transport checksum is still to be completed from [#checksumStart] on (virtio
    /// NEEDS_CSUM): the field holds the pseudo-header's sum.
    public boolean needsChecksum;

    /// Where checksumming starts, in bytes from [#start].
    public int checksumStart;

    /// Where the checksum is stored, in bytes from [#checksumStart].
    public int checksumOffset;

    /// One of the GSO constants.
    public int gsoType;

    /// Transport payload bytes of each segment of a super-frame.
    public int gsoSize;

    /// Bytes of all headers of a super-frame, from [#start].
    public int gsoHeaderLength;

    /// Bytes of the largest IP datagram that its egress takes, where it is longer and so goes out
    /// in fragments, or is one of these; otherwise 0.
    public int fragmentMtu;

    /// @param memory the slot, at least [#HEAD_ROOM] bytes long
    public Packet(MemorySegment memory) {
        this.memory = memory;
    }

    /// Makes it an empty frame with full head-room and without metadata.
    public void reset() {
        start = HEAD_ROOM;
        length = 0;
        inPort = ORIGINATED;
        outPort = -1;
        ending = Reason.INTERNAL;
        settled = false;
        fragmentMtu = 0;
        clearOffload();
    }

    /// Forgets all offload metadata: an ordinary frame with finished checksums.
    public void clearOffload() {
        needsChecksum = false;
        checksumStart = 0;
        checksumOffset = 0;
        gsoType = GSO_NONE;
        gsoSize = 0;
        gsoHeaderLength = 0;
    }

    /// Whether what is left to the device lies within the frame, and behind the IP header, whose
    /// bytes were checked as they are.
    ///
    /// @param headers bytes up to the IP header's end, from [#start]
    public boolean isOffloadBehind(int headers) {
        return checksumStart >= headers
                && checksumStart + checksumOffset + 2 <= length
                && gsoHeaderLength <= length;
    }

    /// Bytes that fit behind [#start].
    public int capacity() {
        return (int) memory.byteSize() - start;
    }
}
