package dev.stride.io.companion;

import dev.stride.core.forward.CompanionRates;
import dev.stride.io.linux.SyscallException;
import dev.stride.io.port.Port;
import dev.stride.io.port.PortException;
import dev.stride.io.port.PortNamespace;
import dev.stride.io.port.PortQueue;
import dev.stride.io.tap.Tap;
import dev.stride.io.tap.TapBackend;
import dev.stride.io.tap.TapOptions;
import org.jspecify.annotations.Nullable;

/// The companion of a port: a TAP that looks to the host as the port does.
public final class CompanionPort implements Port {
    private static final int UNSET_MTU = 1500; // until the port is shown

    private final CompanionOptions options;
    private final Tap tap;
    private final HostInterface host;
    private @Nullable CompanionRates rates; // set before queues are asked for
    private int port;

    private CompanionPort(CompanionOptions options, Tap tap, HostInterface host) {
        this.options = options;
        this.tap = tap;
        this.host = host;
    }

    /// Makes the device, which stays down until [#show].
    ///
    /// @throws PortException with what is wrong and what to do about it
    public static CompanionPort open(CompanionOptions options) {
        Tap tap =
                Tap.openDown(
                        new TapOptions(
                                options.port(),
                                options.device(),
                                UNSET_MTU,
                                1,
                                true,
                                TapBackend.SYSCALL,
                                false,
                                options.netns()));
        try {
            HostInterface host =
                    PortNamespace.call(
                            options.port(),
                            options.netns(),
                            () -> new HostInterface(options.device()));
            return new CompanionPort(options, tap, host);
        } catch (SyscallException e) {
            tap.close();
            throw new PortException(
                    options.port(), "companion " + options.device() + ": " + e.what());
        }
    }

    /// Says whose companion it is. Before [#queue], and once.
    ///
    /// @param to index of the port
    /// @param each what a worker lets up
    public void bind(int to, CompanionRates each) {
        port = to;
        rates = each;
    }

    /// Makes it look as the port does.
    ///
    /// @throws SyscallException when the device is gone, or the kernel says no
    public void show(HostState state) {
        host.show(state);
        tap.setCarrier(state.carrier());
    }

    /// The kernel's number of the device, in its namespace.
    public int device() {
        return host.index();
    }

    @Override
    public String name() {
        return options.port();
    }

    @Override
    public PortQueue queue(boolean receives) {
        CompanionRates bound = rates;
        if (bound == null) {
            throw new IllegalStateException("not bound");
        }
        return new CompanionQueue(port, bound, tap.queue(receives));
    }

    @Override
    public boolean takesOffloads() {
        return true;
    }

    @Override
    public boolean isUp() {
        return tap.isUp();
    }

    @Override
    public void close() {
        host.close();
        tap.close();
    }
}
