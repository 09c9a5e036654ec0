package dev.stride.core.pfil;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class PfilTest {
    private final Pfil pfil = new Pfil();
    private final Packet packet = new Packet(MemorySegment.ofArray(new byte[Packet.HEAD_ROOM]));
    private final List<String> ran = new ArrayList<>();

    private Hook recording(String name, Verdict verdict) {
        return p -> {
            ran.add(name);
            return verdict;
        };
    }

    private Verdict run(HookPoint point) {
        ran.clear();
        packet.ending = Reason.FORWARDED;
        return HookPoint.run(point.chain(), packet);
    }

    @Test
    void wireSideIsFirstOnInputAndLastOnOutput() {
        for (String name : List.of("a", "b", "c")) {
            pfil.register(name, recording(name, Verdict.PASS));
        }
        for (HookPoint point : List.of(pfil.input4(), pfil.output4())) {
            pfil.link(point, "a", Pfil.Place.WIRE);
            pfil.link(point, "b", Pfil.Place.WIRE);
            pfil.link(point, "c", Pfil.Place.ROUTER);
        }

        run(pfil.input4());
        assertThat(ran).containsExactly("b", "a", "c");
        run(pfil.output4());
        assertThat(ran).containsExactly("c", "a", "b");
        assertThat(pfil.linked(pfil.output4())).containsExactly("c", "a", "b");
    }

    @Test
    void firstHookThatDoesNotPassDecides() {
        pfil.register("drop", recording("drop", Verdict.DROP));
        pfil.register("after", recording("after", Verdict.PASS));
        pfil.link(pfil.input4(), "drop", Pfil.Place.WIRE);
        pfil.link(pfil.input4(), "after", Pfil.Place.ROUTER);

        assertEquals(Verdict.DROP, run(pfil.input4()));
        assertThat(ran).containsExactly("drop");
        assertEquals(Reason.FILTERED, packet.ending);
    }

    @Test
    void passingLeavesTheEndingAsItWas() {
        pfil.register("pass", recording("pass", Verdict.PASS));
        pfil.link(pfil.input4(), "pass", Pfil.Place.WIRE);

        assertEquals(Verdict.PASS, run(pfil.input4()));
        assertEquals(Reason.FORWARDED, packet.ending);
    }

    @Test
    void consumedPacketEndsAsSuch() {
        pfil.register("take", recording("take", Verdict.CONSUMED));
        pfil.link(pfil.input4(), "take", Pfil.Place.WIRE);

        assertEquals(Verdict.CONSUMED, run(pfil.input4()));
        assertEquals(Reason.HOOK_CONSUMED, packet.ending);
    }

    @Test
    void namesAreUniqueAndKnown() {
        pfil.register("a", recording("a", Verdict.PASS));
        pfil.link(pfil.input4(), "a", Pfil.Place.WIRE);

        assertThatThrownBy(() -> pfil.register("a", recording("a", Verdict.PASS)))
                .hasMessageContaining("registered already");
        assertThatThrownBy(() -> pfil.link(pfil.input4(), "a", Pfil.Place.WIRE))
                .hasMessageContaining("linked to ipv4-input already");
        assertThatThrownBy(() -> pfil.link(pfil.input4(), "b", Pfil.Place.WIRE))
                .hasMessageContaining("no hook named b");
        pfil.unregister("a");
        assertThat(pfil.linked(pfil.input4())).isEmpty();
        assertThat(pfil.registered()).isEmpty();
    }

    /// A reader runs chains while a hook comes and goes: what it acquired stays whole.
    @Test
    void chainsChangeWhilePacketsPass() throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        List<Throwable> failures = new ArrayList<>();
        pfil.register("pass", p -> Verdict.PASS);
        pfil.register("drop", p -> Verdict.DROP);
        Thread reader =
                new Thread(
                        () -> {
                            try {
                                while (!stop.get()) {
                                    Hook[] chain = pfil.input4().chain();
                                    Verdict expected =
                                            chain.length < 2 ? Verdict.PASS : Verdict.DROP;
                                    assertEquals(expected, HookPoint.run(chain, packet));
                                }
                            } catch (Throwable t) {
                                failures.add(t);
                            }
                        });
        reader.start();
        pfil.link(pfil.input4(), "pass", Pfil.Place.WIRE);
        for (int i = 0; i < 20_000; i++) {
            pfil.link(pfil.input4(), "drop", i % 2 == 0 ? Pfil.Place.WIRE : Pfil.Place.ROUTER);
            pfil.unlink(pfil.input4(), "drop");
        }
        stop.set(true);
        reader.join();
        assertThat(failures).isEmpty();
    }
}
