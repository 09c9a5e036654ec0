/// Ports and workers. The only module that is granted native access by name.
module dev.stride.io {
    requires static org.jspecify;
    requires transitive dev.stride.core;
    requires io.netty.buffer;
    requires io.netty.common;
    requires io.netty.transport;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires org.jctools.core;
    requires org.pcap4j.core;

    exports dev.stride.io.capture;
    exports dev.stride.io.companion;
    exports dev.stride.io.linux;
    exports dev.stride.io.offload;
    exports dev.stride.io.packet;
    exports dev.stride.io.pcap;
    exports dev.stride.io.port;
    exports dev.stride.io.tap;
    exports dev.stride.io.tunnel;
    exports dev.stride.io.uring;
    exports dev.stride.io.vlan;
    exports dev.stride.io.worker;
}
