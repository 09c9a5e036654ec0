package dev.stride.daemon.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.rib.Route;
import dev.stride.daemon.netlink.NetlinkMessage.Hop;
import java.util.List;
import org.junit.jupiter.api.Test;

class TargetTest {
    private static final Ip4Address ONE = new Ip4Address(0x0a010001);
    private static final Ip4Address TWO = new Ip4Address(0x0a010002);
    private static final Devices DEVICES = index -> index - 10; // 10 is port 0's

    @Test
    void hopsOfOneGatewayAreOnePathWithTheirWeights() {
        List<Hop> hops =
                List.of(
                        new Hop(TWO, 0, 3),
                        new Hop(ONE, 10, 200),
                        new Hop(ONE, 11, 5), // by another port: another path
                        new Hop(TWO, 0, 4),
                        new Hop(ONE, 10, 100)); // 256 is the most

        assertThat(Target.via(hops, DEVICES).gateways())
                .containsExactly(
                        new Route.Gateway(TWO, -1, 7),
                        new Route.Gateway(ONE, 0, 256),
                        new Route.Gateway(ONE, 1, 5));
    }
}
