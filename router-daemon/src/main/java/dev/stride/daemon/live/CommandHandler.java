package dev.stride.daemon.live;

import dev.stride.io.worker.Worker;
import dev.stride.io.worker.WorkerCommand;

/// What each command does. The control thread only.
final class CommandHandler {
    private final Control control;
    private final TimedRib routes;
    private final RouterAdvertiser advertiser;

    CommandHandler(Control control, TimedRib routes, RouterAdvertiser advertiser) {
        this.control = control;
        this.routes = routes;
        this.advertiser = advertiser;
    }

    void handle(ControlCommand command, long now) {
        switch (command) {
            case ControlCommand.PutRoutes put -> {
                put.routes().forEach(routes::put);
                put.done().complete(true);
            }
            case ControlCommand.ReplaceRoutes replace -> {
                replace.put().forEach(routes::put);
                replace.gone().forEach(to -> routes.remove(to, replace.source()));
                replace.done().complete(true);
            }
            case ControlCommand.ReviseRoutes revise -> revise(revise);
            case ControlCommand.DeleteRoute delete ->
                    delete.done().complete(routes.remove(delete.to(), delete.source()));
            case ControlCommand.AddTable add -> {
                control.tables().add(add.config());
                add.done().complete(true);
            }
            case ControlCommand.ChangeTable change -> {
                control.tables().change(change.config());
                change.done().complete(true);
            }
            case ControlCommand.RemoveTable remove -> {
                control.tables().remove(remove.table());
                remove.done().complete(true);
            }
            case ControlCommand.PutNeighbor put -> {
                control.neighbors().addStatic(put.port(), put.address(), put.mac(), now);
                put.done().complete(true);
            }
            case ControlCommand.DeleteNeighbor delete ->
                    delete.done()
                            .complete(
                                    control.neighbors()
                                            .remove(delete.port(), delete.address(), now));
            case ControlCommand.FlushNeighbors flush -> {
                control.neighbors().flush(flush.port(), now);
                flush.done().complete(true);
            }
            case ControlCommand.AddPort add -> add(add);
            case ControlCommand.RemovePort remove -> {
                advertiser.end(remove.port().index());
                control.ports()
                        .remove(
                                remove.port(),
                                () ->
                                        control.then(
                                                () -> {
                                                    control.ports().close(remove.port());
                                                    remove.done().complete(true);
                                                }));
            }
            case ControlCommand.ChangePort change -> {
                control.ports().change(change.port(), change.config());
                change.done().complete(true);
            }
            case ControlCommand.AddCompanion add -> add(add);
            case ControlCommand.RemoveCompanion remove ->
                    control.companions().remove(remove.port(), () -> remove.done().complete(true));
            case ControlCommand.EnablePort enable ->
                    control.ports()
                            .enable(
                                    enable.port(),
                                    enable.enabled(),
                                    () -> enable.done().complete(true));
            case ControlCommand.Tune tune -> {
                control.neighbors().retime(tune.timing());
                for (Worker worker : control.workers()) {
                    worker.post(new WorkerCommand.Tune(tune.limits(), tune.idle()));
                }
                tune.done().complete(true);
            }
            case ControlCommand.Read<?> read -> read.run(control);
        }
    }

    private void add(ControlCommand.AddPort add) {
        try {
            control.ports()
                    .add(
                            add.config(),
                            add.port(),
                            add.enabled(),
                            live ->
                                    control.then(
                                            () -> {
                                                control.ports().publish(live);
                                                add.done().complete(true);
                                            }));
        } catch (RuntimeException e) {
            add.port().close();
            throw e;
        }
    }

    private void add(ControlCommand.AddCompanion add) {
        try {
            control.companions()
                    .add(add.config(), add.device(), add.rates(), () -> add.done().complete(true));
        } catch (RuntimeException e) {
            add.device().close();
            throw e;
        }
    }

    /// Waits in the queue between two pages, if there is room.
    private void revise(ControlCommand.ReviseRoutes walk) {
        ControlCommand.ReviseRoutes next = routes.revise(walk);
        while (next != null && !control.submit(next)) {
            next = routes.revise(next);
        }
    }
}
