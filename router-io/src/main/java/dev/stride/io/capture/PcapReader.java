package dev.stride.io.capture;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// A pcap file (draft-ietf-opsawg-pcap): of either byte order, in micro- or nanoseconds.
///
/// ```
/// file    magic 4, version 2+2, 8 unused, snaplen 4, link type 4, then for each packet:
/// packet  seconds 4, fraction 4, captured length 4, original length 4, bytes
/// ```
final class PcapReader extends CaptureReader {
    private static final long MICROSECONDS = 0xa1b2c3d4L;
    private static final long NANOSECONDS = 0xa1b23c4dL;
    private static final int FILE_HEADER = 24;
    private static final int PACKET_HEADER = 16;

    private final int unit; // nanoseconds of the fraction's unit
    private long end = FILE_HEADER; // of the packet, where the next one begins
    private int length;

    PcapReader(MemorySegment file) {
        super(file);
        check(0, FILE_HEADER);
        long magic = u32(0);
        if (magic != MICROSECONDS && magic != NANOSECONDS) {
            order = order == ByteOrder.BIG_ENDIAN ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
            magic = u32(0);
        }
        if (magic != MICROSECONDS && magic != NANOSECONDS) {
            throw new CaptureException(0, "this is neither pcap nor pcapng");
        }
        unit = magic == MICROSECONDS ? 1000 : 1;
        checkLinkType(20, u32(20) & 0xffff);
    }

    @Override
    public boolean next() {
        if (end == file.byteSize()) {
            return false;
        }
        check(end, PACKET_HEADER);
        long captured = u32(end + 8);
        checkFrame(end + PACKET_HEADER, captured);
        length = (int) captured;
        end += PACKET_HEADER + length;
        return true;
    }

    @Override
    public long nanos() {
        long header = at() - PACKET_HEADER;
        return u32(header) * 1_000_000_000 + u32(header + 4) * unit;
    }

    @Override
    public @Nullable String port() {
        return null;
    }

    @Override
    public long at() {
        return end - length;
    }

    @Override
    public int length() {
        return length;
    }
}
