package dev.stride.core.rib;

import dev.stride.core.addr.Ip4Prefix;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A prefix and what is known of it. Most prefixes have one route: a list would cost more than all
/// the rest.
public final class Entry {
    /// A route and the group that it shares.
    record Candidate(Route route, NextHopGroup group) {}

    private static final Candidate[] NONE = {};

    private final Ip4Prefix prefix;
    private Candidate[] candidates = NONE; // in order of preference
    private @Nullable Candidate best;

    Entry(Ip4Prefix prefix) {
        this.prefix = prefix;
    }

    public Ip4Prefix prefix() {
        return prefix;
    }

    /// Everything that was said, in order of preference.
    public List<Route> candidates() {
        return Arrays.stream(candidates).map(Candidate::route).toList();
    }

    /// The one in the FIB; null when none is usable.
    public @Nullable Route best() {
        return best == null ? null : best.route;
    }

    /// The next hop's number in the FIB; 0 when none is usable.
    public int nextHop() {
        return best == null ? 0 : best.group.number;
    }

    @Nullable NextHopGroup group() {
        return best == null ? null : best.group;
    }

    /// Whether one of its candidates has one of these groups.
    boolean hasAny(Set<NextHopGroup> groups) {
        for (Candidate candidate : candidates) {
            if (groups.contains(candidate.group)) {
                return true;
            }
        }
        return false;
    }

    boolean isEmpty() {
        return candidates.length == 0;
    }

    /// What a source has said, or null.
    @Nullable Candidate of(RouteSource source) {
        for (Candidate candidate : candidates) {
            if (candidate.route.source() == source) {
                return candidate;
            }
        }
        return null;
    }

    void add(Candidate candidate) {
        int at = 0;
        while (at < candidates.length && candidates[at].route.beats(candidate.route)) {
            at++;
        }
        Candidate[] more = new Candidate[candidates.length + 1];
        System.arraycopy(candidates, 0, more, 0, at);
        more[at] = candidate;
        System.arraycopy(candidates, at, more, at + 1, candidates.length - at);
        candidates = more;
    }

    void remove(Candidate gone) {
        candidates =
                candidates.length == 1
                        ? NONE
                        : Arrays.stream(candidates)
                                .filter(c -> !c.equals(gone))
                                .toArray(Candidate[]::new);
    }

    /// Makes the first usable candidate the best one.
    void choose() {
        best = null;
        for (int i = 0; best == null && i < candidates.length; i++) {
            best = candidates[i].group.isUsable() ? candidates[i] : null;
        }
    }
}
