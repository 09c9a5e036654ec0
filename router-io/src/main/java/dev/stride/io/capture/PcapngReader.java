package dev.stride.io.capture;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A pcapng file (draft-ietf-opsawg-pcapng): sections of either byte order, whose interfaces may
/// have names and clocks of their own. Frames are in enhanced and simple packet blocks; other
/// blocks are left out.
///
/// ```
/// block   type 4, total length 4, body, padding to 4, total length 4
/// ```
final class PcapngReader extends CaptureReader {
    private static final int SECTION = 0x0a0d0d0a; // the same in either byte order
    private static final int INTERFACE = 1;
    private static final int SIMPLE = 3;
    private static final int ENHANCED = 6;
    private static final long BYTE_ORDER = 0x1a2b3c4dL;
    private static final int FRAME = 12; // bytes of a block around its body
    private static final int OPTION_NAME = 2;
    private static final int OPTION_RESOLUTION = 9;

    /// @param unit of its clock: 10 or 2 to the minus so many seconds
    private record Interface(@Nullable String name, boolean binary, int unit) {
        long nanos(long ticks) {
            if (binary) {
                long seconds = unit >= Long.SIZE ? 0 : ticks >>> unit;
                double rest =
                        unit >= Long.SIZE ? 0 : (ticks - (seconds << unit)) / Math.pow(2, unit);
                return seconds * 1_000_000_000 + (long) (rest * 1e9);
            }
            long nanos = ticks;
            for (int i = unit; i < 9; i++) {
                nanos *= 10;
            }
            for (int i = unit; i > 9; i--) {
                nanos /= 10;
            }
            return nanos;
        }
    }

    private final List<Interface> interfaces = new ArrayList<>();
    private long block; // where the next one begins
    private long at;
    private int length;
    private long nanos;
    private @Nullable String port;

    PcapngReader(MemorySegment file) {
        super(file);
    }

    /// Whether a file begins as one.
    static boolean isOne(MemorySegment file) {
        return file.byteSize() >= 4 && file.get(ValueLayout.JAVA_INT_UNALIGNED, 0) == SECTION;
    }

    @Override
    public boolean next() {
        while (block < file.byteSize()) {
            check(block, FRAME);
            long type = u32(block);
            if (type == SECTION) {
                section();
            }
            long total = u32(block + 4);
            if (total < FRAME || total % 4 != 0) {
                throw new CaptureException(block + 4, "a block of " + total + " bytes is none");
            }
            check(block, total);
            long body = block + 8;
            long end = block + total - 4;
            block += total;
            if (type == INTERFACE) {
                describe(body, end);
            } else if (type == ENHANCED && enhanced(body, end)
                    || type == SIMPLE && simple(body, end)) {
                return true;
            }
        }
        return false;
    }

    private void section() {
        order = ByteOrder.LITTLE_ENDIAN;
        if (u32(block + 8) != BYTE_ORDER) {
            order = ByteOrder.BIG_ENDIAN;
        }
        if (u32(block + 8) != BYTE_ORDER) {
            throw new CaptureException(block + 8, "a section without a byte order");
        }
        interfaces.clear();
    }

    private void room(long from, long end, long needed) {
        if (end - from < needed) {
            throw new CaptureException(from, "a block that is too short for what it holds");
        }
    }

    private void describe(long body, long end) {
        room(body, end, 8);
        checkLinkType(body, u16(body));
        String name = null;
        int resolution = 6;
        for (long option = body + 8; end - option >= 4 && u16(option) != 0; ) {
            int size = u16(option + 2);
            room(option + 4, end, size);
            if (u16(option) == OPTION_NAME) {
                byte[] text = file.asSlice(option + 4, size).toArray(ValueLayout.JAVA_BYTE);
                name = new String(text, StandardCharsets.UTF_8);
            } else if (u16(option) == OPTION_RESOLUTION && size > 0) {
                resolution = file.get(ValueLayout.JAVA_BYTE, option + 4) & 0xff;
            }
            option += 4 + (size + 3 & ~3);
        }
        interfaces.add(new Interface(name, resolution >= 0x80, resolution & 0x7f));
    }

    private boolean enhanced(long body, long end) {
        room(body, end, 20);
        Interface from = known(body, u32(body));
        port = from.name();
        nanos = from.nanos(u32(body + 4) << 32 | u32(body + 8));
        frame(body + 20, u32(body + 12), end);
        return true;
    }

    /// Without a time of its own: that of the frame before.
    private boolean simple(long body, long end) {
        room(body, end, 4);
        port = known(body, 0).name();
        frame(body + 4, Math.min(u32(body), end - body - 4), end);
        return true;
    }

    private Interface known(long offset, long index) {
        if (index >= interfaces.size()) {
            throw new CaptureException(offset, "interface " + index + " was not described");
        }
        return interfaces.get((int) index);
    }

    private void frame(long from, long captured, long end) {
        room(from, end, captured);
        checkFrame(from, captured);
        at = from;
        length = (int) captured;
    }

    @Override
    public long nanos() {
        return nanos;
    }

    @Override
    public @Nullable String port() {
        return port;
    }

    @Override
    public long at() {
        return at;
    }

    @Override
    public int length() {
        return length;
    }
}
