package dev.stride.core.forward;

/// Brings fragments to the worker that puts their datagrams together, from whichever port and so
/// worker they came by. Called on the data path: must not block, may refuse.
public interface FragmentHandover {
    /// How many workers there are.
    int workers();

    /// Hands a fragment over.
    ///
    /// @param worker its index
    /// @param port that the fragment came by
    /// @param frame from the Ethernet header on; not to be changed any more
    /// @return whether it was taken
    boolean hand(int worker, int port, byte[] frame);
}
