package dev.stride.io.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.Rewrite;
import dev.stride.core.fib.Quiescence;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.core.forward.SlowPath;
import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.pfil.Pfil;
import dev.stride.core.pfil.Verdict;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import dev.stride.io.port.MemoryPort;
import dev.stride.io.port.PortQueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Bugs at every place where a packet may meet one: it ends as internal, the others go on, and no
/// memory is lost.
class WorkerBugTest {
    private static final long MAC = 0x02005e100001L;
    private static final int LENGTH = 1400;
    private static final int PACKETS = 20;

    private final Quiescence quiescence = new Quiescence();
    private final ForwardingState state = new ForwardingState(quiescence);
    private final Adjacency next = Adjacency.neighbor(1, Ip4Address.parse("10.2.0.2"));
    private final MemoryPort in = new MemoryPort("in", frame());
    private final Broken out = new Broken();
    private final List<BugReport> reports = new ArrayList<>();
    private final Worker worker =
            new Worker(
                    0,
                    state,
                    quiescence,
                    event -> true,
                    new SlowPath.Limits(10, 10, 10, 10, 10, 10, 4, PACKETS),
                    IdlePolicy.BUSY,
                    reports::add);
    private final int free = worker.free();
    private long now;

    /// Takes frames and throws when it is told to.
    private static final class Broken implements PortQueue {
        boolean sendsBadly;
        boolean receivesBadly;
        int sent;

        @Override
        public int receive(Burst into, PacketPool pool) {
            if (receivesBadly) {
                throw new IllegalStateException("a bug in receive");
            }
            return 0;
        }

        @Override
        public void transmit(Packet[] packets, int from, int to) {
            if (sendsBadly) {
                throw new IllegalStateException("a bug in transmit");
            }
            for (int i = from; i < to; i++) {
                packets[i].sent = Reason.FORWARDED;
            }
            sent += to - from;
        }

        @Override
        public int descriptor() {
            return -1;
        }
    }

    private static MemorySegment frame() {
        MemorySegment m = Arena.ofAuto().allocate(14 + LENGTH);
        Ethernet.write(m, 0, MAC, 0x020000000102L, Ethernet.IPV4);
        Ipv4.write(m, 14, 0, LENGTH, 1, 0, 64, Ipv4.UDP, 0x0a010002, 0x0a020002);
        return m;
    }

    @BeforeEach
    void attach() {
        state.nextHops.set(1, new NextHop(next));
        state.main.fib4.put(0x0a020000, 16, 1);
        next.resolve(new Rewrite(0x020000000202L, MAC + 1));
        mtu(1500);
        worker.attach(0, in.queue(true), true, true);
        worker.attach(1, out, false, true);
    }

    private void mtu(int mtu) {
        PortState narrow = new PortState(1, "out", state.main, MAC + 1, mtu, true, List.of());
        state.publishPorts(new PortState[] {WorkerTest.port(state, 0, "10.1.0.1"), narrow});
    }

    private void receive() {
        in.offer(PACKETS);
        worker.round(++now);
    }

    private void assertEnded(long forwarded, long internal) {
        PortCounters counters = worker.counters(0);
        assertThat(counters.endings(Reason.FORWARDED)).isEqualTo(forwarded);
        assertThat(counters.endings(Reason.INTERNAL)).isEqualTo(internal);
        assertThat(counters.get(PortCounters.RECEIVED)).isEqualTo(forwarded + internal);
        assertThat(worker.free()).isEqualTo(free);
    }

    private void failEveryFourthTime() {
        int[] calls = {0};
        state.pfil.register(
                "bug",
                packet -> {
                    if (calls[0]++ % 4 == 3) {
                        throw new IllegalStateException("a bug in a hook");
                    }
                    return Verdict.PASS;
                });
    }

    @Test
    void whatWaitedForANeighborMeetsABug() {
        next.resolve(null);
        receive();
        failEveryFourthTime();
        state.pfil.link(state.pfil.output4(), "bug", Pfil.Place.WIRE);
        next.resolve(new Rewrite(0x020000000202L, MAC + 1));

        worker.post(new WorkerCommand.Resolved(next));
        worker.round(++now);

        assertEnded(15, 5);
        assertThat(out.sent).isEqualTo(15);
        assertThat(reports).hasSize(1);
    }

    @Test
    void aPortThatFailsToSendCostsItsPackets() {
        out.sendsBadly = true;
        receive();
        assertEnded(0, PACKETS);
        assertThat(reports).hasSize(1);
        assertThat(reports.getFirst().frame()).hasSize(14 + LENGTH);

        out.sendsBadly = false;
        receive();
        assertEnded(PACKETS, PACKETS);
    }

    @Test
    void aBugBetweenFragmentsLosesNoMemory() {
        mtu(600);
        out.sendsBadly = true;
        receive();
        assertEnded(0, PACKETS);

        out.sendsBadly = false;
        receive();
        assertEnded(PACKETS, PACKETS);
        assertThat(out.sent).isEqualTo(3 * PACKETS);
    }

    @Test
    void aPortThatFailsToReceiveStopsNoOther() {
        out.receivesBadly = true;
        receive();
        assertEnded(PACKETS, 0);
        assertThat(reports).hasSize(1);
        assertThat(reports.getFirst().frame()).isEmpty();
    }
}
