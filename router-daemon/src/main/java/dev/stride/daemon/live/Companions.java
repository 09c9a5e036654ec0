package dev.stride.daemon.live;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.forward.AddressState;
import dev.stride.core.forward.CompanionRates;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.PortState;
import dev.stride.daemon.config.CompanionConfig;
import dev.stride.daemon.control.Router.RefusedException;
import dev.stride.daemon.source.Devices;
import dev.stride.io.companion.CompanionPort;
import dev.stride.io.companion.HostState;
import dev.stride.io.linux.Namespace;
import dev.stride.io.linux.SyscallException;
import dev.stride.io.worker.Worker;
import dev.stride.io.worker.WorkerCommand;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The companions of ports: how they come, go, and look to the host. The control thread only, but
/// [#all] and what reads it.
///
/// They follow their ports by a look at each tick, whatever changed it: what the data path is shown
/// of a port is what the host is shown. A companion must go before its port does.
public final class Companions {
    private static final System.Logger LOG = System.getLogger("control");

    private final ForwardingState state;
    private final PortTable ports;
    private final Consumer<Runnable> later;
    private List<Worker> workers = List.of();
    private final Map<Integer, LiveCompanion> byPort = new HashMap<>();
    private final Map<Integer, HostState> shown = new HashMap<>(); // by port
    private volatile List<LiveCompanion> all = List.of(); // control: rw, others: ro

    /// @param later takes steps from workers' threads to the control thread
    Companions(ForwardingState state, PortTable ports, Consumer<Runnable> later) {
        this.state = state;
        this.ports = ports;
        this.later = later;
    }

    /// Before the workers run.
    void attach(List<Worker> every) {
        workers = every;
    }

    /// Those that every worker has. Any thread.
    public List<LiveCompanion> all() {
        return all;
    }

    /// The companion of a port. Any thread.
    public @Nullable LiveCompanion of(int port) {
        for (LiveCompanion each : all) {
            if (each.port() == port) {
                return each;
            }
        }
        return null;
    }

    /// What network devices of a namespace mean: companions their ports. Any thread.
    public Devices devices(@Nullable String netns) {
        return device -> portOf(netns, device);
    }

    /// The port that a network device is the companion of; [Devices#UNKNOWN] for none. Any thread.
    ///
    /// @param device the kernel's number of it, in the namespace `netns`
    private int portOf(@Nullable String netns, int device) {
        for (LiveCompanion each : all) {
            if (isSame(each.config().netns(), netns) && each.device().device() == device) {
                return each.port();
            }
        }
        return Devices.UNKNOWN;
    }

    /// Whether two names are of the same namespace.
    public static boolean isSame(@Nullable String one, @Nullable String other) {
        return Objects.equals(
                one == null ? null : Namespace.path(one),
                other == null ? null : Namespace.path(other));
    }

    /// Takes on a companion that was opened; `done` runs on the control thread when every worker
    /// has it.
    ///
    /// @throws RefusedException when its port is not there
    void add(CompanionConfig config, CompanionPort opened, CompanionRates rates, Runnable done) {
        LivePort port = ports.named(config.port());
        if (port == null) {
            throw new RefusedException("there is no port " + config.port());
        }
        int index = ports.takeIndex();
        state.removePort(index); // nobody meets an index without a state
        LiveCompanion live = new LiveCompanion(index, port.index(), config, opened);
        opened.bind(port.index(), rates);
        byPort.put(port.index(), live);
        Runnable publish =
                () -> {
                    all = List.copyOf(byPort.values());
                    done.run();
                };
        Runnable last = last(() -> later.accept(publish));
        for (Worker worker : workers) {
            boolean receives = Math.floorMod(worker.index() - port.index(), workers.size()) == 0;
            worker.post(
                    new WorkerCommand.Attach(
                            index, opened.queue(receives), opened.takesOffloads(), receives, last));
        }
        follow(live);
    }

    /// Runs `done` when every worker has run it.
    private Runnable last(Runnable done) {
        AtomicInteger left = new AtomicInteger(workers.size());
        return () -> {
            if (left.decrementAndGet() == 0) {
                done.run();
            }
        };
    }

    /// Takes a port's companion away, if it has one; `done` runs on the control thread when its
    /// device is closed.
    void remove(String name, Runnable done) {
        LivePort port = ports.named(name);
        LiveCompanion live = port == null ? null : byPort.remove(port.index());
        if (live == null) {
            done.run();
            return;
        }
        shown.remove(live.port());
        List<LiveCompanion> left = new ArrayList<>(all);
        left.remove(live);
        all = List.copyOf(left);
        Runnable close =
                () -> {
                    live.device().close();
                    ports.giveBackIndex(live.index());
                    done.run();
                };
        Runnable last = last(() -> later.accept(close));
        for (Worker worker : workers) {
            worker.post(new WorkerCommand.Detach(live.index(), true, last));
        }
    }

    /// Closes all devices, when no worker runs.
    public void close() {
        byPort.values().forEach(live -> live.device().close());
    }

    /// Brings what hosts see in step with the ports.
    void tick() {
        byPort.values().forEach(this::follow);
    }

    private void follow(LiveCompanion live) {
        HostState before = shown.get(live.port());
        HostState now = hostState(live, before);
        if (now == null || now.equals(before)) {
            return;
        }
        shown.put(live.port(), now);
        try {
            live.device().show(now);
        } catch (SyscallException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "port {0}: its companion {1} is not in step: {2}; the next change of the port"
                            + " tries again, or reload without the companion and with it",
                    live.config().port(),
                    live.config().device(),
                    e.what());
        }
    }

    private @Nullable HostState hostState(LiveCompanion live, @Nullable HostState before) {
        PortState port = state.ports()[live.port()];
        LivePort of = ports.named(live.config().port());
        if (!port.isPresent() || of == null) {
            return null;
        }
        Map<IpAddress, Integer> addresses = new HashMap<>();
        for (PortState.Address each : port.addresses()) {
            Ip4Address address = new Ip4Address(each.bits());
            if (isShown(each.state(), address, before)) {
                addresses.put(address, each.length());
            }
        }
        for (PortState.Address6 each : port.addresses6()) {
            Ip6Address address = new Ip6Address(each.high(), each.low());
            if (isShown(each.state(), address, before)) {
                addresses.put(address, each.length());
            }
        }
        return new HostState(port.mac(), port.mtu(), of.enabled(), port.up(), addresses);
    }

    /// One that is asked for anew stays: sessions would go with it.
    private static boolean isShown(
            AddressState state, IpAddress address, @Nullable HostState before) {
        return switch (state) {
            case VALID -> true;
            case TENTATIVE -> before != null && before.addresses().containsKey(address);
            case DUPLICATE -> false;
        };
    }
}
