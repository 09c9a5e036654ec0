/// Ports in UDP tunnels, over Netty's native epoll transport. Start at
/// [dev.stride.io.tunnel.EtherUdpPort].
///
/// 1. Netty's channels read and write (recvmmsg, sendmmsg), but on the worker's own thread: each
///    worker owns an event loop that it never lets turn, and calls a channel's epoll handle itself.
///    Reason: no ring between two threads and no epoll_wait for each burst. Cost: the handle is
///    found by a cast that holds for this version of Netty; [dev.stride.io.tunnel.DatagramLoop]
///    refuses to start without it.
/// 2. Frames are copied once each way, between packets and buffers that the channels keep. Reason:
///    Netty wants the datagrams of one recvmmsg side by side, and may keep what it sends.
/// 3. Netty allocates about 200 bytes for each datagram that arrives (its message, the sender's
///    address), and nothing for one that leaves through a connected socket. Revisit when Netty
///    opens its recvmmsg.
@NullMarked
package dev.stride.io.tunnel;

import org.jspecify.annotations.NullMarked;
