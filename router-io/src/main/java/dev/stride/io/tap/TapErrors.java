package dev.stride.io.tap;

import dev.stride.core.stats.Reason;
import dev.stride.io.linux.Errno;
import dev.stride.io.linux.Namespace;
import dev.stride.io.linux.SyscallException;
import dev.stride.io.port.PortException;

/// What went wrong with a TAP, and what to do about it.
final class TapErrors {
    private TapErrors() {}

    /// Why a frame was not taken.
    static Reason transmit(int errno) {
        return switch (errno) {
            case Errno.EIO, Errno.EBADFD -> Reason.PORT_DOWN;
            case Errno.EAGAIN -> Reason.TRANSMIT_FULL;
            default -> Reason.TRANSMIT_ERROR;
        };
    }

    static PortException open(TapOptions options, SyscallException e) {
        String what =
                switch (e.errno()) {
                    case Errno.ENOENT ->
                            "/dev/net/tun is missing; load the driver with `modprobe tun`, or make the device"
                                    + " available in this container";
                    case Errno.ENODEV, Errno.ENXIO ->
                            "/dev/net/tun has no driver behind it; load it with `modprobe tun`";
                    case Errno.EACCES, Errno.EPERM ->
                            "no permission to open /dev/net/tun; run as root, or allow the device"
                                    + " (systemd: DeviceAllow=/dev/net/tun rw)";
                    default -> e.what();
                };
        return new PortException(options.name(), what);
    }

    static PortException attach(TapOptions options, SyscallException e) {
        String device = options.device();
        String what =
                switch (e.errno()) {
                    case Errno.EBUSY ->
                            device
                                    + " is in use by another process; choose another device, or end that"
                                    + " process (`fuser -v /dev/net/tun` shows it)";
                    case Errno.EINVAL ->
                            device
                                    + " is there already and is no TAP device that can be attached to; choose"
                                    + " another device name, or remove it with `ip link del "
                                    + device
                                    + "`";
                    case Errno.EPERM ->
                            "no permission to make "
                                    + device
                                    + "; run with CAP_NET_ADMIN, or let root make it once: `ip tuntap add "
                                    + device
                                    + " mode tap vnet_hdr user $USER`";
                    default -> e.what();
                };
        return new PortException(options.name(), what);
    }

    static PortException namespace(TapOptions options, SyscallException e) {
        String what =
                switch (e.errno()) {
                    case Errno.ENOENT ->
                            "there is no network namespace "
                                    + options.netns()
                                    + "; make it with `ip netns add "
                                    + options.netns()
                                    + "`";
                    case Errno.EPERM, Errno.EACCES ->
                            "no permission to enter network namespace "
                                    + options.netns()
                                    + "; run with CAP_SYS_ADMIN, or make a persistent TAP there and drop"
                                    + " host.netns";
                    case Errno.EINVAL ->
                            Namespace.path(String.valueOf(options.netns()))
                                    + " is not a network namespace";
                    default -> e.what();
                };
        return new PortException(options.name(), what);
    }

    static PortException other(TapOptions options, SyscallException e) {
        String what =
                e.errno() == Errno.EPERM
                        ? e.what()
                                + " for "
                                + options.device()
                                + "; run with CAP_NET_ADMIN, or set the device up beforehand"
                        : e.what() + " for " + options.device();
        return new PortException(options.name(), what);
    }
}
