package dev.stride.core;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.adjacency.Adjacency;
import dev.stride.core.adjacency.NextHop;
import dev.stride.core.adjacency.NextHopTable;
import dev.stride.core.adjacency.Rewrite;
import dev.stride.core.forward.LocalAddresses;
import dev.stride.core.packet.Packet;
import dev.stride.core.pfil.Hook;
import dev.stride.core.pfil.HookPoint;
import dev.stride.core.pfil.Pfil;
import dev.stride.core.pfil.Verdict;
import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;

/// The other release/acquire pairs between the control thread and workers.
public class PublicationStress {
    /// A rewrite is seen whole or not at all.
    @JCStressTest
    @Outcome(id = {"0, 0", "1, 2", "3, 4"}, expect = Expect.ACCEPTABLE, desc = "whole")
    @Outcome(expect = Expect.FORBIDDEN, desc = "mixed")
    @State
    public static class Resolve {
        private final Adjacency adjacency = Adjacency.neighbor(0, new Ip4Address(1));

        @Actor
        public void control() {
            adjacency.resolve(new Rewrite(1, 2));
            adjacency.resolve(new Rewrite(3, 4));
        }

        @Actor
        public void worker(JJ_Result r) {
            Rewrite rewrite = adjacency.rewrite();
            r.r1 = rewrite == null ? 0 : rewrite.destinationMac();
            r.r2 = rewrite == null ? 0 : rewrite.sourceMac();
        }
    }

    /// A next hop beyond the array's end makes the array grow: nothing that was there gets lost.
    @JCStressTest
    @Outcome(id = {"1", "3"}, expect = Expect.ACCEPTABLE, desc = "the old one there, the new one or not yet")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost")
    @State
    public static class Growth {
        private final NextHopTable table = new NextHopTable();

        public Growth() {
            table.set(1, new NextHop(Adjacency.BLACKHOLE));
        }

        @Actor
        public void control() {
            table.set(100, new NextHop(Adjacency.PROHIBIT));
        }

        @Actor
        public void worker(I_Result r) {
            NextHop[] slots = table.slots();
            NextHop first = NextHopTable.at(slots, 1);
            boolean old = first != null && first.select(0) == Adjacency.BLACKHOLE;
            NextHop last = slots.length > 100 ? NextHopTable.at(slots, 100) : null;
            boolean fresh = last != null && last.select(0) == Adjacency.PROHIBIT;
            r.r1 = (old ? 1 : 0) + (fresh ? 2 : 0);
        }
    }

    /// A hook that is linked is seen with all its state.
    @JCStressTest
    @Outcome(id = {"0", "7"}, expect = Expect.ACCEPTABLE, desc = "not linked yet, or whole")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a hook that was not finished")
    @State
    public static class Link {
        private final Pfil pfil = new Pfil();
        private final Packet packet = new Packet(MemorySegment.NULL);

        private static final class Setting implements Hook {
            int value; // plain: the link publishes it

            @Override
            public Verdict check(Packet p) {
                p.outPort = value;
                return Verdict.PASS;
            }
        }

        @Actor
        public void control() {
            Setting hook = new Setting();
            hook.value = 7;
            pfil.register("h", hook);
            pfil.link(pfil.input4(), "h", Pfil.Place.WIRE);
        }

        @Actor
        public void worker(I_Result r) {
            HookPoint.run(pfil.input4().chain(), packet);
            r.r1 = packet.outPort;
        }
    }

    /// The hash of local addresses is built while private; a racy reference suffices, since its fields are final.
    @JCStressTest
    @Outcome(id = {"0", "1"}, expect = Expect.ACCEPTABLE, desc = "before or after")
    @Outcome(expect = Expect.FORBIDDEN, desc = "torn")
    @State
    public static class Local {
        private LocalAddresses local = new LocalAddresses(new int[0], new int[0]);

        @Actor
        public void control() {
            local = new LocalAddresses(new int[] {5}, new int[0]);
        }

        @Actor
        public void worker(I_Result r) {
            r.r1 = local.kindOf(5);
        }
    }
}
