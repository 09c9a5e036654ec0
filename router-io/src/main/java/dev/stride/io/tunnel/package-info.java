/// Ports in UDP tunnels, over Netty's native epoll transport. Start at
/// [dev.stride.io.tunnel.EtherUdpPort]; [dev.stride.io.tunnel.VxlanPort] adds a header and more
/// than one other side.
///
/// 1. Netty's channels read and write (recvmmsg, sendmmsg), but on the worker's own thread: each
///    worker owns an event loop that it never lets turn, and calls a channel's epoll handle itself.
///    Reason: no ring between two threads and no epoll_wait for each burst. Cost: the handle is
///    found by a cast that holds for this version of Netty; [dev.stride.io.tunnel.DatagramLoop]
///    refuses to start without it.
/// 2. Frames are copied once each way, between packets and buffers that the channels keep. Reason:
///    Netty wants the datagrams of one recvmmsg side by side, and may keep what it sends.
/// 3. Netty allocates about 340 bytes for a datagram that arrives and one that leaves (messages and
///    addresses), all of it dead at the end of the burst. Cost: garbage in proportion to traffic.
///    Revisit when Netty opens its recvmmsg, or where that garbage shows.
/// 4. VXLAN's source ports are 16 sockets for each worker, not a raw socket: routers between the
///    endpoints have 16 paths to choose from, and no privilege is needed. Cost: a burst of many
///    flows leaves by up to 16 calls.
/// 5. Networks at one address and UDP port have a socket each, and the kernel sorts datagrams by a
///    program of ours, [dev.stride.io.tunnel.VxlanSteering]. Reason: no port waits for another's
///    worker. Cost: sockets of networks that left stay open while others are there.
@NullMarked
package dev.stride.io.tunnel;

import org.jspecify.annotations.NullMarked;
