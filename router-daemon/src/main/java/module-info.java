/// The daemon and its command line: everything wired.
module dev.stride.daemon {
    requires static org.jspecify;
    requires dev.stride.io;
    requires java.logging;
    requires java.management;
    requires java.net.http;
    requires jdk.unsupported;
    requires com.fasterxml.jackson.annotation;
    requires com.fasterxml.jackson.databind;
    requires info.picocli;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires micrometer.core;
    requires micrometer.registry.prometheus;
    requires org.jctools.core;
    requires typesafe.config;

    exports dev.stride.daemon.log to
            java.logging;

    opens dev.stride.daemon.bench to
            com.fasterxml.jackson.databind;
    opens dev.stride.daemon to
            info.picocli;
    opens dev.stride.daemon.cli to
            info.picocli;
    opens dev.stride.daemon.demo to
            info.picocli;
    opens dev.stride.daemon.control to
            com.fasterxml.jackson.databind;
}
