package dev.stride.core.fib;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// The array of 8-bit slots behind [ByteSlots]: bytes, or words of four where a burst's loads are
/// vectors ([Gathers]), which load words only.
///
/// Written by the control thread alone, so that a word's other three slots are stored as they are.
abstract sealed class Octets extends Padded {
    static Octets of(int buckets) {
        return Gathers.decide(buckets << 6)
                ? new Words(new int[buckets << 6])
                : new Bytes(new byte[buckets << 8]);
    }

    /// How many slots there are.
    abstract int length();

    abstract int get(int index);

    /// A release store.
    abstract void publish(int index, int value);

    /// The four slots from `index`, a multiple of four, on; the first in the lowest 8 bits.
    abstract int word(int index);

    /// Stores four slots at once.
    abstract void publishWord(int index, int word);

    abstract void copy(int fromBucket, int toBucket);

    abstract void fill(int bucket, int value);

    /// A longer array with the same slots.
    abstract Octets grown(int buckets);

    /// Whether [#step] loads by vectors.
    boolean gathers() {
        return this instanceof Words;
    }

    /// Loads a slot for each of the first `count` indexes. Returns bits beyond 8 where some answer
    /// is 0 or 255.
    abstract int step(int[] indexes, int[] answers, int count);

    private static final class Bytes extends Octets {
        private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(byte[].class);
        private static final VarHandle WORD =
                MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

        private final byte[] slots;

        Bytes(byte[] slots) {
            this.slots = slots;
        }

        @Override
        int length() {
            return slots.length;
        }

        @Override
        int get(int index) {
            return slots[index] & 0xff;
        }

        @Override
        void publish(int index, int value) {
            SLOT.setRelease(slots, index, (byte) value);
        }

        @Override
        int word(int index) {
            return (int) WORD.get(slots, index);
        }

        /// One instruction wherever HotSpot runs, as the elements of its arrays begin at a multiple
        /// of four; Java itself promises that of a byte only. Were it ever torn, each slot would
        /// still be the old one or the new one.
        @Override
        void publishWord(int index, int word) {
            VarHandle.releaseFence();
            WORD.set(slots, index, word);
        }

        @Override
        void copy(int fromBucket, int toBucket) {
            System.arraycopy(slots, fromBucket << 8, slots, toBucket << 8, 256);
        }

        @Override
        void fill(int bucket, int value) {
            Arrays.fill(slots, bucket << 8, (bucket + 1) << 8, (byte) value);
        }

        @Override
        Octets grown(int buckets) {
            if (!Gathers.decide(buckets << 6)) {
                return new Bytes(Copies.of(slots, buckets << 8));
            }
            int[] words = new int[buckets << 6];
            for (int i = 0; i < slots.length; i++) {
                words[i >>> 2] |= get(i) << (i << 3);
            }
            return new Words(words);
        }

        @Override
        int step(int[] indexes, int[] answers, int count) {
            byte[] s = slots;
            for (int i = 0; i < count; i++) {
                answers[i] = s[indexes[i]] & 0xff;
            }
            if (Slots.LANES) {
                return Lanes.flags(answers, 1, count);
            }
            int flags = 0;
            for (int i = 0; i < count; i++) {
                flags |= answers[i] - 1 | answers[i] + 1;
            }
            return flags;
        }
    }

    /// Slot 0 of a word is its lowest 8 bits.
    private static final class Words extends Octets {
        private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(int[].class);

        private final int[] words;

        Words(int[] words) {
            this.words = words;
        }

        @Override
        int length() {
            return words.length << 2;
        }

        @Override
        int get(int index) {
            return words[index >>> 2] >>> (index << 3) & 0xff;
        }

        @Override
        void publish(int index, int value) {
            int others = word(index) & ~(0xff << (index << 3));
            publishWord(index, others | value << (index << 3));
        }

        @Override
        int word(int index) {
            return words[index >>> 2];
        }

        @Override
        void publishWord(int index, int word) {
            WORD.setRelease(words, index >>> 2, word);
        }

        @Override
        void copy(int fromBucket, int toBucket) {
            System.arraycopy(words, fromBucket << 6, words, toBucket << 6, 64);
        }

        @Override
        void fill(int bucket, int value) {
            Arrays.fill(words, bucket << 6, (bucket + 1) << 6, value * 0x01010101);
        }

        @Override
        Octets grown(int buckets) {
            return new Words(Copies.of(words, buckets << 6));
        }

        @Override
        int step(int[] indexes, int[] answers, int count) {
            return Lanes.octets(words, indexes, answers, count);
        }
    }
}
