/// VLANs as ports within ports (IEEE 802.1Q; QinQ by a VLAN within a VLAN). Start at
/// [dev.stride.io.vlan.VlanPort].
///
/// The control thread opens and binds; everything else belongs to the worker whose queue it is.
///
/// 1. A VLAN is a port like any other for the forwarder, which never meets a tag: the worker takes
///    it off on arrival, [dev.stride.io.vlan.VlanQueue] puts it on at the very end. Cost: twelve
///    bytes moved in the first cache line, and none of it on ports without VLANs.
/// 2. The parent counts a tagged frame as received and as handed on; the VLAN counts it again as
///    its own, so that the sums agree on both.
@NullMarked
package dev.stride.io.vlan;

import org.jspecify.annotations.NullMarked;
