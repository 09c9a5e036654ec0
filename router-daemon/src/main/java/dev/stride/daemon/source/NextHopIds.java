package dev.stride.daemon.source;

import dev.stride.core.rib.Route;
import dev.stride.daemon.netlink.NetlinkMessage.Hop;
import dev.stride.daemon.netlink.NetlinkMessage.Member;
import dev.stride.daemon.netlink.NetlinkMessage.NextHopMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What next-hop ids stand for, as far as a source has told. A group may come before its members,
/// an id may be defined anew at any time, and ids that nobody needs may stay. One thread.
public final class NextHopIds {
    /// An id that leads elsewhere now.
    ///
    /// @param after null where that is not known any more
    public record Change(int id, @Nullable Target after) {}

    private static final int LIMIT = 1 << 18;

    private final Devices devices;
    private final Map<Integer, NextHopMessage> said = new HashMap<>();
    private final Map<Integer, Set<Integer>> groups = new HashMap<>(); // by a member's id
    private final Map<Integer, Target> targets = new HashMap<>(); // of ids that lead somewhere

    /// @param devices what interfaces mean
    public NextHopIds(Devices devices) {
        this.devices = devices;
    }

    public int size() {
        return said.size();
    }

    /// Whether one more would be too many.
    public boolean isFull() {
        return said.size() >= LIMIT;
    }

    /// Where an id leads; null where that is not known yet.
    public @Nullable Target get(int id) {
        return targets.get(id);
    }

    /// Takes a definition, in place of an earlier one; returns what leads elsewhere by it.
    public List<Change> put(NextHopMessage message) {
        NextHopMessage before = said.put(message.id(), message);
        if (message.equals(before)) {
            return List.of();
        }
        unlink(before);
        for (Member member : message.members()) {
            groups.computeIfAbsent(member.id(), id -> new HashSet<>()).add(message.id());
        }
        return changes(message.id());
    }

    /// Forgets an id; returns what leads elsewhere by it.
    public List<Change> remove(int id) {
        unlink(said.remove(id));
        return changes(id);
    }

    /// The ids of single next hops behind an interface.
    public List<Integer> behind(int device) {
        return said.values().stream()
                .filter(message -> message.hop() != null && message.hop().device() == device)
                .map(NextHopMessage::id)
                .toList();
    }

    /// Interfaces mean something else now: returns what leads elsewhere by it.
    public List<Change> reconsider() {
        List<Change> changes = new ArrayList<>();
        said.keySet().forEach(id -> change(id, changes));
        return changes;
    }

    private void unlink(@Nullable NextHopMessage gone) {
        if (gone == null) {
            return;
        }
        for (Member member : gone.members()) {
            Set<Integer> same = groups.get(member.id());
            if (same != null && same.remove(gone.id()) && same.isEmpty()) {
                groups.remove(member.id());
            }
        }
    }

    private List<Change> changes(int id) {
        List<Change> changes = new ArrayList<>(1);
        change(id, changes);
        groups.getOrDefault(id, Set.of()).forEach(group -> change(group, changes));
        return changes;
    }

    private void change(int id, List<Change> changes) {
        NextHopMessage message = said.get(id);
        Target after = message == null ? null : target(message);
        Target before = after == null ? targets.remove(id) : targets.put(id, after);
        if (!Objects.equals(before, after)) {
            changes.add(new Change(id, after));
        }
    }

    /// Null for a group of which no member is known that leads somewhere, but one is missing.
    private @Nullable Target target(NextHopMessage message) {
        if (message.members().isEmpty()) {
            return single(message);
        }
        List<Hop> hops = new ArrayList<>();
        boolean missing = false;
        Target other = Target.skipped(Skip.INTERFACE);
        for (Member member : message.members()) {
            NextHopMessage each = said.get(member.id());
            missing |= each == null;
            if (each == null || !each.members().isEmpty()) { // groups have no groups within
                continue;
            }
            Target target = single(each);
            Hop hop = each.hop();
            if (target.skip() != null || hop == null) {
                other = target;
            } else {
                hops.add(new Hop(hop.gateway(), hop.device(), member.weight()));
            }
        }
        return hops.isEmpty() ? missing ? null : other : Target.via(hops, devices);
    }

    private Target single(NextHopMessage message) {
        if (message.blackhole()) {
            return Target.dropping(Route.Kind.BLACKHOLE);
        }
        if (message.encapsulated()) {
            return Target.skipped(Skip.ENCAPSULATION);
        }
        Hop hop = message.hop();
        return Target.via(hop == null ? List.of() : List.of(hop), devices);
    }
}
