/// Prometheus metrics by Micrometer. Start at [dev.stride.daemon.metrics.RouterMetrics].
@NullMarked
package dev.stride.daemon.metrics;

import org.jspecify.annotations.NullMarked;
