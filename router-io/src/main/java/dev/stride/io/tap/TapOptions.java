package dev.stride.io.tap;

import dev.stride.io.offload.VirtioHeader;
import org.jspecify.annotations.Nullable;

/// What a TAP port is to be.
///
/// @param name of the port
/// @param device name of the kernel's interface, up to 15 characters
/// @param mtu of the kernel's interface, in bytes
/// @param queues of the device, each for one worker
/// @param offload whether super-frames and unfinished checksums may pass
/// @param backend how frames are exchanged with the kernel
/// @param persist whether the device outlives the daemon
/// @param netns namespace for the kernel's side, a name below /run/netns or a path; null for the
///   daemon's own
public record TapOptions(
        String name,
        String device,
        int mtu,
        int queues,
        boolean offload,
        TapBackend backend,
        boolean persist,
        @Nullable String netns) {

    /// Bytes before each frame that say what is left to the other side. Without offloads there are
    /// none: a packet takes 0.1 us less.
    int headerSize() {
        return offload ? VirtioHeader.SIZE : 0;
    }
}
