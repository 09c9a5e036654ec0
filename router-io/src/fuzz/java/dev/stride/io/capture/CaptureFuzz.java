package dev.stride.io.capture;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/// Any file is read to its end, or to where it is said to be broken; frames lie within it.
class CaptureFuzz {
    static Stream<byte[]> seeds() {
        String big = "a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000001";
        String packet = "00000001 00000002 00000004 00000004 01020304";
        String section = "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c";
        String port = "00000001 00000020 0001 0000 0000ffff 0009 0001 09000000 00000000 00000020";
        String simple = "00000003 00000014 00000004 01020304 00000014";
        return Stream.concat(
                Stream.of("frames.pcap", "frames.pcapng").map(CaptureFuzz::written),
                Stream.of(big + packet + packet, section + port + simple)
                        .map(hex -> HexFormat.of().parseHex(hex.replace(" ", ""))));
    }

    private static byte[] written(String name) {
        try {
            Path directory = Files.createTempDirectory("stride-capture");
            Path file = directory.resolve(name);
            try (CaptureWriter writer = new CaptureWriter(file, List.of("lan", "wan"))) {
                for (int i = 0; i < 3; i++) {
                    MemorySegment frame = MemorySegment.ofArray(new byte[20 + i]);
                    writer.write(i % 2, 1_700_000_000L + i, frame, 0, 20 + i, "why");
                }
            }
            byte[] bytes = Files.readAllBytes(file);
            Files.delete(file);
            Files.delete(directory);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Timeout(60) // for one input
    @MethodSource("seeds")
    @FuzzTest
    void file(byte[] bytes) {
        MemorySegment file = MemorySegment.ofArray(bytes);
        try {
            CaptureReader reader =
                    PcapngReader.isOne(file) ? new PcapngReader(file) : new PcapReader(file);
            long end = 0;
            while (reader.next()) {
                assertThat(reader.at()).isGreaterThan(end); // each behind the one before
                end = reader.at() + reader.length();
                assertThat(end).isLessThanOrEqualTo(file.byteSize());
                String told = reader.nanos() + " " + reader.port();
                assertThat(told).isNotEmpty();
            }
        } catch (CaptureException e) {
            assertThat(e.getMessage()).startsWith("at byte ");
        }
    }
}
