package dev.stride.daemon.control;

/// What a client of the control socket may do.
public enum Access {
    /// Nothing.
    NONE,
    /// Look.
    READ,
    /// Look, and change things.
    WRITE;

    /// Decides by who the client is.
    @FunctionalInterface
    public interface Rule {
        /// @param uid its user (SO_PEERCRED)
        /// @param gid its primary group
        /// @param socket number of the descriptor, for more about it
        Access of(int uid, int gid, int socket);
    }
}
