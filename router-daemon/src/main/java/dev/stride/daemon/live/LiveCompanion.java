package dev.stride.daemon.live;

import dev.stride.daemon.config.CompanionConfig;
import dev.stride.io.companion.CompanionPort;

/// A companion of the running router.
///
/// @param index its number on the data path
/// @param port index of the port whose companion it is
public record LiveCompanion(int index, int port, CompanionConfig config, CompanionPort device) {}
