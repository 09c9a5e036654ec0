package dev.stride.core.fib;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.BIT_COUNT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.OR;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// The arithmetic of a burst's steps in vectors, where the JVM was started with `--add-modules
/// jdk.incubator.vector`, and its loads from a table where [Gathers] has found that to be faster.
/// The compiler makes vectors of the plain loops, too, but runs up to a vector's length of each
/// loop before and after one by one, which with bursts of 64 is half of them.
///
/// Each method does what the loop beside its call does, for the first lanes, and returns how many
/// that were: the loop goes on from there. Arithmetic and loads from a table are loops apart: in
/// one the loads would wait for the indexes, which have to be in memory, of each vector. No method
/// takes or returns a vector: the compiler may decide to call it instead of making it part of the
/// caller, and each vector would become an object.
final class Lanes {
    private static final VectorSpecies<Integer> SPECIES = IntVector.SPECIES_PREFERRED;
    private static final int LENGTH = SPECIES.length();

    private Lanes() {}

    /// What is in a table at each place.
    static int gather(int[] table, int[] places, int[] values, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LENGTH) {
            IntVector.fromArray(SPECIES, table, 0, places, i).intoArray(values, i);
        }
        return bound;
    }

    /// What is in a root for each address's first 16 bits, given its first 32.
    static int roots(int[] root, int[] tops, int from, int[] values, int count) {
        return gather(root, values, values, shifted(tops, from, 16, values, count));
    }

    private static int shifted(int[] values, int from, int shift, int[] places, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LENGTH) {
            IntVector.fromArray(SPECIES, values, from + i)
                    .lanewise(LSHR, shift)
                    .intoArray(places, i);
        }
        return bound;
    }

    /// [Octets#step] from words of four, for all lanes.
    static int octets(int[] words, int[] indexes, int[] answers, int count) {
        int bound = shifted(indexes, 0, 2, answers, count);
        IntVector flags = IntVector.zero(SPECIES);
        for (int i = 0; i < bound; i += LENGTH) {
            IntVector shift = IntVector.fromArray(SPECIES, indexes, i).lanewise(LSHL, 3);
            IntVector word = IntVector.fromArray(SPECIES, words, 0, answers, i);
            IntVector answer = word.lanewise(LSHR, shift).and(0xff); // shifts count modulo 32
            flags = flags.or(answer.sub(1)).or(answer.add(1));
            answer.intoArray(answers, i);
        }
        int all = flags.reduceLanes(OR);
        for (int i = bound; i < count; i++) {
            answers[i] = words[indexes[i] >>> 2] >>> (indexes[i] << 3) & 0xff;
            all |= answers[i] - 1 | answers[i] + 1;
        }
        return all;
    }

    /// [Fib4]: which slot of the third stride each address needs, by its root entry.
    static int indexes(int[] entries, int[] addresses, int from, int[] indexes, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LENGTH) {
            IntVector entry = IntVector.fromArray(SPECIES, entries, i);
            IntVector address = IntVector.fromArray(SPECIES, addresses, from + i);
            IntVector bucket = entry.lanewise(LSHL, 31).lanewise(ASHR, 31); // all ones, or none
            IntVector slot = address.lanewise(LSHR, 8).and(0xff).and(bucket);
            entry.lanewise(LSHR, 1).add(slot).intoArray(indexes, i);
        }
        return bound;
    }

    /// The bits that tell whether some answer is 0 or above `limit`, see [Slots#step].
    static int flags(int[] answers, int more, int count) {
        int bound = SPECIES.loopBound(count);
        IntVector flags = IntVector.zero(SPECIES);
        for (int i = 0; i < bound; i += LENGTH) {
            IntVector answer = IntVector.fromArray(SPECIES, answers, i);
            flags = flags.or(answer.sub(1)).or(answer.add(more));
        }
        int all = flags.reduceLanes(OR);
        for (int i = bound; i < count; i++) {
            all |= answers[i] - 1 | answers[i] + more;
        }
        return all;
    }

    /// [Burst6]: a stride of dense buckets.
    static int dense(int[] tops, int[] places, int[] done, int shift, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LENGTH) {
            IntVector value = IntVector.fromArray(SPECIES, places, i);
            value = value.or(IntVector.fromArray(SPECIES, done, i));
            VectorMask<Integer> deeper = value.compare(LT, 0);
            value.blend(0, deeper).intoArray(done, i);
            IntVector slot = IntVector.fromArray(SPECIES, tops, i).lanewise(LSHR, shift).and(0xff);
            IntVector place = value.and(~Slots.DEEPER).add(slot).add(1);
            IntVector.zero(SPECIES).blend(place, deeper).intoArray(places, i);
        }
        return bound;
    }

    /// [Burst6]: notes which addresses are not done; returns how many of the first `bound`.
    static int collect(int[] places, int[] done, int[] nextHops, int[] active, int bound) {
        int left = 0;
        IntVector index = IntVector.zero(SPECIES).addIndex(1);
        for (int i = 0; i < bound; i += LENGTH) {
            IntVector value = IntVector.fromArray(SPECIES, places, i);
            value = value.or(IntVector.fromArray(SPECIES, done, i));
            value.intoArray(nextHops, i);
            VectorMask<Integer> deeper = value.compare(LT, 0);
            index.compress(deeper).intoArray(active, left);
            left += deeper.trueCount();
            index = index.add(LENGTH);
        }
        return left;
    }

    /// How many of `count` addresses whole vectors take.
    static int bound(int count) {
        return SPECIES.loopBound(count);
    }

    /// [Burst6]: loads the words of runs' starts and of their counts.
    static int heads(int[] words, int[] places, int[] slots, int[] bits, int[] counts, int count) {
        int bound = SPECIES.loopBound(count);
        for (int k = 0; k < bound; k += LENGTH) {
            IntVector place = IntVector.fromArray(SPECIES, places, k);
            IntVector slot = IntVector.fromArray(SPECIES, slots, k);
            place.add(slot.lanewise(LSHR, 5)).add(Buckets6.BITS).intoArray(bits, k);
            place.add(slot.lanewise(LSHR, 7)).add(Buckets6.COUNTS).intoArray(counts, k);
        }
        gather(words, bits, bits, bound);
        return gather(words, counts, counts, bound);
    }

    /// [Burst6]: where the values of runs are ([Buckets6#run]).
    static int runs(int[] places, int[] bits, int[] counts, int[] slots, int count) {
        int bound = SPECIES.loopBound(count);
        for (int k = 0; k < bound; k += LENGTH) {
            IntVector slot = IntVector.fromArray(SPECIES, slots, k);
            IntVector before =
                    IntVector.fromArray(SPECIES, counts, k)
                            .lanewise(LSHR, slot.lanewise(LSHR, 2).and(24))
                            .and(0xff);
            IntVector mask = IntVector.broadcast(SPECIES, 2).lanewise(LSHL, slot.and(31)).sub(1);
            IntVector begun = IntVector.fromArray(SPECIES, bits, k).and(mask).lanewise(BIT_COUNT);
            IntVector.fromArray(SPECIES, places, k)
                    .add(before)
                    .add(begun)
                    .add(Buckets6.VALUES - 1)
                    .intoArray(places, k);
        }
        return bound;
    }
}
