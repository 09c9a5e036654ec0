package dev.stride.daemon.control;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;

/// How records become JSON: keys in snake_case, as in metrics. A text is read strictly: one value
/// and nothing behind it, no key twice.
public final class Json {
    /// Version of the protocol.
    public static final int VERSION = 1;

    public static final ObjectMapper MAPPER =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .nodeFactory(new SmallNodes())
                    .build();

    private Json() {}

    /// Nodes with room for a key or two: a route has no more, and a million may come.
    private static final class SmallNodes extends JsonNodeFactory {
        private static final long serialVersionUID = 1;

        @Override
        public ObjectNode objectNode() {
            return new ObjectNode(this, new LinkedHashMap<>(2));
        }

        @Override
        public ArrayNode arrayNode() {
            return new ArrayNode(this, 1);
        }
    }
}
