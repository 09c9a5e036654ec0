package dev.stride.daemon.config;

import dev.stride.core.addr.MacAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.stream.Stream;

/// The MAC address of a port that has none in the configuration: the same after every restart, so
/// that neighbors keep theirs, and another one on every machine.
///
/// Two routers on one machine and one link, with ports of the same name, need `mac` in one of them.
public final class StableMac {
    /// Set in addresses that no manufacturer gave out (IEEE 802, "locally administered").
    private static final long LOCAL_BIT = 0x0200_0000_0000L;

    private StableMac() {}

    /// A locally administered unicast address, a function of both names.
    public static MacAddress of(String machine, String port) {
        byte[] name = ("stride\n" + machine + "\n" + port).getBytes(StandardCharsets.UTF_8);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name);
            long bits = ByteBuffer.wrap(digest).getLong() >>> 16;
            return new MacAddress(bits & ~MacAddress.GROUP_BIT | LOCAL_BIT);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// What names this machine: machine-id(5), or the host name where there is none, as in most
    /// containers.
    public static String machine() {
        return Stream.of("/etc/machine-id", "/var/lib/dbus/machine-id", "/proc/sys/kernel/hostname")
                .map(StableMac::content)
                .filter(text -> !text.isEmpty() && !text.equals("uninitialized"))
                .findFirst()
                .orElse("");
    }

    private static String content(String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            return ""; // the next one will do
        }
    }
}
