package dev.stride.core.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Unaligned access in network order; the one place that knows the layouts.
public final class Bytes {
    private static final ValueLayout.OfShort U16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt I32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong I64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Bytes() {}

    /// One byte, 0 to 255.
    public static int u8(MemorySegment m, long at) {
        return m.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    /// Two bytes, 0 to 65535.
    public static int u16(MemorySegment m, long at) {
        return m.get(U16, at) & 0xffff;
    }

    /// Four bytes.
    public static int i32(MemorySegment m, long at) {
        return m.get(I32, at);
    }

    /// Six bytes in the lower 48 bits.
    public static long u48(MemorySegment m, long at) {
        return (long) u16(m, at) << 32 | i32(m, at + 2) & 0xffff_ffffL;
    }

    /// Eight bytes.
    public static long i64(MemorySegment m, long at) {
        return m.get(I64, at);
    }

    /// Stores the low byte of `value`.
    public static void put8(MemorySegment m, long at, int value) {
        m.set(ValueLayout.JAVA_BYTE, at, (byte) value);
    }

    /// Stores the low two bytes of `value`.
    public static void put16(MemorySegment m, long at, int value) {
        m.set(U16, at, (short) value);
    }

    /// Stores four bytes.
    public static void put32(MemorySegment m, long at, int value) {
        m.set(I32, at, value);
    }

    /// Stores the low six bytes of `value`.
    public static void put48(MemorySegment m, long at, long value) {
        put16(m, at, (int) (value >>> 32));
        put32(m, at + 2, (int) value);
    }

    /// Stores eight bytes.
    public static void put64(MemorySegment m, long at, long value) {
        m.set(I64, at, value);
    }
}
