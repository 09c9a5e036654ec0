package dev.stride.core.pfil;

/// What a hook decides.
public enum Verdict {
    /// Go on to the next hook.
    PASS,
    /// Drop for the reason in the packet's `ending`, which is `FILTERED` unless the hook set
    /// another.
    DROP,
    /// The hook has taken what it wants; the packet ends here and its memory is used again.
    CONSUMED
}
