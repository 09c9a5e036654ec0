package dev.stride.core.rib;

import dev.stride.core.addr.IpPrefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A prefix and what is known of it, as it was when somebody asked.
///
/// @param candidates everything that was said, in order of preference
/// @param best the one in the FIB; null when none is usable
public record Entry(IpPrefix prefix, List<Attributes> candidates, @Nullable Attributes best) {}
