package dev.stride.daemon.running;

import dev.stride.core.fib.Quiescence;
import dev.stride.core.forward.ForwardingState;
import dev.stride.core.forward.SlowPath;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.Reason;
import dev.stride.daemon.config.PortConfig;
import dev.stride.daemon.config.RouterConfig;
import dev.stride.daemon.live.Control;
import dev.stride.daemon.live.LivePort;
import dev.stride.io.capture.CaptureException;
import dev.stride.io.capture.CapturePort;
import dev.stride.io.capture.CaptureReader;
import dev.stride.io.capture.CaptureWriter;
import dev.stride.io.port.Port;
import dev.stride.io.worker.IdlePolicy;
import dev.stride.io.worker.Worker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A router without devices or threads: the frames of a capture go through a worker and the control
/// thread's work in turn, by the clock of the capture. The same frames always give the same result.
public final class Replay {
    private static final long STEP = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_PAUSE = TimeUnit.HOURS.toNanos(1);
    private static final long AFTERWARDS = TimeUnit.SECONDS.toNanos(10);
    private static final long TOGETHER = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long NO_PROBES = 0; // a capture answers none
    private static final int BURST = 64;
    private static final long MAC = 0x02_00_00_00_00_00L; // locally administered

    private final CaptureReader in;
    private final Control control;
    private final Worker worker;
    private final Map<String, CapturePort> byName = new LinkedHashMap<>();
    private final CapturePort otherwise;
    private long now;
    private long frames;
    private boolean more; // a frame waits in `in`
    private @Nullable String broken;

    /// What became of the frames of one port.
    ///
    /// @param endings by reason, those that occurred
    public record PortResult(
            String port, long received, long transmitted, Map<String, Long> endings) {}

    /// @param frames of the capture
    /// @param broken why the capture could not be read to its end, or null
    public record Result(long frames, List<PortResult> ports, @Nullable String broken) {}

    /// @param config with one port at least
    /// @param port where frames come from that do not say so; null for the first port
    public Replay(RouterConfig config, CaptureReader in, CaptureWriter out, @Nullable String port) {
        this.in = in;
        more = next();
        now = more ? in.nanos() : 0;
        Quiescence readers = new Quiescence();
        ForwardingState state = new ForwardingState(readers);
        control = new Control(state, readers, Daemon.timing(config), NO_PROBES, () -> now);
        SlowPath.Limits limits = Daemon.limits(config, 1);
        worker = new Worker(0, state, readers, control, limits, IdlePolicy.BUSY, BugFiles::log);
        control.attach(List.of(worker));
        config.tables().forEach(control.tables()::add);
        for (PortConfig each : RouterConfig.parentsFirst(config.ports())) {
            boolean hasDevice = each.within() == null;
            Port opened = hasDevice ? open(each, out) : Ports.open(each, 1);
            control.ports().install(each, opened, !config.portsOff().contains(each.name()));
        }
        CapturePort first = byName.values().iterator().next();
        otherwise = port == null ? first : byName.getOrDefault(port, first);
        ControlClient client = new ControlClient(control, this::settle);
        FpmSource fpm = new FpmSource(client);
        var _ = new RunningConfig(client, config, 1, fpm, new RunningSource(client));
    }

    private CapturePort open(PortConfig config, CaptureWriter out) {
        int number = byName.size();
        CapturePort made = new CapturePort(config.name(), number, MAC + 1 + number, out, () -> now);
        byName.put(config.name(), made);
        byName.putIfAbsent(config.device(), made);
        return made;
    }

    /// Lets the control thread's work and the worker answer each other until both are done.
    private void settle() {
        boolean asked = true;
        while (asked) {
            int work = worker.round(now);
            asked = control.round() || work > 0;
        }
    }

    /// Runs the whole capture and waits, by its clock, for what is still to be answered.
    ///
    /// @throws IOException when what leaves cannot be written
    public Result run() throws IOException {
        while (more) {
            burst();
            checkPorts();
        }
        advance(now + AFTERWARDS);
        checkPorts();
        return new Result(frames, results(), broken);
    }

    private void checkPorts() throws IOException {
        for (CapturePort port : byName.values()) {
            port.check();
        }
    }

    private boolean next() {
        try {
            return in.next();
        } catch (CaptureException e) {
            broken = e.getMessage();
            return false;
        }
    }

    /// Frames that came at about the same time by the same port.
    private void burst() {
        long first = in.nanos();
        advance(first);
        CapturePort port = port();
        while (more && port == port() && port.waiting() < BURST && in.nanos() - first < TOGETHER) {
            frames++;
            port.offer(in.memory(), in.at(), in.length());
            more = next();
        }
        settle();
    }

    private CapturePort port() {
        String name = in.port();
        return name == null ? otherwise : byName.getOrDefault(name, otherwise);
    }

    /// Lets time pass, so that requests are repeated and answers given up for when they are due.
    private void advance(long until) {
        now = Math.max(now, until - LONGEST_PAUSE);
        while (now < until) {
            now = Math.min(until, now + STEP);
            settle();
        }
    }

    private List<PortResult> results() {
        List<PortResult> results = new ArrayList<>();
        for (LivePort live : control.ports().all()) {
            PortCounters counters = worker.counters(live.index());
            Map<String, Long> endings = new LinkedHashMap<>();
            for (Reason reason : Reason.values()) {
                if (counters.endings(reason) > 0) {
                    endings.put(reason.label(), counters.endings(reason));
                }
            }
            results.add(
                    new PortResult(
                            live.config().name(),
                            counters.get(PortCounters.RECEIVED),
                            counters.get(PortCounters.TRANSMITTED),
                            endings));
        }
        return results;
    }
}
