package dev.stride.core.pfil;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// A place in the path where hooks hang.
///
/// Publication: `chain` is never changed in place. The control thread builds a new array and
/// publishes it by one release store; a worker acquires it once a burst, so that a burst meets the
/// old chain or the new one whole. The collector reclaims the old one.
public final class HookPoint {
    private static final VarHandle CHAIN;

    static {
        try {
            CHAIN = MethodHandles.lookup().findVarHandle(HookPoint.class, "chain", Hook[].class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;
    private Hook[] chain = {}; // control: rw, workers: ro

    HookPoint(String name) {
        this.name = name;
    }

    public String name() {
        return name;
    }

    /// The chain as it is now, in the order of running; its length is 0 when nothing is linked. Not
    /// to be changed.
    public Hook[] chain() {
        return (Hook[]) CHAIN.getAcquire(this);
    }

    void publish(Hook[] next) {
        CHAIN.setRelease(this, next);
    }

    /// Runs the hooks of `chain` until one does not pass. After anything but PASS the packet's
    /// `ending` says why.
    public static Verdict run(Hook[] chain, Packet packet) {
        for (Hook hook : chain) {
            Reason before = packet.ending;
            packet.ending = Reason.FILTERED;
            Verdict verdict = hook.check(packet);
            if (verdict != Verdict.PASS) {
                if (verdict == Verdict.CONSUMED) {
                    packet.ending = Reason.HOOK_CONSUMED;
                }
                return verdict;
            }
            packet.ending = before;
        }
        return Verdict.PASS;
    }
}
