package dev.stride.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class TableTest {
    private final StringWriter printed = new StringWriter();

    private void print(Table table) {
        table.print(new PrintWriter(printed));
    }

    @Test
    void columnsAreAsWideAsTheirWidestCellAndNumbersStandRight() {
        Table table = new Table("PORT", "PACKETS", "NOTE");
        table.row("lan", "12345678", "a");
        table.row("uplink", "-", "longer");
        print(table);
        assertThat(printed)
                .hasToString(
                        """
                        PORT     PACKETS  NOTE
                        lan     12345678  a
                        uplink         -  longer
                        """);
    }

    @Test
    void addressesAndUnknownsAreText() {
        Table table = new Table("ADDRESS", "MAC");
        table.row("10.0.0.1/8", "-");
        print(table);
        assertThat(printed).hasToString("ADDRESS     MAC\n10.0.0.1/8  -\n");
    }

    @Test
    void headComesOnceAndLaterPartsKeepTheColumns() {
        Table table = new Table("NAME", "N");
        table.row("first", "100");
        print(table);
        table.row("b", "1");
        print(table);
        table.row("much longer", "10");
        print(table);
        assertThat(printed)
                .hasToString(
                        """
                        NAME     N
                        first  100
                        b        1
                        much longer   10
                        """);
    }

    @Test
    void emptyTableIsItsHead() {
        print(new Table("A", "B"));
        assertThat(printed).hasToString("A  B\n");
    }
}
