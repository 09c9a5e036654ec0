package dev.stride.daemon.kernel;

import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.addr.PrefixMap;
import dev.stride.daemon.netlink.NetlinkMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// The routes of a kernel table. A prefix costs about 16 bytes: what its routes say besides is kept
/// once for all that say the same, under a number. One thread.
final class KernelTable {
    /// Is shown prefixes with the number of their routes.
    interface Visitor {
        void visit(IpPrefix prefix, int number);
    }

    private final PrefixMap four = new PrefixMap(true);
    private final PrefixMap six = new PrefixMap(false);
    private final Map<List<KernelRoute>, Integer> numbers = new HashMap<>();
    private final List<List<KernelRoute>> lists = new ArrayList<>(); // by number
    private final List<Integer> users = new ArrayList<>(); // prefixes by number

    KernelTable() {
        lists.add(List.of()); // 0 is none
        users.add(0);
    }

    /// How many prefixes there are.
    int size() {
        return four.size() + six.size();
    }

    /// One more than the highest number.
    int numbers() {
        return lists.size();
    }

    /// The number of a prefix's routes; 0 where it has none.
    int number(IpPrefix prefix) {
        return map(prefix).get(PrefixMap.high(prefix), PrefixMap.low(prefix), prefix.length());
    }

    /// The routes that a number stands for, in the kernel's order.
    List<KernelRoute> routes(int number) {
        return lists.get(number);
    }

    /// How many prefixes have these routes.
    int users(int number) {
        return users.get(number);
    }

    /// Takes a notification; returns whether it was news.
    ///
    /// @param flags `nlmsg_flags`
    boolean put(IpPrefix prefix, KernelRoute route, int flags) {
        List<KernelRoute> before = routes(number(prefix));
        List<KernelRoute> after =
                Alternatives.with(before, route, flags, prefix instanceof Ip6Prefix);
        return set(prefix, before, after);
    }

    /// Takes a part of a dump, which lists the routes of a prefix in order.
    void dumped(IpPrefix prefix, KernelRoute route) {
        boolean _ = put(prefix, route, NetlinkMessage.CREATE | NetlinkMessage.APPEND);
    }

    /// Takes a withdrawal; returns whether it was news.
    boolean remove(IpPrefix prefix, KernelRoute route) {
        List<KernelRoute> before = routes(number(prefix));
        return set(
                prefix, before, Alternatives.without(before, route, prefix instanceof Ip6Prefix));
    }

    /// Takes IPv4 routes out that the kernel took out without a word.
    ///
    /// @param touched is told their prefixes
    void removeSilently(Predicate<KernelRoute> gone, Consumer<IpPrefix> touched) {
        Map<Integer, List<KernelRoute>> changed = new HashMap<>();
        for (int number = 1; number < lists.size(); number++) {
            List<KernelRoute> routes = lists.get(number);
            if (users.get(number) > 0 && routes.stream().anyMatch(gone)) {
                changed.put(number, routes.stream().filter(gone.negate()).toList());
            }
        }
        if (changed.isEmpty()) {
            return;
        }
        List<IpPrefix> due = new ArrayList<>();
        visit(
                four,
                (prefix, number) -> {
                    if (changed.containsKey(number)) {
                        due.add(prefix);
                    }
                });
        for (IpPrefix prefix : due) {
            int number = number(prefix);
            boolean _ = set(prefix, lists.get(number), changed.getOrDefault(number, List.of()));
            touched.accept(prefix);
        }
    }

    private boolean set(IpPrefix prefix, List<KernelRoute> before, List<KernelRoute> after) {
        if (after.equals(before)) {
            return false;
        }
        long high = PrefixMap.high(prefix);
        long low = PrefixMap.low(prefix);
        int number = after.isEmpty() ? 0 : numbers.computeIfAbsent(after, this::fresh);
        int old =
                number == 0
                        ? map(prefix).remove(high, low, prefix.length())
                        : map(prefix).put(high, low, prefix.length(), number);
        users.set(old, users.get(old) - 1);
        users.set(number, users.get(number) + 1);
        return true;
    }

    private int fresh(List<KernelRoute> routes) {
        lists.add(routes);
        users.add(0);
        return lists.size() - 1;
    }

    /// Shows all prefixes in order, IPv4 first. The table must not change meanwhile.
    void visit(Visitor visitor) {
        visit(four, visitor);
        visit(six, visitor);
    }

    private static void visit(PrefixMap map, Visitor visitor) {
        map.visit(
                0,
                0,
                0,
                (high, low, length, number) -> {
                    visitor.visit(map.prefix(high, low, length), number);
                    return true;
                });
    }

    private PrefixMap map(IpPrefix prefix) {
        return prefix instanceof Ip6Prefix ? six : four;
    }
}
