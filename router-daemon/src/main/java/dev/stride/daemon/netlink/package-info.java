/// Messages of rtnetlink(7) about routes and next hops, from bytes to records. Start at
/// [dev.stride.daemon.netlink.MessageReader].
///
/// Pure functions of their input: no socket, no clock, any thread. Depends on addresses only.
///
/// 1. Bytes come as a `java.nio.ByteBuffer`: a frame of FPM and a datagram of a netlink socket are
///    read by the same code. Cost: Netty's buffers are wrapped.
/// 2. A message says what it holds and is not judged: which tables and kinds are taken is the
///    source's choice. Cost: attributes that nobody reads today are decoded, a few.
/// 3. What cannot be read is a record as well, with its [dev.stride.daemon.netlink.Problem]: a
///    source that sends garbage is no exception here, and its reader must say what it does then.
@NullMarked
package dev.stride.daemon.netlink;

import org.jspecify.annotations.NullMarked;
