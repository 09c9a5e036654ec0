/// The router without any I/O: addresses, headers, tables, hooks and the data path. No thread,
/// clock, log or system call.
module dev.stride.core {
    requires static jdk.incubator.vector;
    requires static org.jspecify;

    exports dev.stride.core.addr;
    exports dev.stride.core.adjacency;
    exports dev.stride.core.fib;
    exports dev.stride.core.forward;
    exports dev.stride.core.fragment;
    exports dev.stride.core.packet;
    exports dev.stride.core.pfil;
    exports dev.stride.core.rib;
    exports dev.stride.core.stats;
    exports dev.stride.core.wire;
}
