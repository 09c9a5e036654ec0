package dev.stride.core.fragment;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A datagram that arrives in fragments, any order, each copied to its place in one buffer. Used
/// again for one datagram after the other; belongs to its worker.
///
/// Overlaps are refused together with the whole datagram, what has come and what still comes (RFC
/// 5722 for IPv6; RFC 8900 section 3.7 tells why): two readings of the same bytes are how fragments
/// get past filters and broke hosts (teardrop). A repetition of what is there, byte for byte,
/// changes nothing and is dropped alone, as networks do repeat packets.
public final class Datagram {
    /// Most bytes of a fragment before its data: those of IPv4 or some extension headers of IPv6.
    static final int HEADERS = Ethernet.HEADER + 256;

    /// Where the payload starts in the buffer: behind room for all headers of the first fragment.
    private static final int PAYLOAD = Packet.HEAD_ROOM + HEADERS;

    private static final int BLOCK = 8; // unit of fragment offsets, in bytes

    private final long[] blocks = new long[(Ipv4.MAX_LENGTH / BLOCK + 1) / Long.SIZE]; // a bit each
    private final int[] fragments; // that are in it, by the port they came from

    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;
    private long identification;
    private int table;
    private boolean open;
    private @Nullable Packet buffer; // null when not open, or refused
    private @Nullable Reason refusal;
    private int received; // payload bytes that are there
    private int highest; // end of the furthest of them
    private int end; // of the payload, or -1 while the last fragment is missing
    private int limit; // largest end that the headers allow
    private boolean first; // whether the first fragment is there
    private long number;
    private long deadline;

    /// @param ports fragments come from ports with indexes below this
    public Datagram(int ports) {
        fragments = new int[ports];
    }

    /// Starts with no data for the datagram of `fragment`.
    ///
    /// @param buffer a packet from the pool, until [#close] or [#refuse] gives it back
    /// @param number larger than those of datagrams opened before
    /// @param deadlineNanos until when it may be waited for
    public void open(Fragment fragment, Packet buffer, long number, long deadlineNanos) {
        sourceHigh = fragment.sourceHigh;
        sourceLow = fragment.sourceLow;
        destinationHigh = fragment.destinationHigh;
        destinationLow = fragment.destinationLow;
        identification = fragment.identification;
        table = fragment.table;
        this.buffer = buffer;
        open = true;
        refusal = null;
        received = 0;
        highest = 0;
        end = -1;
        limit = Ipv4.MAX_LENGTH;
        first = false;
        this.number = number;
        deadline = deadlineNanos;
        Arrays.fill(blocks, 0);
    }

    /// Whether it stands for a datagram.
    public boolean isOpen() {
        return open;
    }

    /// Whether it is open for the datagram that `f` belongs to.
    public boolean isOf(Fragment f) {
        return open
                && identification == f.identification
                && table == f.table
                && sourceLow == f.sourceLow
                && destinationLow == f.destinationLow
                && sourceHigh == f.sourceHigh
                && destinationHigh == f.destinationHigh;
    }

    /// What it was opened with: older datagrams have smaller ones.
    public long number() {
        return number;
    }

    /// Until when it may be waited for.
    public long deadline() {
        return deadline;
    }

    /// Copies the data of `f`, which was read from `packet`, to its place.
    ///
    /// @return null, or why it was not: [Reason#FRAGMENT_DUPLICATE], or for what the whole datagram
    ///   is to be refused, or has been
    public @Nullable Reason place(Packet packet, Fragment f) {
        if (refusal != null) {
            return refusal;
        }
        int present = present(f);
        if (contradictsEnd(f) || present != 0 && !isThere(packet, f, present)) {
            return Reason.FRAGMENT_OVERLAP;
        }
        if (present != 0) {
            return Reason.FRAGMENT_DUPLICATE;
        }
        limit = Math.min(limit, f.limit);
        highest = Math.max(highest, f.end());
        if (highest > limit) {
            return Reason.FRAGMENT_TOO_LONG;
        }
        copy(packet, f);
        return null;
    }

    private void copy(Packet packet, Fragment f) {
        Packet to = Objects.requireNonNull(buffer);
        int data = packet.start + f.headers;
        MemorySegment.copy(packet.memory, data, to.memory, PAYLOAD + f.offset, f.length);
        if (f.offset == 0) {
            first = true;
            to.start = PAYLOAD - f.headers;
            to.length = f.headers + f.length;
            to.inPort = packet.inPort;
            to.ending = packet.ending;
            MemorySegment.copy(packet.memory, packet.start, to.memory, to.start, f.headers);
        }
        if (!f.more) {
            end = f.end();
        }
        received += f.length;
        for (int word = firstWord(f); word <= lastWord(f); word++) {
            blocks[word] |= mask(word, f);
        }
    }

    /// A last fragment ends where all data ends; any other one ends before.
    private boolean contradictsEnd(Fragment f) {
        if (end < 0) {
            return !f.more && f.end() <= highest;
        }
        return f.more ? f.end() >= end : f.end() != end;
    }

    /// How many blocks of `f` are there already.
    private int present(Fragment f) {
        int count = 0;
        for (int word = firstWord(f); word <= lastWord(f); word++) {
            count += Long.bitCount(blocks[word] & mask(word, f));
        }
        return count;
    }

    private boolean isThere(Packet packet, Fragment f, int present) {
        int data = packet.start + f.headers;
        return present == (f.length + BLOCK - 1) / BLOCK
                && MemorySegment.mismatch(
                                packet.memory,
                                data,
                                data + f.length,
                                Objects.requireNonNull(buffer).memory,
                                PAYLOAD + f.offset,
                                PAYLOAD + f.end())
                        < 0;
    }

    private static int firstWord(Fragment f) {
        return f.offset / BLOCK / Long.SIZE;
    }

    private static int lastWord(Fragment f) {
        return (f.end() - 1) / BLOCK / Long.SIZE;
    }

    /// The blocks of `f` in a word of [#blocks].
    private static long mask(int word, Fragment f) {
        int from = f.offset / BLOCK;
        int to = (f.end() - 1) / BLOCK;
        long mask = word == firstWord(f) ? -1L << from : -1L; // shifts count modulo 64
        return word == lastWord(f) ? mask & -1L >>> ~to : mask;
    }

    /// Notes that a fragment from `port` is in it.
    public void count(int port) {
        fragments[port]++;
    }

    /// How many fragments from `port` are in it.
    public int counted(int port) {
        return fragments[port];
    }

    /// Whether all data is there.
    public boolean isComplete() {
        return received == end;
    }

    /// The first fragment as it came, headers and data, while it waits for others; null when it has
    /// not come or the datagram was refused.
    public @Nullable Packet first() {
        return first ? buffer : null;
    }

    /// Makes `packet` the complete datagram, with the headers of the first fragment as they came.
    public void moveTo(Packet packet) {
        Packet from = Objects.requireNonNull(buffer);
        packet.start = Packet.HEAD_ROOM;
        packet.length = PAYLOAD - from.start + end;
        packet.clearOffload();
        MemorySegment.copy(from.memory, from.start, packet.memory, packet.start, packet.length);
    }

    /// Takes nothing more of this datagram, for `reason`, until it is closed.
    ///
    /// @return the buffer, or null when it was refused before
    public @Nullable Packet refuse(Reason reason) {
        refusal = refusal == null ? reason : refusal;
        return release();
    }

    /// Ends it: it stands for no datagram any more.
    ///
    /// @return the buffer, or null when it was refused
    public @Nullable Packet close() {
        open = false;
        return release();
    }

    private @Nullable Packet release() {
        Packet given = buffer;
        buffer = null;
        first = false;
        Arrays.fill(fragments, 0);
        return given;
    }
}
