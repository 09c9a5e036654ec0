package dev.stride.daemon.config;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The name that was probably meant.
final class Nearest {
    private Nearest() {}

    /// A sentence for people: `did you mean "mtu"?`, or all that is known where nothing is near.
    static String hint(String name, Collection<String> known) {
        String nearest = of(name, known);
        if (nearest != null) {
            return "did you mean \"" + nearest + "\"?";
        }
        if (known.isEmpty()) {
            return "there is none to name";
        }
        List<String> sorted = known.stream().sorted().toList();
        return "known: " + String.join(", ", sorted);
    }

    /// The one of `known` with the fewest edits to `name`, if at most half of its letters change,
    /// or the one that begins with it.
    static @Nullable String of(String name, Collection<String> known) {
        String lower = name.toLowerCase(Locale.ROOT);
        return known.stream()
                .filter(candidate -> 2 * distance(lower, candidate) <= candidate.length())
                .min(
                        Comparator.comparingInt((String candidate) -> distance(lower, candidate))
                                .thenComparing(Comparator.naturalOrder()))
                .orElse(null);
    }

    private static int distance(String name, String candidate) {
        boolean begun = name.length() >= 3 && candidate.startsWith(name);
        return begun ? 1 : edits(name, candidate);
    }

    /// Insertions, deletions, replacements and swaps of neighbors between `a` and `b` (optimal
    /// string alignment).
    static int edits(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                cost[i][j] = i == 0 || j == 0 ? i + j : step(cost, a, b, i, j);
            }
        }
        return cost[a.length()][b.length()];
    }

    private static int step(int[][] cost, String a, String b, int i, int j) {
        int replaced = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replaced, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
        boolean swapped =
                i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
    }

    /// The value whose label is `text`.
    ///
    /// @param what they are, as in "kind of tag"
    /// @throws IllegalArgumentException with the nearest ones, when there is none
    static <T> T labelled(T[] values, Function<T, String> label, String text, String what) {
        for (T value : values) {
            if (label.apply(value).equals(text)) {
                return value;
            }
        }
        List<String> labels = Arrays.stream(values).map(label).toList();
        throw new IllegalArgumentException(
                Node.quoted(text) + " is no " + what + "; " + hint(text, labels));
    }
}
