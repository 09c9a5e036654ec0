package dev.stride.daemon.config;

/// A routing table.
///
/// @param id what routing daemons and the kernel know it by, unsigned; 0 for none
public record TableConfig(String name, int id) {
    /// The table that is always there: the kernel's main table.
    public static final TableConfig MAIN = new TableConfig("main", 254);

    /// As in the file: `red id 10`.
    @Override
    public String toString() {
        return name + (id == 0 ? "" : " id " + Integer.toUnsignedString(id));
    }
}
