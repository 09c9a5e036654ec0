package dev.stride.daemon.config;

import java.util.ArrayList;
import java.util.List;

/// Reads `stride.tables`, before the ports. The main table is there without being written.
final class TableReader {
    private static final long MAX_ID = 0xffff_ffffL;
    private static final long FIRST_KERNELS = 253; // RT_TABLE_DEFAULT, MAIN and LOCAL
    private static final long LAST_KERNELS = 255;

    private final Links links;
    private final Claims ids = new Claims("table");

    /// @param links is filled
    TableReader(Links links) {
        this.links = links;
        links.addTable(TableConfig.MAIN.name());
    }

    List<TableConfig> read(Section tables) {
        List<TableConfig> read = new ArrayList<>();
        for (Node node : tables.children()) {
            String name = node.name();
            Section section = node.section();
            if (name.equals(TableConfig.MAIN.name())) {
                node.error("the table main is always there, with the id 254; remove this");
                continue;
            }
            if (!name.matches(PortReader.NAME)) {
                node.error(
                        Node.quoted(name)
                                + " is no name of a routing table; use a lower-case letter, then up"
                                + " to 14 lower-case letters, digits and hyphens");
            }
            links.addTable(name);
            if (section != null) {
                read.add(new TableConfig(name, id(section)));
                section.end();
            }
        }
        return read;
    }

    private int id(Section section) {
        Node node = section.get("id");
        Long id = node == null ? null : node.whole(1, MAX_ID);
        if (node == null || id == null) {
            return 0;
        }
        if (id >= FIRST_KERNELS && id <= LAST_KERNELS) {
            node.error(id + " is one of the kernel's own tables; choose another number");
        }
        ids.take(id, node, "id " + id);
        return id.intValue();
    }
}
