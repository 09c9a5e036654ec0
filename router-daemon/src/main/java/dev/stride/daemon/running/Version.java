package dev.stride.daemon.running;

/// Which Stride this is.
public final class Version {
    /// From the jar's manifest; "dev" where the classes run without one.
    public static final String TEXT = read();

    private Version() {}

    private static String read() {
        String version = Version.class.getPackage().getImplementationVersion();
        if (version == null) {
            version = Version.class.getModule().getDescriptor().rawVersion().orElse("dev");
        }
        return version;
    }
}
