/// Ports on network devices that are there already, such as a card or a veth, by packet sockets
/// (packet(7)). Start at [dev.stride.io.packet.DevicePort].
///
/// 1. Frames arrive in a TPACKET_V2 ring: no system call a frame, and no waiting for a block to
///    fill as with V3. Cost: each frame is copied twice. Receiving by AF_XDP as well would take an
///    XDP program on the device. 2,048 frames may wait: with 512 a worker that was held up for 2 ms
///    lost some of a fast stream. Cost: 4 MiB a worker, 16 with long MTUs.
/// 2. Plain frames leave by AF_XDP in copy mode where that is permitted, else by sendmmsg: one call
///    a burst. A TPACKET send ring measured no faster than the latter.
/// 3. Super-frames leave through the device's queueing discipline, where the kernel cuts them for a
///    device that does not take them; the direct way drops them. Plain frames take the direct way.
/// 4. PACKET_VNET_HDR both ways: frames with unfinished checksums and super-frames, as veths and
///    cards with receive offload hand them up, arrive with the metadata that says so, and leave to
///    be finished by the device or the kernel.
@NullMarked
package dev.stride.io.packet;

import org.jspecify.annotations.NullMarked;
