package dev.stride.io.worker;

import dev.stride.core.fib.Quiescence;
import dev.stride.core.forward.Forwarder;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.Output;
import dev.stride.core.forward.SlowPath;
import dev.stride.core.forward.WorkerEvent;
import dev.stride.core.packet.Burst;
import dev.stride.core.packet.Packet;
import dev.stride.core.packet.PacketPool;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.Reason;
import dev.stride.io.companion.CompanionQueue;
import dev.stride.io.linux.EventFd;
import dev.stride.io.linux.Memory;
import dev.stride.io.linux.Poll;
import dev.stride.io.linux.Threads;
import dev.stride.io.port.PortQueue;
import dev.stride.io.vlan.VlanDemux;
import java.lang.foreign.Arena;
import java.util.Queue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jctools.queues.atomic.SpscUnboundedAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/// Takes packets from its ports and runs each to completion. Everything in here belongs to the
/// worker's own thread but [#post], [#stop] and what says "any thread".
public final class Worker implements Runnable {
    /// Packets of one worker: what is in a burst, on transmit queues and held for neighbors.
    private static final int POOL = 4096;

    /// Sleeping workers wake up this often, in milliseconds, to show that they live.
    private static final int MAX_SLEEP_MS = 500;

    /// How often the wall clock is looked at, in nanoseconds: somebody may set it.
    private static final long UTC_NS = 1_000_000_000;

    private final int index;
    private final WorkerPorts ports = new WorkerPorts();
    private IdlePolicy idle;
    private Pace pace;
    private final PacketPool pool;
    private final Output output;
    private final SlowPath slow;
    private final Forwarder forwarder;
    private final Egress egress;
    private final Burst burst = new Burst(Burst.SIZE);
    private final Burst alone = new Burst(1);
    private final VlanDemux vlans = new VlanDemux();
    private final BugLog bugs;
    private final WorkerStats stats = new WorkerStats();
    private final Quiescence.Reader reader;
    private final Poll poll;
    private final EventFd bell;
    private final Queue<WorkerCommand> inbox = new SpscUnboundedAtomicArrayQueue<>(64);
    private @Nullable Strays strays; // set before it runs; null for an only worker
    private volatile boolean sleeping; // worker: rw, others: ro
    private volatile boolean stopping; // control: w, worker: ro

    /// @param bugs takes reports of what should never happen, now and then; must not block
    public Worker(
            int index,
            ForwardingState state,
            Quiescence quiescence,
            WorkerEvent.Sink control,
            SlowPath.Limits limits,
            IdlePolicy idle,
            Consumer<BugReport> bugs) {
        this.index = index;
        this.idle = idle;
        this.pace = new Pace(idle.gatherNanos());
        this.bugs = new BugLog(bugs);
        pool = new PacketPool(Memory.map(Arena.ofAuto(), (long) POOL * PacketPool.SLOT));
        output = new Output(pool);
        egress = new Egress(output, new Cutter(pool, output), this.bugs);
        slow = new SlowPath(index, state, output, control, limits);
        forwarder = new Forwarder(state, output, slow);
        reader = quiescence.reader("worker-" + index);
        bell = new EventFd();
        poll = new Poll(ForwardingState.MAX_PORTS + 1);
    }

    /// Takes a port on. Before [#run]; later by [WorkerCommand.Attach].
    ///
    /// @param receives whether this worker takes frames from it
    public void attach(int port, PortQueue queue, boolean offloads, boolean receives) {
        ports.attach(port, queue, offloads, receives);
        output.attach(port, counters(port));
        vlans.attach(port, queue);
        if (queue instanceof CompanionQueue companion) {
            slow.pair(companion.port(), port, companion.rates());
        }
    }

    /// Before [#run].
    void share(Strays with) {
        strays = with;
        slow.share(with.handover());
    }

    private void detach(WorkerCommand.Detach detach) {
        int port = detach.port();
        slow.detached(port);
        vlans.detach(ports.queue(port));
        if (ports.companionOf(port) >= 0) {
            slow.part(ports.companionOf(port));
        }
        ports.detach(port, detach.forget());
    }

    /// The whole life of the worker: returns after [#stop].
    @Override
    public void run() {
        reader.online();
        Threads.sleepExactly();
        Threads.runInShortSlices();
        long lastWork = System.nanoTime();
        long lastUtc = lastWork - UTC_NS;
        while (!stopping) {
            long now = System.nanoTime();
            if (now - lastUtc >= UTC_NS) {
                slow.setUtc(System.currentTimeMillis() * 1_000_000 - now);
                lastUtc = now;
            }
            int work = roundOrBug(now);
            if (work > 0) {
                stats.worked(work, System.nanoTime() - now);
                lastWork = now;
            }
            if (pace.isPauseDue(work, now)) {
                LockSupport.parkNanos(idle.gatherNanos());
            } else if (work == 0 && now - lastWork >= idle.spinNanos()) {
                sleep();
            } else if (work == 0) {
                Thread.onSpinWait();
            }
        }
        int _ = obey(); // what was asked for before
        flush();
        ports.close();
        reader.close();
        bell.close();
    }

    /// What no guard of a single packet has caught.
    private int roundOrBug(long now) {
        try {
            return round(now);
        } catch (RuntimeException | Error e) {
            bugs.report(e, null);
            return 1;
        }
    }

    /// Does what is due; returns how much that was. For who runs it without [#run], on one thread
    /// with the control thread's work.
    ///
    /// @param now in nanoseconds, of any clock that goes on; without [#run] it is taken for UT, in
    ///   nanoseconds since 1970
    public int round(long now) {
        int work = tick(now) + obey() + takeStrays();
        if (work > 0) {
            flush();
        }
        for (int port : ports.receivers()) {
            work += breathe(port);
        }
        reader.quiescent();
        stats.round();
        return work;
    }

    private int tick(long now) {
        try {
            return slow.tick(now);
        } catch (RuntimeException | Error e) {
            bugs.report(e, null);
            return 1;
        }
    }

    private int receive(int port) {
        try {
            return ports.queue(port).receive(burst, pool);
        } catch (RuntimeException | Error e) {
            bugs.report(e, null);
            return burst.count; // what it had before
        }
    }

    /// One burst from one port, to its end.
    private int breathe(int port) {
        burst.clear();
        int received = receive(port);
        if (received == 0) {
            return 0;
        }
        long bytes = 0;
        int good = 0;
        for (int i = 0; i < received; i++) {
            Packet packet = burst.packets[i];
            packet.inPort = port;
            bytes += packet.length;
            if (packet.ending == Reason.INTERNAL) {
                burst.packets[good++] = packet;
            } else {
                output.end(packet, packet.ending); // the port refused it
            }
        }
        burst.count = vlans.hasVlans(port) ? sortByVlan(port, good) : good;
        output.counters(port).add(PortCounters.RECEIVED, received);
        output.counters(port).add(PortCounters.RECEIVED_BYTES, bytes);
        int paired = ports.companionOf(port);
        if (paired < 0) {
            forward(burst);
        } else {
            fromHost(burst, paired);
        }
        flush();
        return received;
    }

    /// Hands tagged frames of the burst over to their ports; returns how many packets are left.
    private int sortByVlan(int port, int count) {
        int left = 0;
        for (int i = 0; i < count; i++) {
            Packet packet = burst.packets[i];
            int to = vlans.port(port, packet);
            while (to >= 0) {
                output.handOver(packet, to);
                to = vlans.port(to, packet); // a VLAN within it
            }
            if (to == VlanDemux.UNKNOWN) {
                output.end(packet, Reason.VLAN_UNKNOWN);
            } else {
                burst.packets[left++] = packet;
            }
        }
        return left;
    }

    /// A bug costs the packet that meets it, never the worker nor the rest of the burst.
    private void forward(Burst burst) {
        try {
            forwarder.forward(burst);
        } catch (RuntimeException | Error _) {
            for (int i = 0; i < burst.count; i++) {
                if (!burst.packets[i].settled) {
                    forwardAlone(burst.packets[i]);
                }
            }
        }
    }

    private void forwardAlone(Packet packet) {
        alone.clear();
        alone.add(packet);
        try {
            forwarder.forward(alone);
        } catch (RuntimeException | Error e) {
            endByBug(e, packet);
        }
    }

    private void endByBug(Throwable bug, Packet packet) {
        bugs.report(bug, packet);
        if (!packet.settled) {
            output.end(packet, Reason.INTERNAL);
        }
    }

    /// Frames of a companion, to leave by its port.
    private void fromHost(Burst burst, int port) {
        for (int i = 0; i < burst.count; i++) {
            Packet packet = burst.packets[i];
            try {
                slow.fromHost(packet, port);
            } catch (RuntimeException | Error e) {
                endByBug(e, packet);
            }
        }
    }

    private void flush() {
        for (int port = 0; port < output.ports(); port++) {
            Burst queue = output.queue(port);
            if (queue.count > 0) {
                egress.send(queue, ports.queue(port), ports.takesOffloads(port));
                queue.clear();
            }
        }
    }

    private int obey() {
        int done = 0;
        for (WorkerCommand command = inbox.poll(); command != null; command = inbox.poll()) {
            while (!obey(command)) {
                // until it is done for every packet that waits
            }
            done++;
        }
        return done;
    }

    /// Does what a command asks for; returns whether nothing of it is left.
    private boolean obey(WorkerCommand command) {
        try {
            switch (command) {
                case WorkerCommand.Resolved resolved -> slow.resolved(resolved.adjacency());
                case WorkerCommand.Attach attach -> {
                    attach(attach.port(), attach.queue(), attach.offloads(), attach.receives());
                    attach.done().run();
                }
                case WorkerCommand.Detach detach -> {
                    flush(); // what was to leave before
                    detach(detach);
                    detach.done().run();
                }
                case WorkerCommand.Tune tune -> {
                    slow.limit(tune.limits());
                    idle = tune.idle();
                    pace = new Pace(idle.gatherNanos());
                }
                case WorkerCommand.Failed failed ->
                        slow.failed(failed.port(), failed.address(), failed.reason());
                case WorkerCommand.Send send -> slow.send(send.port(), send.frame());
            }
            return true;
        } catch (RuntimeException | Error e) {
            return !endInHand(e);
        }
    }

    /// Ends the packet that the slow path went on with when it met a bug; returns whether there was
    /// one.
    private boolean endInHand(Throwable bug) {
        Packet packet = slow.takeInHand();
        if (packet == null) {
            bugs.report(bug, null);
            return false;
        }
        endByBug(bug, packet);
        return true;
    }

    /// Goes on with fragments that came to other workers.
    private int takeStrays() {
        int taken = 0;
        while (strays != null && taken < Burst.SIZE) {
            Strays.Stray stray = strays.next(index);
            if (stray == null) {
                break;
            }
            taken++;
            try {
                if (ports.has(stray.port())) { // else it went meanwhile
                    slow.fragment(stray.port(), stray.frame());
                }
            } catch (RuntimeException | Error e) {
                boolean _ = endInHand(e);
            }
        }
        return taken;
    }

    private boolean isIdle() {
        return inbox.isEmpty() && (strays == null || strays.isEmpty(index));
    }

    /// Waits until a port or the control thread has something. Asleep it reads nothing, so it
    /// counts as quiescent.
    private void sleep() {
        sleeping = true; // before the last look at the inbox: see post
        if (isIdle() && !stopping) {
            poll.clear();
            poll.add(bell.descriptor());
            for (int port : ports.receivers()) {
                poll.add(ports.queue(port).descriptor());
            }
            reader.offline();
            poll.await(MAX_SLEEP_MS);
            reader.online();
        }
        sleeping = false;
        bell.drain();
    }

    /// Hands over a command. The control thread only.
    public void post(WorkerCommand command) {
        inbox.add(command);
        wake();
    }

    /// Ends its sleep, after it was given something. Any thread.
    void wake() {
        if (sleeping) {
            bell.ring();
        }
    }

    /// Makes [#run] return soon. Any thread.
    public void stop() {
        stopping = true;
        bell.ring();
    }

    public int index() {
        return index;
    }

    /// The counters of a port that is there, at this worker. Any thread may read them.
    public PortCounters counters(int port) {
        return ports.counters(port);
    }

    /// Packets that nothing holds. The worker's thread.
    int free() {
        return pool.available();
    }

    /// How busy the worker is. Any thread.
    public WorkerStats stats() {
        return stats;
    }

    /// Indexes of the ports that it receives from. Any thread.
    public int[] receivers() {
        return ports.receivers().clone();
    }
}
