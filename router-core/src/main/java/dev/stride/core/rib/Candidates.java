package dev.stride.core.rib;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/// What prefixes have in the RIB, as one number each: the number of the [Shared] attributes of the
/// only candidate, or the negative number of a list of several, best first. 0 is nothing.
final class Candidates {
    private static final Shared[] NONE = {};

    private final List<Shared[]> single = new ArrayList<>(List.<Shared[]>of(NONE)); // by number
    private final List<Shared[]> several = new ArrayList<>(List.<Shared[]>of(NONE));
    private final Deque<Integer> freeSingle = new ArrayDeque<>();
    private final Deque<Integer> freeSeveral = new ArrayDeque<>();

    /// The candidates, in order of preference. Not to be changed.
    Shared[] of(int value) {
        return value >= 0 ? single.get(value) : several.get(-value);
    }

    /// Shows the lists of prefixes that have several candidates, one for each prefix.
    void visitSeveral(Consumer<Shared[]> visitor) {
        for (Shared[] list : several) {
            if (list.length > 0) {
                visitor.accept(list);
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
        several.set(-value, NONE);
        freeSeveral.push(-value);
        return fewer[0].number;
    }

    private int put(int value, Shared[] list) {
        int number =
                value < 0 ? -value : freeSeveral.isEmpty() ? several.size() : freeSeveral.pop();
        place(several, number, list);
        return -number;
    }

    private static void place(List<Shared[]> lists, int number, Shared[] list) {
        if (number == lists.size()) {
            lists.add(list);
        } else {
            lists.set(number, list);
        }
    }
}
