package dev.stride.io.port;

/// A place where frames enter and leave: TAP, packet socket, capture, tunnel, memory.
///
/// Opened, brought up and closed by the control thread; frames move through a [PortQueue] of each
/// worker's own.
public interface Port extends AutoCloseable {
    /// The name in the configuration.
    String name();

    /// A handle for one worker. Called once for each worker before it starts.
    ///
    /// @param receives whether this worker takes frames from the port; every worker may send to it
    PortQueue queue(boolean receives);

    /// Whether super-frames and unfinished checksums can be sent as they are. If not, the worker
    /// finishes them first.
    boolean takesOffloads();

    /// Whether the device is there and up. The control thread asks now and then.
    boolean isUp();

    /// Closes the device. No worker may use a queue any more.
    @Override
    void close();
}
