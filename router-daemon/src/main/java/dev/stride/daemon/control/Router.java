package dev.stride.daemon.control;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.stride.core.addr.IpAddress;
import dev.stride.core.addr.IpPrefix;
import dev.stride.core.addr.MacAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The running router, for the control socket, metrics and HTTP. Any thread; methods may wait for
/// the control thread. The records are what the protocol's JSON shows.
public interface Router {
    /// A request that cannot be done; the message is for people.
    final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int index;

        public RefusedException(String message) {
            this(message, -1);
        }

        /// @param index which one of a list is refused, from 0; -1 where there is no list
        public RefusedException(String message, int index) {
            super(message);
            this.index = index;
        }

        public int index() {
            return index;
        }
    }

    /// @param uptimeSeconds since the daemon was ready
    record Status(
            String version,
            long pid,
            long uptimeSeconds,
            String config,
            String metrics,
            int workers,
            int ports,
            int portsUp,
            long routes) {}

    /// @param enabled false when it was switched off by command
    /// @param addresses as configured; one that somebody else has is followed by `(duplicate)`
    /// @param receiveMissed frames for the port that the kernel dropped before they could be taken
    /// @param drops received packets that were dropped, for any reason
    /// @param companion null for none
    record PortView(
            String name,
            String type,
            String device,
            String table,
            String mac,
            int mtu,
            boolean up,
            boolean enabled,
            boolean offload,
            List<String> addresses,
            long receivePackets,
            long receiveBytes,
            long receiveMissed,
            long transmitPackets,
            long transmitBytes,
            long transmitFragments,
            long originatedPackets,
            long originatedLost,
            long drops,
            Map<String, Long> endings,
            @Nullable CompanionView companion) {}

    /// The companion of a port: received is what the host said, sent what it heard.
    ///
    /// @param netns null where it is in the daemon's
    /// @param punts what went up by class, and `limited` what was beyond the rate of its class
    /// @param endings what became of the frames that the host said
    record CompanionView(
            String device,
            @Nullable String netns,
            boolean up,
            long receivePackets,
            long receiveBytes,
            long transmitPackets,
            long transmitBytes,
            Map<String, Long> punts,
            Map<String, Long> limited,
            Map<String, Long> endings) {}

    /// @param mac null while unknown
    /// @param live whether it was added by command, beside the configuration
    record NeighborView(
            String port,
            String address,
            @Nullable String mac,
            String state,
            double ageSeconds,
            boolean live) {}

    /// The router's own addresses by state, see [dev.stride.core.forward.AddressState].
    ///
    /// @param defenses how often a link was told that an address is ours since somebody claimed it
    record AddressesView(int valid, int tentative, int duplicate, long defenses) {}

    /// @param port null where the route leaves the port open
    record GatewayView(String address, @Nullable String port, int weight) {}

    /// A routing table.
    ///
    /// @param id what routing daemons know it by; null for none
    /// @param ipv4Routes prefixes in the FIB
    record TableView(
            String name, @Nullable Long id, List<String> ports, int ipv4Routes, int ipv6Routes) {}

    /// A live route to add.
    ///
    /// @param table the routing table that it is to be in
    /// @param via next hops; empty when `kind` or `viaTable` says what to do instead
    /// @param viaTable the table that finds the next hops, or, without any, the destination; null
    ///   for the route's own
    record NewRoute(
            String table,
            IpPrefix prefix,
            List<GatewayView> via,
            String kind,
            @Nullable String viaTable) {
        /// The same for another prefix.
        NewRoute to(IpPrefix other) {
            return new NewRoute(table, other, via, kind, viaTable);
        }

        /// Whether it is the same but for the prefix.
        public boolean isLike(NewRoute other) {
            return table.equals(other.table)
                    && via.equals(other.via)
                    && kind.equals(other.kind)
                    && Objects.equals(viaTable, other.viaTable);
        }
    }

    /// @param viaTable the table that finds the next hops, or the destination for the kind `table`;
    ///   null for the route's own
    /// @param best whether it is in the FIB
    /// @param usable whether it could be
    record RouteView(
            String table,
            String prefix,
            String source,
            String kind,
            List<GatewayView> via,
            @Nullable String viaTable,
            @Nullable String port,
            int distance,
            int metric,
            boolean best,
            boolean usable) {}

    /// How many routes of a family a source has said for a table.
    record SourceView(String table, String family, String source, int routes) {}

    /// The FPM server.
    ///
    /// @param peer who is connected; null for nobody
    /// @param connections since the start
    /// @param nextHops ids that the connection has defined
    /// @param waitingRoutes that were said, but not what their next-hop id is
    /// @param staleRoutes of earlier connections that the present one has not said
    /// @param sweptRoutes that were withdrawn because they stayed stale
    /// @param pauses in reading, since the control thread was behind
    /// @param skipped what was not taken, by reason
    /// @param faults connections that ended badly, by reason
    record FpmView(
            String listen,
            @Nullable String peer,
            int connections,
            long routeMessages,
            long nextHopMessages,
            int nextHops,
            int waitingRoutes,
            int staleRoutes,
            long sweptRoutes,
            long pauses,
            Map<String, Long> skipped,
            Map<String, Long> faults) {}

    /// The kernel's table.
    ///
    /// @param netns the network namespace that it is in; null for the daemon's
    /// @param connected whether it is followed now
    /// @param prefixes in the table
    /// @param overruns how often notifications were lost since the buffer was full
    /// @param auditDifferences prefixes of which a dump showed what notifications had not
    /// @param failures of the socket
    /// @param dumps how often the table was read as a whole, by cause
    /// @param skipped routes of the table that lead nowhere, by reason
    record NetlinkView(
            int table,
            @Nullable String netns,
            boolean connected,
            int prefixes,
            long notifications,
            long malformed,
            long overruns,
            long auditDifferences,
            long failures,
            Map<String, Long> dumps,
            Map<String, Integer> skipped) {}

    /// The audit of routes: what was not as it should be, and was mended.
    ///
    /// @param rounds how often the FIB was compared with the RIB as a whole
    /// @param differences by what was wrong
    record AuditView(long rounds, Map<String, Long> differences) {}

    /// What `show sources` answers.
    ///
    /// @param fpm null where it is not configured
    /// @param netlink null where it is not configured
    record SourcesView(
            List<SourceView> routes,
            @Nullable FpmView fpm,
            @Nullable NetlinkView netlink,
            AuditView audit) {}

    /// What the tables say of one address.
    ///
    /// @param candidates all routes for the longest prefix that is in use, best first
    /// @param nextHop the number that the FIB itself answers, 0 for none
    record Lookup(
            String table,
            String address,
            @Nullable String prefix,
            List<RouteView> candidates,
            int nextHop) {}

    /// @param updates stores into the table
    /// @param changes of routes, which took `changeSeconds` together, from the RIB to the table
    /// @param lagWorker the worker that the writer waits for, empty for none; it is `lagEpochs`
    ///   behind
    record FibView(
            String table,
            String family,
            int routes,
            int buckets,
            long bytes,
            long updates,
            long changes,
            double changeSeconds,
            int waitingBuckets,
            String lagWorker,
            long lagEpochs) {}

    /// @param kind the class of the reason, named as in metrics
    record DropView(String port, String reason, @JsonProperty("class") String kind, long packets) {}

    /// @param busySeconds spent on packets since the start
    /// @param busyRatio the share of the last second that was, 0 to 1
    record WorkerView(
            int worker,
            List<String> ports,
            long bursts,
            long packets,
            double busySeconds,
            double busyRatio) {}

    /// How many reloads and rollbacks took effect, how many were refused, and the same of saves.
    record ReloadCounts(long done, long refused, long saved, long notSaved) {}

    /// Snapshots of routes since the start.
    ///
    /// @param failed that could not be written or read
    /// @param loaded routes of the one that was read
    record SnapshotCounts(long written, long failed, long loaded) {}

    /// The control socket since the start.
    ///
    /// @param slow clients that were disconnected since they took no answers
    /// @param forbidden requests and connections of clients that may not
    /// @param malformed lines that were no request
    record ControlCounts(long connections, long slow, long forbidden, long malformed) {}

    /// A configuration that has run.
    ///
    /// @param time when it began to run (RFC 3339)
    /// @param cause why it came
    /// @param current whether it runs
    record GenerationView(int generation, String time, String cause, boolean current) {}

    record HookView(String point, List<String> hooks) {}

    Status status();

    List<PortView> ports();

    List<NeighborView> neighbors();

    AddressesView addresses();

    /// The routing tables, the main one first.
    List<TableView> tables();

    /// Up to `limit` routes of a table, of prefixes of a family from `from` on, in order of address
    /// and length; all of a prefix or none.
    ///
    /// @throws RefusedException when there is no such table
    List<RouteView> routes(String table, IpPrefix from, int limit);

    /// @throws RefusedException when there is no such table
    Lookup lookup(String table, IpAddress address);

    /// Number of routes by table, family and source.
    List<SourceView> sources();

    /// The FPM server; null where it is not configured.
    @Nullable FpmView fpm();

    /// The kernel's table; null where it is not configured.
    @Nullable NetlinkView netlink();

    /// The audit of routes.
    AuditView audit();

    /// The FIBs, two for each table.
    List<FibView> fib();

    List<DropView> drops();

    List<WorkerView> workers();

    List<HookView> hooks();

    /// Adds live routes, each in place of an earlier live one: all of them or none.
    ///
    /// @throws RefusedException when a port, a table or a kind is unknown; its index says which
    ///   route
    void addRoutes(List<NewRoute> routes);

    /// Withdraws a live route.
    ///
    /// @throws RefusedException when there is none
    void deleteRoute(String table, IpPrefix prefix);

    void addNeighbor(String port, IpAddress address, MacAddress mac);

    void deleteNeighbor(String port, IpAddress address);

    /// @param port null for all
    void flushNeighbors(@Nullable String port);

    /// Switches a port on or off until the daemon ends or the port is configured anew.
    void enablePort(String port, boolean enabled);

    /// Adds live routes and withdraws others, all at once: no packet is forwarded by a mixture.
    /// What is to go need not be there.
    ///
    /// @param table that `del` are in
    /// @throws RefusedException for the first of `add` that cannot be done; then nothing is done
    void changeRoutes(List<NewRoute> add, String table, List<IpPrefix> del);

    /// Withdraws routes of FPM that the present connection has not sent.
    ///
    /// @param all where nobody is connected, all routes of FPM
    /// @return how many
    /// @throws RefusedException where nobody is connected and not all are meant
    int sweepFpm(boolean all);

    ReloadCounts reloadCounts();

    ControlCounts controlCounts();

    SnapshotCounts snapshotCounts();

    /// What a reload of a configuration file would change, a line each.
    ///
    /// @param file null for the one that the daemon was started with
    /// @throws RefusedException with every error of the file
    List<String> diff(@Nullable Path file);

    /// What a rollback to a generation would change.
    ///
    /// @throws RefusedException when there is no such
    List<String> diff(int generation);

    /// Makes a configuration file the running configuration, as a whole or not at all.
    ///
    /// @param file null for the one that the daemon was started with
    /// @param confirmSeconds unless [#confirm] comes within so many, all is undone; 0 for no such
    ///   thing
    /// @param keepLive whether changes by command stay; otherwise they go
    /// @return what has changed, a line each
    /// @throws RefusedException when it cannot be; then nothing has changed
    List<String> reload(@Nullable Path file, int confirmSeconds, boolean keepLive);

    /// Keeps what [#reload] did.
    ///
    /// @throws RefusedException when nothing waits for it
    void confirm();

    /// Goes back to an earlier configuration; the file stays as it is.
    ///
    /// @param generation its number; 0 for the one before the present
    List<String> rollback(int generation);

    /// Writes what was changed by command into the configuration file, see `LiveSave`.
    ///
    /// @return the changes, a line each
    /// @throws RefusedException when it cannot be; then the file is as it was
    List<String> save();

    /// Configurations that have run, the oldest first.
    List<GenerationView> history();

    /// Whether every worker and the control thread answer.
    boolean isLive();

    /// Whether traffic can pass: live, configured and with ports open.
    boolean isReady();
}
