package dev.stride.daemon.config;

import dev.stride.core.addr.MacAddress;
import dev.stride.core.forward.PortPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A port for the frames of another one that have a VLAN tag.
///
/// @param parent the name of that port, which may be a VLAN itself (QinQ)
/// @param tag 1 to 4094
/// @param protocol of the tag, as in `802.1q`
/// @param mtu 0 for the parent's
public record VlanPort(
        String name,
        String table,
        String parent,
        int tag,
        Protocol protocol,
        int mtu,
        List<InterfaceAddress> addresses,
        PortPolicy policy,
        @Nullable RouterAdvertisements routerAdvertisements)
        implements PortConfig {
    public VlanPort {
        addresses = List.copyOf(addresses);
    }

    /// Kinds of tags.
    public enum Protocol {
        /// Customer tags.
        CUSTOMER("802.1q"),
        /// Service tags: the outer ones of QinQ.
        SERVICE("802.1ad");

        private final String label;

        Protocol(String label) {
            this.label = label;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    @Override
    public String type() {
        return "vlan";
    }

    /// Not a device of the kernel's.
    @Override
    public String device() {
        return parent + "." + tag;
    }

    /// Of no interest: nothing of it is in any.
    @Override
    public @Nullable String netns() {
        return null;
    }

    /// The parent's.
    @Override
    public @Nullable MacAddress mac() {
        return null;
    }

    @Override
    public int queues() {
        return 0; // what arrives is the parent's
    }
}
