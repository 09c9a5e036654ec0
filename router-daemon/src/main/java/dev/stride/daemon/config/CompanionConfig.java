package dev.stride.daemon.config;

import org.jspecify.annotations.Nullable;

/// The companion of a port: an interface of the host by which routing daemons speak on its link.
///
/// @param port the name of the port
/// @param device the kernel's name of the interface
/// @param netns the network namespace that it is in; null: the daemon's
/// @param hostAnswers whether the host answers ARP and neighbor discovery in the router's place
public record CompanionConfig(
        String port, String device, @Nullable String netns, boolean hostAnswers) {
    /// Whether it needs the same place in the kernel.
    public boolean isAtPlaceOf(CompanionConfig other) {
        return device.equals(other.device)
                && (netns == null ? other.netns == null : netns.equals(other.netns));
    }

    @Override
    public String toString() {
        return device
                + (netns == null ? "" : " in " + netns)
                + (hostAnswers ? ", where the host answers ARP" : "");
    }
}
