package dev.stride.core.wire;

import java.lang.foreign.MemorySegment;

/// The VLAN tag behind the MAC addresses of a frame (IEEE 802.1Q).
///
/// ```
///  0        6        12       14                16
/// | destination | source | TPID |PCP|DEI|12-bit id| type of the payload
/// ```
public final class Vlan {
    /// Bytes of a tag.
    public static final int LENGTH = 4;

    /// Tag protocol identifiers: customer tags, and service tags as QinQ has them outside.
    public static final int CUSTOMER = 0x8100;

    public static final int SERVICE = 0x88a8;

    /// Identifiers that name a network; 0 is a priority alone, 4095 is reserved.
    public static final int MIN_ID = 1;

    public static final int MAX_ID = 4094;

    private Vlan() {}

    /// Whether `type`, of [Ethernet#type], says that a tag follows.
    public static boolean isTag(int type) {
        return type == CUSTOMER || type == SERVICE;
    }

    /// The identifier in the tag of a frame that has one.
    public static int id(MemorySegment m, long frame) {
        return Bytes.u16(m, frame + 14) & 0xfff;
    }
}
