package dev.stride.io.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaptureReaderTest {
    private static final long TIME = 1_700_000_000_123_456_789L;

    private record Frame(long nanos, @Nullable String port, List<Byte> bytes) {}

    @TempDir private Path directory;

    private static List<Byte> bytes(byte[] array) {
        List<Byte> list = new ArrayList<>();
        for (byte each : array) {
            list.add(each);
        }
        return list;
    }

    private static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new SplittableRandom(length).nextBytes(noise);
        return noise;
    }

    private List<Frame> read(byte[] file) throws IOException {
        CaptureReader reader = CaptureReader.open(Files.write(directory.resolve("in"), file));
        List<Frame> frames = new ArrayList<>();
        while (reader.next()) {
            byte[] bytes =
                    reader.memory()
                            .asSlice(reader.at(), reader.length())
                            .toArray(ValueLayout.JAVA_BYTE);
            frames.add(new Frame(reader.nanos(), reader.port(), bytes(bytes)));
        }
        return frames;
    }

    /// What the writer wrote, to be read again or broken.
    private byte[] written(String name, int... lengths) throws IOException {
        Path path = directory.resolve(name);
        try (CaptureWriter writer = new CaptureWriter(path, List.of("lan", "wan"))) {
            for (int i = 0; i < lengths.length; i++) {
                MemorySegment frame = MemorySegment.ofArray(noise(lengths[i]));
                writer.write(i % 2, TIME + i, frame, 0, lengths[i]);
            }
        }
        return Files.readAllBytes(path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"out.pcap", "out.pcapng"})
    void whatWasWrittenIsRead(String name) throws IOException {
        int[] lengths = {60, 0, 61, 1514, 65_535};
        List<Frame> frames = read(written(name, lengths));
        assertThat(frames).hasSize(lengths.length);
        for (int i = 0; i < lengths.length; i++) {
            String port = name.endsWith("ng") ? i % 2 == 0 ? "lan" : "wan" : null;
            assertThat(frames.get(i))
                    .isEqualTo(new Frame(TIME + i, port, bytes(noise(lengths[i]))));
        }
    }

    private static byte[] pcap(ByteOrder order, int magic, int fraction, int linkType) {
        ByteBuffer file = ByteBuffer.allocate(24 + 16 + 4).order(order);
        file.putInt(magic).putShort((short) 2).putShort((short) 4).putLong(0);
        file.putInt(65_535).putInt(linkType);
        file.putInt(1_700_000_000).putInt(fraction).putInt(4).putInt(60).putInt(7);
        return file.array();
    }

    @Test
    void eitherByteOrderAndResolutionOfPcapIsRead() throws IOException {
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            List<Frame> micro = read(pcap(order, 0xa1b2c3d4, 123_456, 1));
            assertThat(micro.getFirst().nanos()).isEqualTo(1_700_000_000_123_456_000L);
            List<Frame> nano = read(pcap(order, 0xa1b23c4d, 123_456_789, 1));
            assertThat(nano.getFirst().nanos()).isEqualTo(TIME);
            assertThat(nano.getFirst().bytes()).hasSize(4);
        }
    }

    /// Big-endian, with an option for a clock in units of 2^-10 s, and a simple packet block.
    @Test
    void sectionsOfOtherMachinesAreRead() throws IOException {
        ByteBuffer file = ByteBuffer.allocate(200).order(ByteOrder.BIG_ENDIAN);
        file.putInt(0x0a0d0d0a)
                .putInt(28)
                .putInt(0x1a2b3c4d)
                .putInt(0x10000)
                .putLong(-1)
                .putInt(28);
        file.putInt(1).putInt(28).putShort((short) 1).putShort((short) 0).putInt(0);
        file.putShort((short) 9).putShort((short) 1).putInt(0x8a00_0000).putInt(28);
        file.putInt(6).putInt(36).putInt(0).putInt(0).putInt(1536).putInt(3).putInt(3);
        file.putInt(0x01020300).putInt(36);
        file.putInt(3).putInt(20).putInt(2).putInt(0x0a0b_0000).putInt(20);
        byte[] bytes = new byte[file.position()];
        file.rewind().get(bytes);
        assertThat(read(bytes))
                .containsExactly(
                        new Frame(1_500_000_000L, null, List.of((byte) 1, (byte) 2, (byte) 3)),
                        new Frame(1_500_000_000L, null, List.of((byte) 10, (byte) 11)));
    }

    @Test
    void whatIsNoCaptureOfEthernetIsRefused() {
        assertThatThrownBy(() -> read(new byte[100]))
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("neither pcap nor pcapng");
        assertThatThrownBy(() -> read(new byte[3])).isInstanceOf(CaptureException.class);
        assertThatThrownBy(() -> read(pcap(ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4, 0, 113)))
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("link type 113");
    }

    /// Cut anywhere, or with bytes changed: some frames, then the end or an exception that says
    /// where.
    @ParameterizedTest
    @ValueSource(strings = {"out.pcap", "out.pcapng"})
    void brokenFilesEndInAMessage(String name) throws IOException {
        byte[] whole = written(name, 60, 61, 62);
        SplittableRandom random = new SplittableRandom(8);
        for (int i = 0; i < 3_000; i++) {
            byte[] broken = java.util.Arrays.copyOf(whole, i < whole.length ? i : whole.length);
            for (int change = 0; i >= whole.length && change < 4; change++) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(read(broken).size()).isLessThan(10);
            } catch (CaptureException e) {
                assertThat(e).hasMessageMatching("(?s)at byte [0-9]+: .*");
            }
        }
    }
}
