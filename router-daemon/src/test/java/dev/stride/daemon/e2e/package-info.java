/// End-to-end tests: a real daemon, real TAPs, hosts in network namespaces, and the tools that
/// network engineers use as peers. Start at [dev.stride.daemon.e2e.Lab]. They need root and
/// /dev/net/tun; without, they are skipped and say so.
@NullMarked
package dev.stride.daemon.e2e;

import org.jspecify.annotations.NullMarked;
