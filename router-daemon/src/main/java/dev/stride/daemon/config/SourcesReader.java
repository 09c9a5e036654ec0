package dev.stride.daemon.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Reads where routes come from besides the file. The defaults stand here, and in
/// `conf/stride.conf` for people.
final class SourcesReader {
    private static final ListenAddress FPM_LISTEN = ListenAddress.parse("127.0.0.1:2620");

    private SourcesReader() {}

    /// The source `fpm`; null where it is not wanted.
    static @Nullable FpmConfig fpm(Section sources) {
        return sources.get("fpm") == null ? null : fpmServer(sources.section("fpm"));
    }

    /// The source `netlink`; null where it is not wanted.
    static @Nullable NetlinkConfig netlink(Section sources) {
        return sources.get("netlink") == null ? null : kernelTable(sources.section("netlink"));
    }

    private static NetlinkConfig kernelTable(Section netlink) {
        NetlinkConfig config =
                new NetlinkConfig(
                        netlink.whole("table", 100, 1, Integer.MAX_VALUE),
                        PortReader.namespace(netlink),
                        netlink.whole("distance", 20, 1, 255),
                        netlink.bytes("receive-buffer", 32 << 20, 4096, 1 << 30),
                        netlink.duration(
                                "audit",
                                Duration.ofMinutes(1),
                                Duration.ofSeconds(1),
                                Duration.ofDays(1)));
        netlink.end();
        return config;
    }

    private static FpmConfig fpmServer(Section fpm) {
        Duration second = Duration.ofSeconds(1);
        Duration day = Duration.ofDays(1);
        Node node = fpm.get("listen");
        ListenAddress listen = node == null ? null : node.parse(ListenAddress::parse);
        if (node != null && listen != null && !listen.isLoopback()) {
            node.warn(
                    listen
                            + " takes routes from whoever connects; let a firewall guard it, or"
                            + " listen on 127.0.0.1");
        }
        FpmConfig config =
                new FpmConfig(
                        listen == null ? FPM_LISTEN : listen,
                        PortReader.namespace(fpm),
                        fpm.whole("distance", 20, 1, 255),
                        fpm.duration("hold", Duration.ofSeconds(30), second, day),
                        fpm.duration("quiet", Duration.ofSeconds(5), second, day),
                        fpm.flag("offload-status", false));
        fpm.end();
        return config;
    }
}
