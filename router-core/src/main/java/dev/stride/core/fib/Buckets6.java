package dev.stride.core.fib;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// The buckets of IPv6, of 256 slots each, in two forms. A value is a next hop, 0 for none, or
/// [Slots#DEEPER] and the place of a bucket of the next stride. A bucket is a place in one array of
/// words, a multiple of 8:
///
/// ```
/// dense   word 0      which node of the writer this is
///              1-256  the value of each slot
///
/// runs    word 0      the node
///              1-8    a bit for each slot: set where a run of slots with the same value begins.
///                     Slot 0 always begins one.
///              9-10   for each of the words 1-8 a byte: how many runs begin before it
///              11...  the value of each run
///
/// slot 37 of a bucket of runs: word 2, bit 5; runs = byte 1 of word 9 + bits set in word 2 up to
/// bit 5; value at word 10 + runs
/// ```
///
/// Runs are for strides with many buckets of few different values: most take one cache line. A step
/// through a dense bucket takes a third of the time. Slots that once changed together stay a run of
/// their own, whatever their neighbors' value, so that the next change is one store: routes come
/// and go and change their next hops, most of them more than once.
///
/// Threads: the control thread does everything here; readers take [#words(int[][])] after the slot
/// that leads to a bucket, and look with [#dense] or [#inRuns]. A bucket is written while no reader
/// can reach it. After that only single values change, each by one store, until [Limbo] hands the
/// bucket back. The array grows by a copy, which is published before anything in its new part is
/// linked, and shrinks by one once nobody can hold a place in the part that is cut off.
final class Buckets6 extends Padded {
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(int[][].class);
    private static final int PAD = 32; // references: two cache lines on either side
    private static final int DENSE = 1 << 31; // in the node's word
    static final int SLOTS = 256;
    static final int BITS = 1;
    static final int COUNTS = 9;
    static final int VALUES = 11;
    private static final int MIN_CROWD = 1 << 14; // words
    private static final int MIN_GROWTH = 1 << 12; // words

    private int[] words = new int[FreeBlocks.UNIT]; // what is published; no bucket begins at 0
    private final int[][] published = new int[2 * PAD + 1][]; // control: rw, readers: ro
    private final FreeBlocks free = new FreeBlocks();
    private final Limbo limbo;
    private int used;
    private int waiting; // words of those in limbo
    private final RunCode code = new RunCode();
    private final int[] coded = code.words;
    private final int[] decoded = new int[SLOTS];

    Buckets6(Quiescence readers) {
        limbo = new Limbo(readers, this::free);
        published[PAD] = words;
    }

    /// Where [#words(int[][])] finds the buckets. Readers keep it: what they load must not lie
    /// beside the fields of this object, which change with every bucket.
    int[][] published() {
        return published;
    }

    /// All buckets, for [#dense] and [#inRuns].
    static int[] words(int[][] published) {
        return (int[]) CELL.getAcquire(published, PAD);
    }

    /// A slot's value in a dense bucket.
    static int dense(int[] words, int place, int slot) {
        return words[place + 1 + slot];
    }

    /// A slot's value in a bucket of runs.
    static int inRuns(int[] words, int place, int slot) {
        return words[place + run(words, place, slot)];
    }

    /// In which word of the bucket of runs at `place` the value of a slot is.
    static int run(int[] words, int place, int slot) {
        int bits = words[place + BITS + (slot >>> 5)];
        return run(bits, words[place + COUNTS + (slot >>> 7)], slot);
    }

    /// In which word the value of a slot's run is.
    ///
    /// @param bits the slot's word of run starts
    /// @param counts the word of counts that has its count
    static int run(int bits, int counts, int slot) {
        int before = counts >>> (slot >>> 2 & 24) & 0xff;
        int begun = bits & (2 << (slot & 31)) - 1;
        return VALUES - 1 + before + Integer.bitCount(begun);
    }

    private boolean isDense(int place) {
        return words[place] < 0;
    }

    /// A slot's value, for the writer.
    int get(int place, int slot) {
        return words[place + word(place, slot)];
    }

    /// In which word of a bucket the value of a slot is.
    private int word(int place, int slot) {
        return isDense(place) ? 1 + slot : run(words, place, slot);
    }

    /// The writer's number of a bucket.
    int node(int place) {
        return words[place] & ~DENSE;
    }

    /// Writes the values of all 256 slots to `slots`.
    void decode(int place, int[] slots) {
        if (isDense(place)) {
            System.arraycopy(words, place + 1, slots, 0, 256);
            return;
        }
        int run = place + VALUES - 1;
        for (int slot = 0; slot < 256; slot++) {
            run += words[place + BITS + (slot >>> 5)] >>> slot & 1;
            slots[slot] = words[run];
        }
    }

    /// A bucket with these values; no reader can reach it yet.
    int allocate(int[] slots, int node, boolean dense) {
        return allocate(encode(slots, dense, false), node, dense);
    }

    /// A bucket with what was encoded last.
    private int allocate(int length, int node, boolean dense) {
        int place = take(units(length));
        System.arraycopy(coded, 0, words, place, length);
        words[place] = node | (dense ? DENSE : 0);
        used++;
        return place;
    }

    /// Changes the values of a linked bucket: with one store where that is enough, else in a new
    /// bucket, and this one goes to limbo; with a store for each run while limbo is crowded.
    ///
    /// @return the place of the bucket with the new values
    int replace(int place, int[] slots) {
        int length = encode(slots, isDense(place), false);
        int word = onlyChange(place, length);
        if (word < 0 && isCrowded()) {
            return repaint(place, slots);
        }
        if (word < 0) {
            return renew(place, length);
        }
        return word == 0 ? place : publish(place, word, coded[word]);
    }

    /// The same for the slots from `from` to `to` - 1, which get one value: without a look at the
    /// others. They are a run from then on, so that the next such change is one store, also where
    /// their neighbors have the same value ([#merge]).
    int replace(int place, int from, int to, int value) {
        if (holds(place, from, to, value)) {
            return place;
        }
        boolean shorten = isSplit(place) && !isCrowded();
        if (isRun(place, from, to) && !shorten) {
            return publish(place, word(place, from), value);
        }
        if (shorten || isCrowded()) {
            decode(place, decoded);
            Arrays.fill(decoded, from, to, value);
            return replace(place, decoded);
        }
        return renew(place, splice(place, from, to, value));
    }

    private boolean holds(int place, int from, int to, int value) {
        int last = word(place, to - 1);
        for (int word = word(place, from); word <= last; word++) {
            if (words[place + word] != value) {
                return false;
            }
        }
        return true;
    }

    /// Whether the slots from `from` to `to` - 1, and no others, have one word.
    private boolean isRun(int place, int from, int to) {
        return begins(place, from)
                && (to == SLOTS || begins(place, to))
                && word(place, from) == word(place, to - 1);
    }

    /// Whether a slot begins a run, as all do in a dense bucket.
    private boolean begins(int place, int slot) {
        return isDense(place) || (words[place + BITS + (slot >>> 5)] >>> slot & 1) != 0;
    }

    /// Whether every slot is a run of its own.
    private boolean isSplit(int place) {
        return !isDense(place) && word(place, SLOTS - 1) == VALUES + SLOTS - 1;
    }

    private int publish(int place, int word, int value) {
        WORD.setRelease(words, place + word, value);
        return place;
    }

    /// Makes one run of those side by side that have the same value, unless too much waits for a
    /// slow reader.
    ///
    /// @return the place of the bucket that has them
    int merge(int place) {
        if (!hasEqualNeighbors(place) || isCrowded()) {
            return place;
        }
        decode(place, decoded);
        return renew(place, encode(decoded, false, false));
    }

    private boolean hasEqualNeighbors(int place) {
        int last = isDense(place) ? 0 : word(place, SLOTS - 1);
        for (int word = VALUES + 1; word <= last; word++) {
            if (words[place + word] == words[place + word - 1]) {
                return true;
            }
        }
        return false;
    }

    /// Whether some of the slots from `from` to `to` - 1 lead to buckets, other than to the one
    /// that `except` says.
    boolean leadsDeeper(int place, int from, int to, int except) {
        int last = word(place, to - 1);
        for (int word = word(place, from); word <= last; word++) {
            if (words[place + word] < 0 && words[place + word] != except) {
                return true;
            }
        }
        return false;
    }

    /// The same with a store for each run, as long as no run must be split: for a bucket far below
    /// the prefix that changes, of which there may be thousands.
    int repaint(int place, int[] slots) {
        if (fits(place, slots)) {
            return store(place, slots);
        }
        return renew(place, encode(slots, isDense(place), isCrowded()));
    }

    /// Whether all slots of each run have the same new value.
    private boolean fits(int place, int[] slots) {
        for (int slot = 1; slot < 256; slot++) {
            if (!begins(place, slot) && slots[slot] != slots[slot - 1]) {
                return false;
            }
        }
        return true;
    }

    private int store(int place, int[] slots) {
        int word = place + word(place, 0) - 1;
        for (int slot = 0; slot < 256; slot++) {
            boolean begins = begins(place, slot);
            word += begins ? 1 : 0;
            if (begins && words[word] != slots[slot]) {
                WORD.setRelease(words, word, slots[slot]);
            }
        }
        return place;
    }

    /// What was encoded last in a new bucket; this one goes to limbo.
    private int renew(int place, int length) {
        boolean dense = isDense(place);
        int node = node(place);
        replaced(place);
        return allocate(length, node, dense);
    }

    /// Whether so much waits for a slow reader, a quarter of what is linked, that nothing more
    /// should be replaced without need. What cannot be changed in place is then replaced once more,
    /// with every slot a run of its own, and after that it can: memory stays bounded however long a
    /// reader stalls.
    private boolean isCrowded() {
        if (waiting <= crowd()) {
            return false;
        }
        limbo.reclaim();
        return waiting > crowd();
    }

    private int crowd() {
        return Math.max(MIN_CROWD, live() >>> 2);
    }

    /// Which value's word is the only one that differs from what was encoded last; 0 if none does,
    /// -1 if more do or if the runs do not begin where they did.
    private int onlyChange(int place, int length) {
        int values = isDense(place) ? 1 : VALUES;
        if (Arrays.mismatch(words, place + 1, place + values, coded, 1, values) >= 0) {
            return -1;
        }
        int end = place + length; // as long as it was: the runs begin where they did
        int first = Arrays.mismatch(words, place + values, end, coded, values, length);
        if (first < 0) {
            return 0;
        }
        int word = values + first;
        int next = word + 1;
        return Arrays.mismatch(words, place + next, end, coded, next, length) < 0 ? word : -1;
    }

    /// Encodes all but the node into `coded`; returns the number of words.
    private int encode(int[] slots, boolean dense, boolean split) {
        if (!dense) {
            return code.encode(slots, split);
        }
        System.arraycopy(slots, 0, coded, 1, SLOTS);
        return 1 + SLOTS;
    }

    /// The same of a bucket in which a range of slots changes.
    private int splice(int place, int from, int to, int value) {
        if (!isDense(place)) {
            return code.splice(words, place, from, to, value);
        }
        System.arraycopy(words, place + 1, coded, 1, SLOTS);
        Arrays.fill(coded, 1 + from, 1 + to, value);
        return 1 + SLOTS;
    }

    private int take(int units) {
        int place = free.take(words, units);
        if (place == 0 && limbo.size() > 64) {
            limbo.reclaim();
            place = free.take(words, units);
        }
        if (place == 0) {
            grow();
            place = free.take(words, units);
        }
        return place;
    }

    private void grow() {
        int end = words.length;
        int more = Math.max(MIN_GROWTH, end >>> 5) / FreeBlocks.UNIT;
        words = Copies.of(words, end + more * FreeBlocks.UNIT);
        free.add(words, end, more);
        Gathers.decide(words.length); // here, so that no reader has to
        CELL.setRelease(published, PAD, words);
    }

    /// Whether enough is free that it is worth moving buckets to give it back.
    boolean isLoose() {
        return free.words() > Math.max(MIN_CROWD, live() / 24) && waiting < free.words() / 2;
    }

    /// Before buckets are moved: says from where on. The more is free the more of it stays, as
    /// room: then the next moves give back the most of that.
    void beginMoves() {
        int room = Math.max(live() / 48, free.words() / 4);
        free.limit(words, units(live() + room) * FreeBlocks.UNIT);
    }

    /// Moves a bucket and those that it leads to out of the end of the array, where there is room
    /// further down; returns its place.
    int move(int place) {
        int to = place >= free.limit() ? free.takeBelow(words, units(length(place))) : 0;
        if (to != 0) {
            System.arraycopy(words, place, words, to, length(place));
            used++;
            replaced(place);
        }
        int now = to != 0 ? to : place;
        int end = now + length(now);
        for (int word = now + (isDense(now) ? 1 : VALUES); word < end; word++) {
            int value = words[word];
            int moved = value < 0 ? Slots.DEEPER | move(value & ~Slots.DEEPER) : value;
            if (moved != value) {
                WORD.setRelease(words, word, moved);
            }
        }
        return now;
    }

    /// After buckets were moved: gives back the free end of the array.
    void endMoves() {
        limbo.reclaim();
        int end = words.length;
        int from = free.takeEnd(words);
        int keep = Math.max(from, free.limit());
        free.limit(words, Integer.MAX_VALUE);
        if (keep < end) {
            words = Copies.of(words, keep);
            CELL.setRelease(published, PAD, words);
        }
        if (from < words.length) {
            free.add(words, from, (words.length - from) / FreeBlocks.UNIT);
        }
    }

    private int live() {
        return words.length - free.words() - waiting;
    }

    private int length(int place) {
        if (isDense(place)) {
            return 1 + 256;
        }
        int length = VALUES;
        for (int word = 0; word < 8; word++) {
            length += Integer.bitCount(words[place + BITS + word]);
        }
        return length;
    }

    private static int units(int length) {
        return (length + FreeBlocks.UNIT - 1) / FreeBlocks.UNIT;
    }

    private void free(int place) {
        int units = units(length(place));
        waiting -= units * FreeBlocks.UNIT;
        free.add(words, place, units);
        used--;
    }

    /// A bucket is about to be unlinked: [#retire] must follow the store that does it.
    void replaced(int place) {
        waiting += units(length(place)) * FreeBlocks.UNIT;
        limbo.add(place);
    }

    /// The buckets of [#replaced] have been unlinked.
    void retire() {
        limbo.retire();
    }

    /// How many buckets are linked.
    int used() {
        return used - limbo.size();
    }

    /// How many buckets wait for readers.
    int waiting() {
        return limbo.size();
    }

    /// The memory that lookups reach.
    long bytes() {
        return (long) words(published).length * Integer.BYTES;
    }
}
