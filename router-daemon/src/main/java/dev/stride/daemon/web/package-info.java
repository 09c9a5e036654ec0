/// HTTP for scrapers and probes: `/metrics`, `/health/live`, `/health/ready`. Start at
/// [dev.stride.daemon.web.HttpServer].
@NullMarked
package dev.stride.daemon.web;

import org.jspecify.annotations.NullMarked;
