/// Ports by libpcap, through pcap4j. Start at [dev.stride.io.pcap.PcapPort].
///
/// 1. For what libpcap is good at: a filter expression in the kernel, and every device that it can
///    open. Each frame is an object and two copies on the way in and a call through JNA on the way
///    out; `type = packet` costs a fraction of it (see the README).
/// 2. libpcap wants a thread that it keeps, so each port has one. It hands frames to the worker by
///    a bounded queue. While that is full the thread waits, the kernel's buffer fills, and the
///    kernel drops: the worker is never behind by more than a queue.
/// 3. Workers send by a handle of their own that does not block and captures nothing. Cost: a
///    socket a worker.
/// 4. libpcap does not tell of unfinished checksums and cuts no super-frames: what a veth's other
///    side sends must be finished there (`ethtool -K DEVICE tx off tso off gso off`). Frames are
///    taken up to the MTU and two tags: libpcap divides its buffer by the longest that it is to
///    take, and with 64 KiB no more than 130 could wait.
@NullMarked
package dev.stride.io.pcap;

import org.jspecify.annotations.NullMarked;
