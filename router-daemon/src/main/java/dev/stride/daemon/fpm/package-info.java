/// The FPM server: routes from FRR's zebra with its module `dplane_fpm_nl`. Start at
/// [dev.stride.daemon.fpm.FpmConnection]; [dev.stride.daemon.fpm.RouteStream] is what the messages
/// mean.
///
/// ```
/// zebra -> TCP -> FpmConnection: frames -> RouteStream: messages -> batches -> RouteSink -> RIB
///            <- stops reading while batches wait <-
/// ```
///
/// Threads: one event loop of Netty reads, decodes and keeps all state of a connection; batches go
/// to the control thread, which alone writes the RIB. Depends on source, netlink, config and
/// core.rib.
///
/// 1. Routes are not kept here: a route that was handed over is in the RIB and nowhere else. What a
///    connection keeps are next-hop ids and the few routes whose id is not known yet. Cost: a
///    change of an id walks the RIB, a page at a time.
/// 2. Each route in the RIB has a tag, the connection's generation and the next-hop id. After a
///    reconnect the routes of earlier generations forward on until they are said again or swept.
/// 3. FPM marks no end of a replay: what is stale goes after a minimum time and a quiet time. Cost:
///    a source that is slower loses routes until it has sent them; the configuration says how long.
/// 4. Routes go to the routing table that has the id of theirs; others are counted and left out.
///    When tables come with new ids the connection is closed, and zebra says everything again.
///    Cost: a replay for a table that is added.
/// 5. Interface indexes are those of zebra's namespace. Those of companion interfaces lead to
///    ports; behind all others a gateway is found by our own routes to it, and what names such an
///    interface alone is skipped.
@NullMarked
package dev.stride.daemon.fpm;

import org.jspecify.annotations.NullMarked;
