package dev.stride.io.worker;

import dev.stride.core.packet.Packet;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// A bug of the data path, with the packet that met it as it was then.
///
/// @param port index of the port that the packet came from; -1 for one of the router's own making,
///   and where no packet is to blame
/// @param frame the packet's bytes, without what a VLAN or tunnel put around it; empty where none
///   is to blame
/// @param metadata what else was known of the packet
/// @param bug what was thrown
/// @param unsaid how many bugs there were since the report before, without this one
@SuppressWarnings("ArrayRecordComponent") // handed over, compared by nobody
public record BugReport(int port, byte[] frame, String metadata, Throwable bug, long unsaid) {
    private static final int SHOWN = 256; // bytes of a frame

    static BugReport of(Throwable bug, @Nullable Packet packet, long unsaid) {
        if (packet == null) {
            return new BugReport(-1, new byte[0], "", bug, unsaid);
        }
        long size = packet.memory.byteSize();
        long start = Math.clamp(packet.start, 0, size); // may be what the bug is about
        long length = Math.clamp(packet.length, 0, size - start);
        byte[] frame = packet.memory.asSlice(start, length).toArray(ValueLayout.JAVA_BYTE);
        return new BugReport(packet.inPort, frame, metadata(packet), bug, unsaid);
    }

    private static String metadata(Packet packet) {
        String known =
                packet.start
                        + " + "
                        + packet.length
                        + " bytes, ending "
                        + packet.ending
                        + ", egress "
                        + packet.outPort;
        if (packet.needsChecksum) {
            known += ", checksum from " + packet.checksumStart + " at +" + packet.checksumOffset;
        }
        if (packet.gsoType != Packet.GSO_NONE) {
            known += ", super-frame of type " + packet.gsoType + " by " + packet.gsoSize;
            known += " behind " + packet.gsoHeaderLength;
        }
        return packet.fragmentMtu == 0 ? known : known + ", fragments of " + packet.fragmentMtu;
    }

    /// The first bytes of the frame, for a log.
    public String hex() {
        int shown = Math.min(frame.length, SHOWN);
        return HexFormat.of().formatHex(frame, 0, shown) + (shown < frame.length ? "..." : "");
    }
}
