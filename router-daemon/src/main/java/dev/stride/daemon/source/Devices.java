package dev.stride.daemon.source;

/// What the interface indexes of a source's namespace mean to the router.
public interface Devices {
    /// It is the business of the kernel or of others.
    int UNKNOWN = -1;

    /// It is switched off, so that no next hop behind it counts.
    int DOWN = -2;

    /// Nothing is known of any interface.
    Devices NONE = index -> UNKNOWN;

    /// The port whose interface this is; [#UNKNOWN] or [#DOWN].
    int port(int index);
}
