package dev.stride.daemon.config;

import dev.stride.core.stats.PuntClass;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the key `companion` of ports, and `stride.punt`.
final class CompanionReader {
    private static final int MAX_RATE = 10_000_000;

    private final Claims devices;
    private final List<CompanionConfig> companions = new ArrayList<>();

    /// @param devices what ports have taken already
    CompanionReader(Claims devices) {
        this.devices = devices;
    }

    /// What has been read, in the order of the file.
    List<CompanionConfig> companions() {
        return companions;
    }

    /// Reads the companion of a port, if it has one.
    void read(String port, Section section) {
        Node node = section.get("companion");
        Section companion = node == null ? null : node.section();
        if (companion == null) {
            return;
        }
        Node name =
                companion.require(
                        "device", "name the interface for routing daemons, as in device = lan0");
        String device = name == null ? null : name.parse(PortReader::device);
        String netns = PortReader.namespace(companion);
        boolean hostAnswers = companion.flag("host-answers", false);
        companion.end();
        if (name == null || device == null) {
            return;
        }
        devices.take(claim(netns, device), name, "device " + device);
        companions.add(new CompanionConfig(port, device, netns, hostAnswers));
    }

    /// As ports on devices that are there have it.
    private static String claim(@Nullable String netns, String device) {
        return netns + "/" + device;
    }

    static PuntConfig punt(Section punt) {
        PuntConfig config =
                new PuntConfig(
                        rate(punt, PuntClass.BGP),
                        rate(punt, PuntClass.IGP),
                        rate(punt, PuntClass.BFD),
                        rate(punt, PuntClass.GROUP),
                        rate(punt, PuntClass.LINK),
                        rate(punt, PuntClass.NEIGHBOR),
                        rate(punt, PuntClass.ICMP),
                        rate(punt, PuntClass.TCP),
                        rate(punt, PuntClass.OTHER));
        punt.end();
        return config;
    }

    private static int rate(Section punt, PuntClass kind) {
        return punt.whole(kind.label(), kind.rate(), 1, MAX_RATE);
    }
}
