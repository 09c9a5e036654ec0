package dev.stride.core.fib;

/// Longer and shorter copies of large arrays, as [java.util.Arrays#copyOf] makes them, but a piece
/// at a time: a thread within one copy comes to no safepoint before its end, and every worker waits
/// there for it. Megabytes take milliseconds where their pages are touched for the first time.
final class Copies {
    private static final int PIECE = 1 << 14; // elements

    private Copies() {}

    static byte[] of(byte[] array, int length) {
        byte[] copy = new byte[length];
        copy(array, copy, Math.min(array.length, length));
        return copy;
    }

    static char[] of(char[] array, int length) {
        char[] copy = new char[length];
        copy(array, copy, Math.min(array.length, length));
        return copy;
    }

    static int[] of(int[] array, int length) {
        int[] copy = new int[length];
        copy(array, copy, Math.min(array.length, length));
        return copy;
    }

    static long[] of(long[] array, int length) {
        long[] copy = new long[length];
        copy(array, copy, Math.min(array.length, length));
        return copy;
    }

    /// Not a loop with a constant step: in one of those HotSpot looks for a safepoint only after a
    /// thousand steps.
    private static void copy(Object from, Object to, int length) {
        int at = 0;
        while (at < length) {
            int piece = Math.min(PIECE, length - at);
            System.arraycopy(from, at, to, at, piece);
            at += piece;
        }
    }
}
