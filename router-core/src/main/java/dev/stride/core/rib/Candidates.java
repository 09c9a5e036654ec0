package dev.stride.core.rib;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjIntConsumer;

/// What prefixes have in the RIB, as one number each: the number of the [Shared] attributes of the
/// only candidate, or the negative number of a list of several, best first, which is kept once for
/// all prefixes that have it. 0 is nothing.
final class Candidates {
    private static final Shared[] NONE = {};

    private final List<Shared[]> single = new ArrayList<>(List.<Shared[]>of(NONE)); // by number
    private final List<Shared[]> several = new ArrayList<>(List.<Shared[]>of(NONE));
    private final Map<List<Shared>, Integer> numbers = new HashMap<>(); // of those in several
    private int[] uses = new int[16]; // of those in several: prefixes that have it
    private final Deque<Integer> freeSingle = new ArrayDeque<>();
    private final Deque<Integer> freeSeveral = new ArrayDeque<>();

    /// The candidates, in order of preference. Not to be changed.
    Shared[] of(int value) {
        return value >= 0 ? single.get(value) : several.get(-value);
    }

    /// Shows the lists of several candidates, and how many prefixes have each.
    void visitSeveral(ObjIntConsumer<Shared[]> visitor) {
        for (int number = 1; number < several.size(); number++) {
            if (uses[number] > 0) {
                visitor.accept(several.get(number), uses[number]);
            }
        }
    }

    /// A number that no attributes have.
    int take() {
        return freeSingle.isEmpty() ? single.size() : freeSingle.peek();
    }

    /// Numbers of attributes are below this.
    int limit() {
        return single.size();
    }

    /// Gives the number of [#take] to attributes.
    void add(Shared shared) {
        freeSingle.poll();
        place(single, shared.number, new Shared[] {shared});
    }

    /// No prefix has these attributes any more.
    void free(Shared shared) {
        single.set(shared.number, NONE);
        freeSingle.push(shared.number);
    }

    /// The value with another candidate.
    int with(int value, Shared shared) {
        if (value == 0) {
            return shared.number;
        }
        Shared[] before = of(value);
        Shared[] more = Arrays.copyOf(before, before.length + 1);
        int at = before.length;
        for (; at > 0 && shared.attributes.beats(before[at - 1].attributes); at--) {
            more[at] = more[at - 1];
        }
        more[at] = shared;
        return put(value, more);
    }

    /// The value without one of its candidates.
    int without(int value, Shared shared) {
        if (value > 0) {
            return 0;
        }
        Shared[] fewer =
                Arrays.stream(of(value)).filter(other -> other != shared).toArray(Shared[]::new);
        if (fewer.length > 1) {
            return put(value, fewer);
        }
        leave(-value);
        return fewer[0].number;
    }

    /// A prefix has this list now, in place of a value.
    private int put(int value, Shared[] list) {
        List<Shared> key = List.of(list);
        Integer known = numbers.get(key);
        if (known == null) {
            known = freeSeveral.isEmpty() ? several.size() : freeSeveral.pop();
            place(several, known, list);
            numbers.put(key, known);
            if (known == uses.length) {
                uses = Arrays.copyOf(uses, 2 * known);
            }
        }
        uses[known]++;
        if (value < 0) {
            leave(-value);
        }
        return -known;
    }

    /// A prefix has another list than this.
    private void leave(int number) {
        if (--uses[number] == 0) {
            numbers.remove(List.of(several.get(number)));
            several.set(number, NONE);
            freeSeveral.push(number);
        }
    }

    private static void place(List<Shared[]> lists, int number, Shared[] list) {
        if (number == lists.size()) {
            lists.add(list);
        } else {
            lists.set(number, list);
        }
    }
}
