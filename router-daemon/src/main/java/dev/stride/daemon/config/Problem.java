package dev.stride.daemon.config;

/// One thing that is wrong with a configuration: where, and how to mend it.
///
/// @param file as the user named it; that of the include where the value came from one
/// @param line from 1; 0 where the problem belongs to no line
/// @param key the full path such as `stride.ports.lan.mtu`; empty where it belongs to no key
/// @param message what is wrong and how to mend it, one line
/// @param warning whether the configuration can run all the same
public record Problem(String file, int line, String key, String message, boolean warning) {
    /// `file:line: key: message`, without the parts that are not there.
    @Override
    public String toString() {
        return file
                + (line > 0 ? ":" + line : "")
                + ": "
                + (key.isEmpty() ? "" : key + ": ")
                + (warning ? "warning: " : "")
                + message;
    }
}
