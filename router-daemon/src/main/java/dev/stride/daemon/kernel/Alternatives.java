package dev.stride.daemon.kernel;

import dev.stride.daemon.netlink.NetlinkMessage;
import dev.stride.daemon.netlink.NetlinkMessage.Hop;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The kernel's routes to one prefix, in its order: by priority, and by its own rules within one.
/// Pure functions of immutable lists.
///
/// A notification has the flags of what was done (net/ipv4/fib_trie.c, net/ipv6/ip6_fib.c): EXCL
/// there was none of this priority, REPLACE it takes the place of the first, APPEND it goes behind
/// the others, and with none of them before them. For IPv6 gateways of one priority are one route,
/// which comes as a whole; kernels before 4.11 send only the gateway that was added.
final class Alternatives {
    private Alternatives() {}

    /// The routes when one is said.
    ///
    /// @param flags `nlmsg_flags`
    static List<KernelRoute> with(
            List<KernelRoute> before, KernelRoute route, int flags, boolean six) {
        if (before.contains(route)) {
            return before;
        }
        List<KernelRoute> after = new ArrayList<>(before);
        int first = first(before, route);
        if (first < 0) {
            int at = 0;
            while (at < after.size()
                    && Integer.compareUnsigned(after.get(at).priority(), route.priority()) < 0) {
                at++;
            }
            after.add(at, route);
        } else if ((flags & NetlinkMessage.REPLACE) != 0) {
            after.set(first, route);
        } else if (six && before.get(first).takesMore() && route.takesMore()) {
            boolean piece = (flags & NetlinkMessage.APPEND) != 0 && route.hops().size() == 1;
            after.set(first, piece ? joined(before.get(first), route) : route);
        } else if ((flags & NetlinkMessage.APPEND) != 0) {
            int at = first;
            while (at < after.size() && after.get(at).competes(route)) {
                at++;
            }
            after.add(at, route);
        } else if ((flags & (NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE))
                == NetlinkMessage.CREATE) {
            after.add(first, route);
        } else {
            after.removeIf(route::competes);
            after.add(first, route);
        }
        return List.copyOf(after);
    }

    /// The routes when one is withdrawn.
    static List<KernelRoute> without(List<KernelRoute> before, KernelRoute gone, boolean six) {
        List<KernelRoute> after = new ArrayList<>(before);
        if (after.remove(gone)) {
            return List.copyOf(after);
        }
        int first = first(before, gone);
        if (first < 0) {
            return before;
        }
        List<Hop> left = new ArrayList<>(before.get(first).hops());
        left.removeIf(hop -> gone.hops().stream().anyMatch(other -> isSame(hop, other)));
        boolean part = left.size() == before.get(first).hops().size() - gone.hops().size();
        if (six && part && !left.isEmpty()) {
            after.set(first, before.get(first).with(left));
        } else if (before.stream().filter(gone::competes).count() == 1) {
            after.remove(first); // there is nothing else that it can be
        } else {
            return before;
        }
        return List.copyOf(after);
    }

    private static int first(List<KernelRoute> routes, KernelRoute like) {
        for (int i = 0; i < routes.size(); i++) {
            if (routes.get(i).competes(like)) {
                return i;
            }
        }
        return -1;
    }

    private static KernelRoute joined(KernelRoute before, KernelRoute more) {
        List<Hop> hops = new ArrayList<>(before.hops());
        for (Hop hop : more.hops()) {
            hops.removeIf(other -> isSame(hop, other));
            hops.add(hop);
        }
        return before.with(hops);
    }

    private static boolean isSame(Hop hop, Hop other) {
        return hop.device() == other.device() && Objects.equals(hop.gateway(), other.gateway());
    }
}
