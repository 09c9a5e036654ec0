package dev.stride.core.rib;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// What the routes of groups that stopped being usable go by now: interesting where that is the
/// same group for all of them.
final class Fallbacks {
    private final Map<NextHopGroup, Optional<NextHopGroup>> found = new HashMap<>();

    /// Looks at a list of candidates.
    ///
    /// @param prefixes how many have it
    /// @param stopped groups that were usable and are not
    /// @param beside counts candidates that have been looked at, by number
    void add(Shared[] list, int prefixes, Set<NextHopGroup> stopped, int[] beside) {
        NextHopGroup was = null;
        NextHopGroup now = null;
        for (Shared candidate : list) {
            beside[candidate.number] += prefixes;
            NextHopGroup group = candidate.group;
            if (now != null) {
                continue;
            }
            if (group.isUsable()) {
                now = group;
            } else if (was == null && stopped.contains(group)) {
                was = group;
            }
        }
        if (was != null) {
            add(was, now);
        }
    }

    /// Routes of the first group go by the second now, or by none.
    void add(NextHopGroup was, @Nullable NextHopGroup now) {
        Optional<NextHopGroup> known = found.get(was);
        if (known == null) {
            found.put(was, Optional.ofNullable(now));
        } else if (known.orElse(null) != now) {
            found.put(was, Optional.empty());
        }
    }

    /// Shows each group all of whose routes go by the same other one, and that one.
    void forEach(BiConsumer<NextHopGroup, NextHopGroup> visitor) {
        found.forEach((was, now) -> now.ifPresent(other -> visitor.accept(was, other)));
    }
}
