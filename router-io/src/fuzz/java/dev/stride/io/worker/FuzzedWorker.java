package dev.stride.io.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.Ip4Prefix;
import dev.stride.core.addr.Ip6Prefix;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.Rewrite;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.forward.AddressState;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortPolicy;
import dev.stride.core.forward.PortState;
import dev.stride.core.forward.SlowPath;
import dev.stride.core.forward.WorkerEvent;
import dev.stride.core.pfil.Pfil;
import dev.stride.core.pfil.Verdict;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Vlan;
import dev.stride.io.port.PortQueue;
import dev.stride.io.vlan.VlanPort;
import java.util.ArrayList;
import java.util.List;

/// A worker with ports of every kind, without devices or thread, that makes sure of what must hold
/// whatever arrives: each packet ends once and by no bug, memory comes back, and what is sent can
/// be sent.
///
/// Port 0 offloads; 2 is a VLAN in it and 3 one in that. Port 1 does not offload, has an MTU of
/// 1280 and 4 as VLAN. Port 5 is down. Whoever is asked for a MAC address answers every other time.
final class FuzzedWorker {
    static final long MAC = 0x02005e100000L;
    static final long HOST = 0x020000000102L;
    static final int TAG = 10;
    static final int INNER_TAG = 20;

    private static final int PORTS = 6;
    private static final int DOWN = 5;
    private static final long LATER = 1_000_000_000_000L; // nothing waits for so long

    private final Quiescence quiescence = new Quiescence();
    private final ForwardingState state = new ForwardingState(quiescence);
    private final List<WorkerEvent.NeighborWanted> wanted = new ArrayList<>();
    private final List<BugReport> bugs = new ArrayList<>();
    private final Worker worker;
    private final FuzzPort[] devices = {new FuzzPort(true, 1500), new FuzzPort(false, 1280)};
    private final int free;
    private long asked;
    private long now;
    private int nextHops;

    FuzzedWorker() {
        SlowPath.Limits limits = new SlowPath.Limits(1e9, 1e9, 1e9, 1e9, 1e9, 1e9, 4, 3);
        worker = new Worker(0, state, quiescence, this::heard, limits, IdlePolicy.BUSY, bugs::add);
        free = worker.free();
        tables();
        worker.attach(0, devices[0], true, true);
        worker.attach(1, devices[1], false, true);
        PortQueue vlan = vlan(0, devices[0], Vlan.CUSTOMER, TAG);
        worker.attach(2, vlan, true, false);
        worker.attach(3, vlan(2, vlan, Vlan.CUSTOMER, INNER_TAG), true, false);
        worker.attach(4, vlan(1, devices[1], Vlan.SERVICE, TAG), false, false);
        worker.attach(DOWN, PortQueue.NONE, true, false);
        state.pfil.register(
                "some", packet -> packet.length % 97 == 90 ? Verdict.DROP : Verdict.PASS);
        state.pfil.link(state.pfil.input4(), "some", Pfil.Place.WIRE);
        state.pfil.link(state.pfil.output6(), "some", Pfil.Place.WIRE);
    }

    private static PortQueue vlan(int parent, PortQueue queue, int protocol, int tag) {
        VlanPort port = new VlanPort("vlan", protocol, tag);
        port.bind(new VlanPort.Parent(parent, 0, 0, false, List.of(queue), () -> true));
        return port.queue(false);
    }

    private boolean heard(WorkerEvent event) {
        if (event instanceof WorkerEvent.NeighborWanted want) {
            wanted.add(want);
        }
        return true;
    }

    private void tables() {
        PortState[] ports = new PortState[PORTS];
        PortPolicy strict =
                PortPolicy.NONE
                        .with(PortPolicy.ReversePath.STRICT)
                        .with(PortPolicy.Allowed.PROXY_ARP);
        for (int i = 0; i < PORTS; i++) {
            int mtu = i == 1 || i == 4 ? 1280 : 1500;
            var four = new PortState.Address(0x0a000001 + (i + 1 << 16), 24);
            var valid = AddressState.VALID;
            long net = 0x20010db800000000L + (i + 1 << 16);
            var six =
                    List.of(
                            new PortState.Address6(net, 1, 64, valid),
                            new PortState.Address6(0xfe80L << 48, 1, 64, valid));
            PortPolicy policy = i == 3 ? strict : PortPolicy.NONE;
            ports[i] =
                    new PortState(
                            i,
                            "p" + i,
                            state.main,
                            MAC + i,
                            mtu,
                            i != DOWN,
                            List.of(four),
                            six,
                            policy);
        }
        state.publishPorts(ports);
        Adjacency[] hosts = new Adjacency[PORTS];
        for (int i = 0; i < PORTS; i++) {
            route("10." + (i + 1) + ".0.0/24", Adjacency.link(i));
            route("2001:db8:" + (i + 1) + "::/64", Adjacency.link(i));
            hosts[i] = host(i, "10." + (i + 1) + ".0.2");
            host(i, "2001:db8:" + (i + 1) + "::2");
        }
        route("10.9.0.0/16", hosts[0], hosts[1], hosts[3], hosts[4]);
        route("2001:db8:9::/48", hosts[0], hosts[1], hosts[2], hosts[5]);
        route("10.10.0.0/16", Adjacency.BLACKHOLE);
        route("10.11.0.0/16", Adjacency.PROHIBIT);
    }

    private Adjacency host(int port, String address) {
        IpAddress to = IpAddress.parse(address);
        Adjacency host = Adjacency.neighbor(port, to);
        host.resolve(new Rewrite(HOST + port, MAC + port));
        route(address + "/" + to.width(), host);
        return host;
    }

    private void route(String prefix, Adjacency... to) {
        state.nextHops.set(++nextHops, new NextHop(to));
        switch (IpPrefix.parse(prefix)) {
            case Ip4Prefix p -> state.main.fib4.put(p.bits(), p.length(), nextHops);
            case Ip6Prefix p -> state.main.fib6.set(p.high(), p.low(), p.length(), nextHops);
        }
    }

    /// Lets a frame arrive on one of the devices.
    ///
    /// @param bytes virtio header and frame
    void offer(int device, byte[] bytes) {
        devices[device % devices.length].offer(bytes);
    }

    /// One round of the worker, with answers to what it asked before.
    void round() {
        List<WorkerEvent.NeighborWanted> all = List.copyOf(wanted);
        wanted.clear();
        for (WorkerEvent.NeighborWanted want : all) {
            if (asked++ % 2 == 0) {
                Adjacency there = Adjacency.neighbor(want.port(), want.address());
                there.resolve(new Rewrite(HOST + want.port(), MAC + want.port()));
                worker.post(new WorkerCommand.Resolved(there));
            } else {
                worker.post(new WorkerCommand.Failed(
                                want.port(), want.address(), Reason.NEIGHBOR_UNRESOLVED));
            }
        }
        now += 1_000_000;
        worker.round(now);
    }

    /// Takes everything that has arrived to its end, and checks.
    void finish() {
        asked = 0; // an input does the same each time
        for (int rounds = 0; rounds < 6 || !wanted.isEmpty(); rounds++) {
            assertThat(rounds).as("rounds until nothing is asked any more").isLessThan(1000);
            round();
        }
        now += LATER;
        round();
        round();
        round();
        for (BugReport bug : bugs) {
            throw new AssertionError(bug.metadata() + " " + bug.hex(), bug.bug());
        }
        for (FuzzPort device : devices) {
            device.check();
        }
        for (int port = 0; port < PORTS; port++) {
            assertEachPacketEndedOnce(worker.counters(port));
        }
        assertThat(worker.free()).as("packets came back").isEqualTo(free);
    }

    private static void assertEachPacketEndedOnce(PortCounters counters) {
        long ended = 0;
        for (Reason reason : Reason.values()) {
            ended += counters.endings(reason);
        }
        assertThat(ended).isEqualTo(counters.get(PortCounters.RECEIVED));
        assertThat(counters.endings(Reason.INTERNAL)).isZero();
    }
}
