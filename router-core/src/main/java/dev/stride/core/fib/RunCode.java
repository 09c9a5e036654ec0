package dev.stride.core.fib;

import static dev.stride.core.fib.Buckets6.BITS;
import static dev.stride.core.fib.Buckets6.COUNTS;
import static dev.stride.core.fib.Buckets6.VALUES;

/// The words that a bucket of runs ([Buckets6]) is to have, all but the node's: made from 256
/// slots, or from the words of another bucket and a range of slots that changes. The control thread
/// only.
final class RunCode {
    final int[] words = new int[VALUES + Buckets6.SLOTS];

    /// From slots; returns the number of words. Without a branch for each slot: where runs begin
    /// cannot be foreseen.
    ///
    /// @param split whether every slot begins a run
    int encode(int[] slots, boolean split) {
        int always = split ? -1 : 0;
        int last = ~slots[0]; // slot 0 begins a run
        int runs = 0;
        for (int word = 0; word < 8; word++) {
            int bits = 0;
            for (int slot = word << 5; slot < (word + 1) << 5; slot++) {
                int value = slots[slot];
                int changed = value ^ last | always;
                int begins = (changed | -changed) >>> 31;
                runs += begins;
                bits |= begins << slot;
                words[VALUES - 1 + runs] = value;
                last = value;
            }
            words[BITS + word] = bits;
        }
        count();
        return VALUES + runs;
    }

    /// From the bucket at `place` of `old`, with `value` in the slots from `from` to `to` - 1, as a
    /// run of its own; returns the number of words.
    ///
    /// ```
    /// old   A A B B B C C D    from 3, to 6, value X
    /// new   A A B X X X C D    kept: the runs before slot 3, X, and from slot 6 on
    /// ```
    int splice(int[] old, int place, int from, int to, int value) {
        System.arraycopy(old, place + BITS, words, BITS, 8);
        for (int slot = from; slot < to; slot++) {
            begin(slot, 0);
        }
        int end = VALUES;
        if (from > 0) {
            int before = Buckets6.run(old, place, from - 1);
            end = before + 1;
            System.arraycopy(old, place + VALUES, words, VALUES, end - VALUES);
        }
        begin(from, 1);
        words[end++] = value;
        if (to < Buckets6.SLOTS) {
            begin(to, 1);
            int after = Buckets6.run(old, place, to);
            int length = Buckets6.run(old, place, Buckets6.SLOTS - 1) + 1;
            System.arraycopy(old, place + after, words, end, length - after);
            end += length - after;
        }
        count();
        return end;
    }

    private void begin(int slot, int bit) {
        int word = BITS + (slot >>> 5);
        words[word] = words[word] & ~(1 << slot) | bit << slot;
    }

    /// Fills the counts from the bits.
    private void count() {
        words[COUNTS] = 0;
        words[COUNTS + 1] = 0;
        int runs = 0;
        for (int word = 0; word < 8; word++) {
            words[COUNTS + (word >>> 2)] |= runs << (word << 3);
            runs += Integer.bitCount(words[BITS + word]);
        }
    }
}
