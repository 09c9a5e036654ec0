/// Ports and workers. The only module that is granted native access by name.
module dev.stride.io {
    requires static org.jspecify;
    requires transitive dev.stride.core;
    requires org.jctools.core;
}
