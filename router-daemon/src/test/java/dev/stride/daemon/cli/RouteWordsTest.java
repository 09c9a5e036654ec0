package dev.stride.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteWordsTest {
    private static List<String> words(String text) {
        return List.of(text.split(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    via 10.1.0.2                   | 'via':[{'address':'10.1.0.2'}]
                    via 10.1.0.2 port lan          | 'via':[{'address':'10.1.0.2','port':'lan'}]
                    via 10.1.0.2 weight 3          | 'via':[{'address':'10.1.0.2','weight':3}]
                    via 10.1.0.2 weight 3 port lan | 'via':[{'address':'10.1.0.2','weight':3,'port':'lan'}]
                    via 10.1.0.2 via 10.1.0.3      | 'via':[{'address':'10.1.0.2'},{'address':'10.1.0.3'}]
                    via 10.1.0.2 table red         | 'via':[{'address':'10.1.0.2'}],'table':'red'
                    table red via 10.1.0.2 port p  | 'table':'red','via':[{'address':'10.1.0.2','port':'p'}]
                    via-table blue table red       | 'via_table':'blue','table':'red'
                    blackhole table red            | 'kind':'blackhole','table':'red'
                    blackhole                      | 'kind':'blackhole'
                    unreachable                    | 'kind':'unreachable'
                    prohibit                       | 'kind':'prohibit'
                    """,
            quoteCharacter = '`')
    void wordsBecomeFields(String words, String fields) {
        String expected = "{'prefix':'10.9.0.0/16'," + fields + "}";
        assertThat(RouteWords.route("10.9.0.0/16", words(words)))
                .hasToString(expected.replace('\'', '"'));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.1.0.2",
                "via",
                "port lan",
                "via 10.1.0.2 port",
                "via 10.1.0.2 weight",
                "via 10.1.0.2 weight many",
                "via 10.1.0.2 weight -1",
                "via 10.1.0.2 dev lan",
                "via 10.1.0.2 table",
                "blackhole via-table red",
                "blackhole now"
            })
    void otherWordsAreNotUnderstood(String words) {
        assertThatThrownBy(() -> RouteWords.route("10.9.0.0/16", words(words)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not understood here; write `via NEXTHOP");
    }

    @ParameterizedTest
    @CsvSource({
        "10.9.0.0/16 10.1.0.2, '{\"prefix\":\"10.9.0.0/16\",\"via\":[{\"address\":\"10.1.0.2\"}]}'",
        "10.9.0.0/16 prohibit, '{\"prefix\":\"10.9.0.0/16\",\"kind\":\"prohibit\"}'",
        "10.9.0.0/16 via ::1, '{\"prefix\":\"10.9.0.0/16\",\"via\":[{\"address\":\"::1\"}]}'"
    })
    void lineMayLeaveOutVia(String line, String json) {
        assertThat(RouteWords.line(words(line))).hasToString(json);
    }
}
