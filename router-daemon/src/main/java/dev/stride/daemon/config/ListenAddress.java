package dev.stride.daemon.config;

import dev.stride.core.addr.Ip4Address;
import dev.stride.core.addr.Ip6Address;
import dev.stride.core.addr.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/// Where a TCP server of the daemon listens.
///
/// @param port 0 to 65535; 0 takes a free one
public record ListenAddress(IpAddress address, int port) {
    /// Reads `ADDRESS:PORT`, `[IPV6]:PORT` or `localhost:PORT`. No name service is asked.
    ///
    /// @throws IllegalArgumentException with a sentence for people, when `text` is anything else
    public static ListenAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        String digits = text.substring(colon + 1);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (host.isEmpty() || bracketed != host.indexOf(':') >= 0) {
            throw malformed(text);
        }
        if (!digits.matches("[0-9]{1,5}") || Integer.parseInt(digits) > 65535) {
            throw new IllegalArgumentException(
                    "\"" + text + "\": the port behind the colon must be 0 to 65535");
        }
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        try {
            IpAddress address = IpAddress.parse(bare.equals("localhost") ? "127.0.0.1" : bare);
            return new ListenAddress(address, Integer.parseInt(digits));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(malformed(text).getMessage(), e);
        }
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException(
                "\""
                        + text
                        + "\" is not address:port, such as 127.0.0.1:9473 or [::1]:9473; names"
                        + " other than localhost are not looked up");
    }

    /// Whether only this machine can reach it.
    public boolean isLoopback() {
        return switch (address) {
            case Ip4Address four -> four.bits() >>> 24 == 127;
            case Ip6Address six -> six.high() == 0 && six.low() == 1;
        };
    }

    /// The same for java.net and Netty; asks no name service.
    public InetSocketAddress socketAddress() {
        byte[] bytes =
                switch (address) {
                    case Ip4Address four -> ByteBuffer.allocate(4).putInt(four.bits()).array();
                    case Ip6Address six ->
                            ByteBuffer.allocate(16).putLong(six.high()).putLong(six.low()).array();
                };
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are an address", e);
        }
    }

    @Override
    public String toString() {
        return (address instanceof Ip6Address ? "[" + address + "]" : address) + ":" + port;
    }
}
