package dev.stride.core;

import dev.stride.core.fib.Quiescence;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.core.stats.PortCounters;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;

/// Ports and their counters, between the control thread, workers and metrics.
public class PortStress {
    private static final long BOTH_HALVES = 1L << 32 | 1;

    /// A counter is never torn and never goes back.
    @JCStressTest
    @Outcome(
            id = {
                "0, 0",
                "0, 4294967297",
                "0, 8589934594",
                "4294967297, 4294967297",
                "4294967297, 8589934594",
                "8589934594, 8589934594"
            },
            expect = Expect.ACCEPTABLE,
            desc = "in order")
    @Outcome(expect = Expect.FORBIDDEN, desc = "torn, or back")
    @State
    public static class Count {
        private final PortCounters counters = new PortCounters();

        @Actor
        public void worker() {
            counters.add(PortCounters.RECEIVED_BYTES, BOTH_HALVES);
            counters.add(PortCounters.RECEIVED_BYTES, BOTH_HALVES);
        }

        @Actor
        public void metrics(JJ_Result r) {
            r.r1 = counters.get(PortCounters.RECEIVED_BYTES);
            r.r2 = counters.get(PortCounters.RECEIVED_BYTES);
        }
    }

    /// Ports are published before the addresses that follow from them.
    @JCStressTest
    @Outcome(id = {"0, 0", "0, 1500", "1, 1500"}, expect = Expect.ACCEPTABLE, desc = "in order")
    @Outcome(expect = Expect.FORBIDDEN, desc = "an address without its port, or a port unfinished")
    @State
    public static class Ports {
        private final ForwardingState state = new ForwardingState(new Quiescence());

        @Actor
        public void control() {
            List<PortState.Address> addresses = List.of(new PortState.Address(10 << 24 | 1, 24));
            state.publishPorts(
                    new PortState[] {
                        new PortState(0, "port0", state.main, 2, 1500, true, addresses)
                    });
        }

        @Actor
        public void worker(II_Result r) {
            r.r1 = state.main.local().kindOf(10 << 24 | 1);
            PortState[] ports = state.ports();
            r.r2 = ports.length == 0 ? 0 : ports[0].mtu();
        }
    }
}
