package dev.stride.io.pcap;

import org.jspecify.annotations.Nullable;
import org.pcap4j.core.BpfProgram.BpfCompileMode;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapHandle.BlockingMode;
import org.pcap4j.core.PcapHandle.PcapDirection;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.PcapNetworkInterface.PromiscuousMode;
import org.pcap4j.core.Pcaps;
import org.pcap4j.packet.namednumber.DataLinkType;

/// Opens handles of libpcap, and says in words what it refuses. Any thread.
public final class Libpcap {
    private static final int BUFFER = 1 << 23;
    private static final int TIMEOUT_MS = 100;

    /// No frame is so short. libpcap refuses what it can tell to match nothing.
    private static final String NOTHING = "less 1";

    private Libpcap() {}

    /// What is wrong with a pcap-filter(7) expression, in libpcap's words; null when nothing is, or
    /// when there is no libpcap to ask.
    public static @Nullable String problem(String filter) {
        try {
            PcapHandle dead = Pcaps.openDead(DataLinkType.EN10MB, 1); // any length but 0
            try {
                dead.compileFilter(filter, BpfCompileMode.OPTIMIZE, PcapHandle.PCAP_NETMASK_UNKNOWN)
                        .free();
                return null;
            } catch (PcapNativeException | NotOpenException e) {
                return e.getMessage();
            } finally {
                dead.close();
            }
        } catch (PcapNativeException e) {
            return e.getMessage();
        } catch (LinkageError e) {
            return null;
        }
    }

    /// A handle that captures what arrives on a device of the calling thread's namespace.
    ///
    /// @param snaplen bytes that it has of a longer frame. It divides the buffer among frames by
    ///   them: the fewer, the more frames may wait
    static PcapHandle receiver(String device, boolean promiscuous, String filter, int snaplen)
            throws PcapNativeException, NotOpenException {
        PcapHandle handle =
                builder(device, promiscuous).bufferSize(BUFFER).snaplen(snaplen).build();
        try {
            if (!handle.getDlt().equals(DataLinkType.EN10MB)) {
                throw new PcapNativeException("its frames are not Ethernet's: " + handle.getDlt());
            }
            // What we send ourselves must not come back.
            handle.setDirection(PcapDirection.IN);
            if (!filter.isEmpty()) {
                handle.setFilter(filter, BpfCompileMode.OPTIMIZE);
            }
            return handle;
        } catch (PcapNativeException | NotOpenException e) {
            handle.close();
            throw e;
        }
    }

    /// A handle that sends, does not block and captures nothing.
    static PcapHandle sender(String device) throws PcapNativeException, NotOpenException {
        PcapHandle handle = builder(device, false).build();
        try {
            handle.setFilter(NOTHING, BpfCompileMode.OPTIMIZE);
            handle.setBlockingMode(BlockingMode.NONBLOCKING);
            return handle;
        } catch (PcapNativeException | NotOpenException e) {
            handle.close();
            throw e;
        }
    }

    private static PcapHandle.Builder builder(String device, boolean promiscuous) {
        return new PcapHandle.Builder(device)
                .promiscuousMode(
                        promiscuous ? PromiscuousMode.PROMISCUOUS : PromiscuousMode.NONPROMISCUOUS)
                .timeoutMillis(TIMEOUT_MS)
                .immediateMode(true);
    }
}
