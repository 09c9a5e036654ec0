package dev.stride.io.companion;

import org.jspecify.annotations.Nullable;

/// What a companion is to be.
///
/// @param port whose it is
/// @param device name of the kernel's interface, up to 15 characters
/// @param netns namespace that it is in, a name below /run/netns or a path; null for the daemon's
///   own
public record CompanionOptions(String port, String device, @Nullable String netns) {}
