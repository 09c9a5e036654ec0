/// The control socket: what the daemon can be asked, and how it answers. Start at
/// [dev.stride.daemon.control.Router].
///
/// Protocol, version 1: JSON texts (RFC 8259), one a line, over a Unix stream socket. Requests on
/// one connection are answered in order.
///
/// ```
/// -> {"v":1,"id":7,"do":"show","what":"ports"}
/// <- {"v":1,"id":7,"ok":true,"result":[...]}
/// -> {"v":1,"id":8,"do":"show","what":"routes"}
/// <- {"v":1,"id":8,"part":[...]}                          any number of these
/// <- {"v":1,"id":8,"ok":true,"result":null}
/// -> {"v":1,"id":9,"do":"route-add","prefix":"10.9.0.0/16","via":[{"address":"10.1.0.2"}]}
/// <- {"v":1,"id":9,"ok":false,"error":{"code":"refused","message":"..."}}
/// -> {"v":1,"id":10,"do":"route-add","routes":[{"prefix":"10.8.0.0/16","kind":"blackhole"},...]}
/// <- {"v":1,"id":10,"ok":false,"error":{"code":"refused","message":"...","index":3}}
/// ```
///
/// `show` takes `what`: status, ports, neighbors, tables, routes, fib, drops, workers, hooks,
/// sources, history. Others: `route` with `address`; `route-add` with `prefix` and either `via` (a
/// list of `address`, optional `port` and `weight`) or `kind` (blackhole, unreachable, prohibit) or
/// `via_table` alone; `via_table` beside `via` names the routing table that finds the next hops;
/// `route-del` with `prefix`; `neighbor-add` with `port`, `address`, `mac`; `neighbor-del` with
/// `port`, `address`; `neighbor-flush` with an optional `port`; `port` with `port` and `up` (true
/// or false); `diff` with an optional `file` or `generation`; `reload` with an optional `file`,
/// `confirm` (seconds until it is undone unless a `confirm` comes) and `keep_live` (whether changes
/// by command stay); `confirm`; `rollback` with an optional `generation`; `save`; `fpm-sweep`, with
/// `all` (true) also where zebra is away. Files are read by the daemon; the result of `diff`,
/// `reload`, `rollback` and `save` is a list of changes.
///
/// All that is about routes takes `table`, the name of a routing table; without it `main` is meant,
/// and every table by `show` of fib.
///
/// `route-change` has a list `add` of routes and a list `del` of prefixes, changed in one step. A
/// `route-add` with `routes` is atomic: all are added or, when one is refused (`index`), none.
/// Error codes: `malformed` (no JSON, or a line above 1 MiB, which also ends the connection),
/// `refused` (cannot be done; the message says why), `forbidden` (not by this client, see
/// [Access]), `internal` (a bug).
///
/// By hand: `echo '{"v":1,"do":"show","what":"status"}' | socat - UNIX:/run/stride/control.sock`
///
/// Threads: Netty's event loop reads and writes lines; a virtual thread of each connection runs its
/// requests, since an answer may have to wait for the control thread.
@NullMarked
package dev.stride.daemon.control;

import org.jspecify.annotations.NullMarked;
