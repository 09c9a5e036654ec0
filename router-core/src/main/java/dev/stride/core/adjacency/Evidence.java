package dev.stride.core.adjacency;

/// How much a message says about the station that sent it.
public enum Evidence {
    /// It tells everybody: changes an entry, makes none.
    ANNOUNCEMENT,
    /// The same from a station that gives way to another: raises doubt about an entry, changes
    /// none.
    HINT,
    /// It asks us, so that it will want to hear us: makes an entry, but does not confirm that our
    /// packets arrive.
    QUESTION,
    /// It answers us, but gives way to another station with the address: confirms an entry, makes
    /// none (RFC 4861 section 7.2.5).
    YIELDING_CONFIRMATION,
    /// It answers us, so that our packets arrive: confirms or changes an entry, makes none, since
    /// nobody asked.
    CONFIRMATION
}
