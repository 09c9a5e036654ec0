package dev.stride.daemon.running;

import dev.stride.core.addr.MacAddress;
import dev.stride.core.forward.AddressState;
import dev.stride.core.forward.PortState;
import dev.stride.core.stats.PortCounters;
import dev.stride.core.stats.PuntClass;
import dev.stride.core.stats.Reason;
import dev.stride.daemon.config.InterfaceAddress;
import dev.stride.daemon.config.PortConfig;
import dev.stride.daemon.control.Router.CompanionView;
import dev.stride.daemon.control.Router.DropView;
import dev.stride.daemon.control.Router.PortView;
import dev.stride.daemon.live.Control;
import dev.stride.daemon.live.LiveCompanion;
import dev.stride.daemon.live.LivePort;
import dev.stride.io.worker.Worker;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The ports of the running router with their counters, each the sum over the workers that write
/// them. Any thread.
final class RunningPorts {
    private final Control control;
    private final List<Worker> workers;
    private final PortNames names;

    RunningPorts(Control control, List<Worker> workers, PortNames names) {
        this.control = control;
        this.workers = workers;
        this.names = names;
    }

    /// As [Router#ports].
    List<PortView> ports() {
        List<PortView> views = new ArrayList<>();
        PortState[] states = control.state().ports();
        for (LivePort live : control.ports().all()) {
            PortState state = live.index() < states.length ? states[live.index()] : null;
            if (state != null && state.isPresent()) {
                views.add(port(state, live));
            }
        }
        return views;
    }

    private PortView port(PortState port, LivePort live) {
        PortConfig from = live.config();
        int i = port.index();
        long drops = 0;
        for (Reason reason : Reason.values()) {
            drops += reason.isDrop() ? sum(i, reason) : 0;
        }
        return new PortView(
                port.name(),
                from.type(),
                from.device(),
                from.table(),
                new MacAddress(port.mac()).toString(),
                port.mtu(),
                port.up(),
                live.enabled(),
                live.port().takesOffloads(),
                from.addresses().stream().map(own -> shown(port, own)).toList(),
                sum(i, PortCounters.RECEIVED),
                sum(i, PortCounters.RECEIVED_BYTES),
                live.missed().get(),
                sum(i, PortCounters.TRANSMITTED),
                sum(i, PortCounters.TRANSMITTED_BYTES),
                sum(i, PortCounters.FRAGMENTS),
                sum(i, PortCounters.ORIGINATED),
                sum(i, PortCounters.ORIGINATED_LOST),
                drops,
                endings(i),
                companion(i));
    }

    /// How packets ended, those endings that occurred.
    private Map<String, Long> endings(int port) {
        Map<String, Long> endings = new LinkedHashMap<>();
        for (Reason reason : Reason.values()) {
            long packets = sum(port, reason);
            if (packets > 0) {
                endings.put(reason.label(), packets);
            }
        }
        return endings;
    }

    private @Nullable CompanionView companion(int port) {
        LiveCompanion live = control.companions().of(port);
        if (live == null) {
            return null;
        }
        int i = live.index();
        return new CompanionView(
                live.config().device(),
                live.config().netns(),
                live.device().isUp(),
                sum(i, PortCounters.RECEIVED),
                sum(i, PortCounters.RECEIVED_BYTES),
                sum(i, PortCounters.TRANSMITTED),
                sum(i, PortCounters.TRANSMITTED_BYTES),
                punts(port, false),
                punts(port, true),
                endings(i));
    }

    private Map<String, Long> punts(int port, boolean limited) {
        Map<String, Long> punts = new LinkedHashMap<>();
        for (PuntClass kind : PuntClass.values()) {
            long sum = 0;
            for (Worker worker : workers) {
                sum += worker.counters(port).punts(kind, limited);
            }
            punts.put(kind.label(), sum);
        }
        return punts;
    }

    private static String shown(PortState port, InterfaceAddress address) {
        AddressState state = port.stateOf(address.address());
        return state == AddressState.DUPLICATE ? address + " (duplicate)" : address.toString();
    }

    /// As [Router#drops].
    List<DropView> drops() {
        List<DropView> drops = new ArrayList<>();
        for (PortState port : names.all()) {
            for (Reason reason : Reason.values()) {
                long packets = reason.isDrop() ? sum(port.index(), reason) : 0;
                if (packets > 0) {
                    drops.add(
                            new DropView(
                                    port.name(), reason.label(), reason.kind().label(), packets));
                }
            }
        }
        return drops;
    }

    private long sum(int port, int counter) {
        long sum = 0;
        for (Worker worker : workers) {
            sum += worker.counters(port).get(counter);
        }
        return sum;
    }

    private long sum(int port, Reason reason) {
        long sum = 0;
        for (Worker worker : workers) {
            sum += worker.counters(port).endings(reason);
        }
        return sum;
    }
}
