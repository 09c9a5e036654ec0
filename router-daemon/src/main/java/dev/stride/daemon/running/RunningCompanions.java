package dev.stride.daemon.running;

import dev.stride.core.forward.CompanionRates;
import dev.stride.daemon.config.CompanionConfig;
import dev.stride.daemon.config.PortConfig;
import dev.stride.daemon.config.RouterConfig;
import dev.stride.daemon.control.Router.RefusedException;
import dev.stride.daemon.live.ControlCommand;
import dev.stride.io.companion.CompanionOptions;
import dev.stride.io.companion.CompanionPort;
import dev.stride.io.port.PortException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How the companions of one configuration take the places of another's: opened before anything
/// changes, as far as their devices are free. One thread at a time.
final class RunningCompanions {
    private static final System.Logger LOG = System.getLogger("config");

    private final ControlClient client;
    private final int workers;

    RunningCompanions(ControlClient client, int workers) {
        this.client = client;
        this.workers = workers;
    }

    /// A change that has been prepared.
    ///
    /// @param leaving those that have to go
    /// @param coming those that take their places, with what is open already
    record Change(
            List<CompanionConfig> leaving, Map<CompanionConfig, @Nullable CompanionPort> coming) {}

    /// Opens the first ones.
    ///
    /// @throws PortException when one cannot be
    void start(RouterConfig config) {
        Map<CompanionConfig, @Nullable CompanionPort> coming = open(config.companions(), List.of());
        add(new Change(List.of(), coming), config);
    }

    /// Opens what is to come and needs no device that another one still holds.
    ///
    /// @param ports that go, and with them their companions
    /// @throws RefusedException when one cannot be; then nothing has changed
    Change prepare(RouterConfig before, RouterConfig after, List<PortConfig> ports) {
        List<String> gone = ports.stream().map(PortConfig::name).toList();
        List<CompanionConfig> leaving =
                before.companions().stream()
                        .filter(it -> !after.companions().contains(it) || gone.contains(it.port()))
                        .toList();
        List<CompanionConfig> coming =
                after.companions().stream()
                        .filter(it -> !before.companions().contains(it) || gone.contains(it.port()))
                        .toList();
        try {
            return new Change(leaving, open(coming, leaving));
        } catch (PortException e) {
            throw new RefusedException(String.valueOf(e.getMessage()));
        }
    }

    private static Map<CompanionConfig, @Nullable CompanionPort> open(
            List<CompanionConfig> coming, List<CompanionConfig> leaving) {
        Map<CompanionConfig, @Nullable CompanionPort> opened = new LinkedHashMap<>();
        try {
            for (CompanionConfig config : coming) {
                boolean held = leaving.stream().anyMatch(config::isAtPlaceOf);
                opened.put(config, held ? null : open(config));
            }
        } catch (PortException e) {
            close(opened);
            throw e;
        }
        return opened;
    }

    private static CompanionPort open(CompanionConfig config) {
        return CompanionPort.open(
                new CompanionOptions(config.port(), config.device(), config.netns()));
    }

    private static void close(Map<CompanionConfig, @Nullable CompanionPort> opened) {
        for (CompanionPort port : opened.values()) {
            if (port != null) {
                port.close();
            }
        }
    }

    /// Lets those go that have to, before their ports do.
    void remove(Change change) {
        for (CompanionConfig config : change.leaving()) {
            client.<Boolean>ask(done -> new ControlCommand.RemoveCompanion(config.port(), done));
        }
    }

    /// The ports are as they were: so is the rest.
    void undo(Change change, RouterConfig before) {
        close(change.coming());
        Map<CompanionConfig, @Nullable CompanionPort> again = new LinkedHashMap<>();
        change.leaving().forEach(config -> again.put(config, null));
        add(new Change(List.of(), again), before);
    }

    /// Takes those on that come, when their ports are there. One whose device was ours a moment ago
    /// and is not to be had now is lost.
    void add(Change change, RouterConfig config) {
        CompanionRatesOf rates = new CompanionRatesOf(config, workers);
        change.coming()
                .forEach(
                        (companion, opened) -> {
                            try {
                                add(companion, opened, rates.of(companion));
                            } catch (PortException | RefusedException e) {
                                LOG.log(
                                        System.Logger.Level.ERROR,
                                        "the companion of port {0} is lost: {1}; reload without it"
                                                + " and with it again",
                                        companion.port(),
                                        e.getMessage());
                            }
                        });
    }

    private void add(CompanionConfig config, @Nullable CompanionPort opened, CompanionRates rates) {
        CompanionPort port = opened == null ? open(config) : opened;
        client.<Boolean>ask(done -> new ControlCommand.AddCompanion(config, port, rates, done));
    }

    private record CompanionRatesOf(RouterConfig config, int workers) {
        CompanionRates of(CompanionConfig companion) {
            return new CompanionRates(companion.hostAnswers(), config.punt().share(workers));
        }
    }
}
