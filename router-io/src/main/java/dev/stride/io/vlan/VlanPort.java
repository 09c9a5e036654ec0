package dev.stride.io.vlan;

import dev.stride.io.port.Port;
import dev.stride.io.port.PortQueue;
import java.util.List;
import java.util.function.BooleanSupplier;

/// The frames of another port that have a certain tag. Has no device of its own.
public final class VlanPort implements Port {
    private final String name;
    private final int protocol;
    private final int id;
    private Parent parent = new Parent(-1, -1, 0, false, List.of(), () -> false);
    private int next; // of the parent's queues

    /// The port within which a VLAN is.
    ///
    /// @param index its number on the data path
    /// @param mac the router's address on it, in the lower 48 bits
    /// @param mtu bytes of its largest IP packet
    /// @param queues of its own, by worker
    /// @param up whether it is up; asked on the control thread
    public record Parent(
            int index,
            long mac,
            int mtu,
            boolean takesOffloads,
            List<PortQueue> queues,
            BooleanSupplier up) {
        public Parent {
            queues = List.copyOf(queues);
        }
    }

    /// @param protocol of the tag, see [dev.stride.core.wire.Vlan]
    public VlanPort(String name, int protocol, int id) {
        this.name = name;
        this.protocol = protocol;
        this.id = id;
    }

    /// Says where its frames come from. Before [#queue], and once.
    public void bind(Parent to) {
        parent = to;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long mac() {
        return parent.mac;
    }

    @Override
    public int mtu() {
        return parent.mtu;
    }

    /// Called for the workers in their order.
    @Override
    public PortQueue queue(boolean receives) {
        return new VlanQueue(parent.index, protocol, id, parent.queues.get(next++));
    }

    @Override
    public boolean takesOffloads() {
        return parent.takesOffloads;
    }

    @Override
    public boolean isUp() {
        return parent.up.getAsBoolean();
    }

    @Override
    public void close() {}
}
