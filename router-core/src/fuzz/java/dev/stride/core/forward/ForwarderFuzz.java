package dev.stride.core.forward;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Any frames, on any port: each ends for one reason that is no bug, all memory comes back, little
/// is allocated. Two routers whose unused memory differs do the same: neither reads, nor sends,
/// what did not arrive.
class ForwarderFuzz {
    private static final FuzzRouter ONE = new FuzzRouter((byte) 0xa5);
    private static final FuzzRouter OTHER = new FuzzRouter((byte) 0x5a);
    private static final int MAX_SEED = 8000; // what is mutated should be short
    private static final long BYTES_A_FRAME = 1 << 16; // with the notes of the test itself

    /// Each frame that has a rule in the tests beside the code, on every port, and fragments.
    static Stream<byte[]> seeds() {
        Stream<Arguments> rows = Stream.concat(ForwarderTest.endings(), Forwarder6Test.endings());
        Stream<byte[]> single =
                rows.flatMap(row -> Arrays.stream(row.get()))
                        .filter(byte[].class::isInstance)
                        .map(frame -> Arrivals.input(0, 0, (byte[]) frame));
        Stream<byte[]> fragments =
                FragmentTest.hostile()
                        .map(row -> Objects.requireNonNull((List<?>) row.get()[1]).toArray(byte[][]::new))
                        .map(frames -> Arrivals.input(0, Arrivals.MENDED, frames));
        return Stream.of(single, fragments, waiting())
                .flatMap(each -> each)
                .filter(input -> input.length <= MAX_SEED);
    }

    /// Packets to who must be asked for first, and to several at once.
    private static Stream<byte[]> waiting() {
        byte[] four = Frame.udp("10.1.0.2", "10.2.0.9", 64, 9);
        byte[] six = Frame6.udp("2001:db8:1::2", "2001:db8:2::9", 64, 9);
        byte[] path = Frame.udp("10.1.0.2", "10.9.0.1", 64, 9);
        byte[] cut = Frame.ipv4("10.1.0.2", "10.9.0.1", 64, 17, 0, 3000);
        return Stream.of(
                Arrivals.input(0, Arrivals.ANSWERED, four, four, six, six),
                Arrivals.input(0, Arrivals.TOGETHER, four, four, four, four, six, six, path),
                Arrivals.input(0, Arrivals.MENDED, path, path, cut));
    }

    @Timeout(60) // for one input
    @MethodSource("seeds")
    @FuzzTest
    void anyFrames(byte[] input) {
        List<Arrivals.Arrival> arrivals = Arrivals.read(input, FuzzRouter.PORTS);
        List<String> did = ONE.run(arrivals); // and loads classes
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        List<String> again = OTHER.run(arrivals);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(again).isEqualTo(did);
        assertThat(allocated).isLessThan((arrivals.size() + 8L) * BYTES_A_FRAME);
    }
}
