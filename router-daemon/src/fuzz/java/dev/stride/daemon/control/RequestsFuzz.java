package dev.stride.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/// Any line on the control socket gets one answer, which is no internal error.
class RequestsFuzz {
    static Stream<byte[]> seeds() {
        return Stream.of(
                        "'do':'show','what':'status'",
                        "'do':'show','what':'routes'",
                        "'do':'show','what':'sources'",
                        "'do':'route','address':'10.1.0.9'",
                        "'do':'route-add','prefix':'10.9.0.0/16','via':[{'address':'10.1.0.2'}]",
                        "'do':'route-add','routes':[{'prefix':'::/0','kind':'blackhole'}]",
                        "'do':'route-add','prefix':'::/0','via':[{'address':'::2','port':'lan',"
                                + "'weight':2}]",
                        "'do':'route-del','prefix':'10.9.0.0/16'",
                        "'do':'neighbor-add','port':'lan','address':'10.1.0.2',"
                                + "'mac':'02:00:00:00:00:02'",
                        "'do':'neighbor-del','port':'lan','address':'10.1.0.2'",
                        "'do':'neighbor-flush'",
                        "'do':'port','port':'lan','up':false",
                        "'do':'diff','file':'/etc/stride/stride.conf'",
                        "'do':'diff','file':'\\u0000'",
                        "'do':'reload','confirm':30",
                        "'do':'confirm'",
                        "'do':'rollback','generation':2",
                        "'do':'route-change','add':[{'prefix':'::/0','kind':'blackhole'}],"
                                + "'del':['::/0']",
                        "'do':'fpm-sweep','all':true",
                        "'do':'save'",
                        "'do':'rollback'")
                .map(fields -> "{'v':1,'id':7," + fields + "}")
                .map(line -> line.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    @Timeout(60) // for one input
    @MethodSource("seeds")
    @DictionaryEntries({"\"do\":", "\"show\"", "\"what\":", "\"routes\":", "\"via\":", "\"file\":"})
    @FuzzTest
    void line(byte[] bytes) throws JsonProcessingException {
        List<String> last = new ArrayList<>();
        Requests requests =
                new Requests(
                        new FakeRouter(),
                        (line, part) -> {
                            if (!part) {
                                last.add(line);
                            }
                            return true;
                        },
                        "a test",
                        Access.WRITE,
                        new ControlCounters());
        requests.handle(new String(bytes, StandardCharsets.UTF_8));
        assertThat(last).hasSize(1);
        assertThat(last.getFirst()).doesNotContain("\n");
        JsonNode reply = Json.MAPPER.readTree(last.getFirst());
        assertThat(reply.path("v").asInt()).isEqualTo(Json.VERSION);
        assertThat(reply.path("error").path("code").asText()).isNotEqualTo("internal");
    }
}
