/// The daemon and its command line: everything wired.
module dev.stride.daemon {
    requires static org.jspecify;
    requires dev.stride.io;
    requires java.logging;
    requires com.fasterxml.jackson.databind;
    requires info.picocli;
    requires io.netty.buffer;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires io.netty.transport;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires micrometer.core;
    requires micrometer.registry.prometheus;
    requires typesafe.config;
}
