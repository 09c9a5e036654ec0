package dev.stride.core.fib;

/// Breaks what a table answers, behind its back.
public final class BrokenSlots {
    private BrokenSlots() {}

    /// Addresses that begin with these 16 bits get another answer.
    public static void break4(Fib4 fib, int first16, int nextHop) {
        fib.publishRoot(first16, nextHop);
    }

    /// The same for IPv6.
    public static void break6(Fib6 fib, int first16, int nextHop) {
        fib.publishRoot(first16, nextHop);
    }
}
