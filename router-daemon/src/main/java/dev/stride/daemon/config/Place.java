package dev.stride.daemon.config;

/// Where in the configuration something stands; the fields are those of [Problem].
record Place(String file, int line, String key) {
    /// `file:line`, for a message about another place.
    String brief() {
        return file + ":" + line;
    }
}
