package dev.stride.io.companion;

import dev.stride.core.forward.CompanionRates;
import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.io.port.PortQueue;

/// One worker's handle of a companion: the TAP's, with what makes a companion of it.
public final class CompanionQueue implements PortQueue {
    private final int port;
    private final CompanionRates rates;
    private final PortQueue tap;

    CompanionQueue(int port, CompanionRates rates, PortQueue tap) {
        this.port = port;
        this.rates = rates;
        this.tap = tap;
    }

    /// Index of the port whose companion it is.
    public int port() {
        return port;
    }

    /// What the worker lets up.
    public CompanionRates rates() {
        return rates;
    }

    @Override
    public int receive(Burst into, PacketPool pool) {
        return tap.receive(into, pool);
    }

    @Override
    public void transmit(Packet[] packets, int from, int to) {
        tap.transmit(packets, from, to);
    }

    @Override
    public int descriptor() {
        return tap.descriptor();
    }

    @Override
    public void close() {
        tap.close();
    }
}
