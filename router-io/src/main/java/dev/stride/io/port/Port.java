package dev.stride.io.port;

/// A place where frames enter and leave: TAP, packet socket, capture, tunnel, memory.
///
/// Opened, brought up and closed by the control thread; frames move through a [PortQueue] of each
/// worker's own.
public interface Port extends AutoCloseable {
    /// The name in the configuration.
    String name();

    /// The device's own MAC address in the lower 48 bits, or -1 where it has none for us to use.
    default long mac() {
        return -1;
    }

    /// Bytes of the largest IP packet that the device takes, or 0 where it does not matter.
    default int mtu() {
        return 0;
    }

    /// A handle for one worker. Called once for each worker before it starts.
    ///
    /// @param receives whether this worker takes frames from the port; every worker may send to it
    PortQueue queue(boolean receives);

    /// Whether super-frames and unfinished checksums can be sent as they are. If not, the worker
    /// finishes them first.
    boolean takesOffloads();

    /// Whether the device is there and up. The control thread asks now and then.
    boolean isUp();

    /// Frames that came for this port, since it was opened, and that the kernel dropped before any
    /// worker could take them: the place for what waits was full. The control thread asks now and
    /// then.
    default long missed() {
        return 0;
    }

    /// Closes the device. No worker may use a queue any more.
    @Override
    void close();
}
