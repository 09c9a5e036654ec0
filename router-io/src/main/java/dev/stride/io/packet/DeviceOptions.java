package dev.stride.io.packet;

import org.jspecify.annotations.Nullable;

/// What a port on a network device is to be.
///
/// @param name of the port
/// @param device name of the kernel's interface
/// @param netns the namespace that it is in, a name below /run/netns or a path; null for the
///   daemon's own
/// @param mac the router's own address, in the lower 48 bits, or -1 for the device's
/// @param mtu bytes of the largest IP packet, or 0 for the device's
/// @param promiscuous whether the device is to take frames for other stations, too
/// @param queues between which the kernel shares arriving flows, each for one worker
/// @param transmit how frames are given to the device
public record DeviceOptions(
        String name,
        String device,
        @Nullable String netns,
        long mac,
        int mtu,
        boolean promiscuous,
        int queues,
        Transmit transmit) {}
