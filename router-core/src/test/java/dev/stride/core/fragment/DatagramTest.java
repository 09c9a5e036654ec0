package dev.stride.core.fragment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.stride.core.packet.Packet;
import dev.stride.core.stats.Reason;
import dev.stride.core.wire.Bytes;
import dev.stride.core.wire.Ethernet;
import dev.stride.core.wire.Ipv4;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatagramTest {
    private final Datagram datagram = new Datagram(4);
    private final Fragment fragment = new Fragment();
    private final Packet buffer = Datagrams.packet();

    private void open(Packet any) {
        assertNull(fragment.read4(any, 0));
        datagram.close();
        buffer.memory.fill((byte) 0x5a);
        buffer.reset();
        datagram.open(fragment, buffer, 0, 0);
    }

    private @Nullable Reason add(Packet packet) {
        Reason wrong = fragment.read4(packet, 0);
        return wrong == null ? datagram.place(packet, fragment) : wrong;
    }

    private Packet join() {
        assertThat(datagram.isComplete()).isTrue();
        Packet joined = Datagrams.packet();
        datagram.moveTo(joined);
        Fragment.join4(joined);
        return joined;
    }

    /// Cuts datagrams of all sizes and header lengths for one MTU, some of the parts for a second
    /// one, and puts them together in any order.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatWasCutIsPutTogetherAgain(long seed) {
        Random random = new Random(seed);
        Packet whole = Datagrams.packet();
        for (int payload = 9; payload <= Ipv4.MAX_LENGTH - 60; payload += step(random, payload)) {
            int optionWords = random.nextInt(11);
            Datagrams.write(whole, options(random, optionWords), 0, payload);
            int header = Ipv4.HEADER + 4 * optionWords;
            int mtu = mtu(random, header, header + payload);
            List<Packet> parts = new ArrayList<>();
            for (Packet part : Datagrams.cut(whole, mtu)) {
                int length = part.length - Ethernet.HEADER;
                int smaller = length <= 68 ? length : mtu(random, 60, length);
                boolean again = random.nextBoolean() && Fragmentation.mayCut(part, smaller);
                parts.addAll(
                        again && smaller < length
                                ? Datagrams.cut(part, smaller)
                                : Collections.singletonList(part));
            }
            Collections.shuffle(parts, random);
            open(parts.getFirst());
            for (int i = 0; i < parts.size(); i++) {
                assertThat(datagram.isComplete()).isFalse();
                assertNull(add(parts.get(i)));
            }
            assertThat(Datagrams.bytes(join())).isEqualTo(Datagrams.bytes(whole));
        }
    }

    private static int step(Random random, int payload) {
        return payload < 400 ? 1 : 1 + random.nextInt(payload / 50);
    }

    /// From the smallest that has room for eight bytes to one below `length`; a datagram is cut
    /// into 200 parts at most.
    private static int mtu(Random random, int header, int length) {
        int least = Math.max(header + 8, Math.min(length - 1, header + length / 200));
        return least + random.nextInt(Math.max(1, length - least));
    }

    /// So many words of options: copied ones, others, and padding.
    private static String options(Random random, int words) {
        StringBuilder hex = new StringBuilder();
        int left = 4 * words;
        while (left > 0) {
            int length = Math.min(left, 2 + random.nextInt(9));
            if (length == 1 || random.nextInt(4) == 0) {
                hex.append("01");
                left--;
            } else {
                hex.append(random.nextBoolean() ? "83" : "07");
                hex.append("%02x".formatted(length)).append("ab".repeat(length - 2));
                left -= length;
            }
        }
        return hex.toString();
    }

    /// Fragments that may overlap, repeat and disagree, against a map of single bytes.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void hostileFragmentsAreJudgedLikeByteByByte(long seed) {
        Random random = new Random(seed);
        Packet packet = Datagrams.packet();
        int[] seen = new int[4];
        for (int round = 0; round < 20_000; round++) {
            SlowDatagram oracle = new SlowDatagram();
            for (int i = 0; i < 12; i++) {
                int units = random.nextInt(24);
                int length = 8 * (1 + random.nextInt(8));
                boolean more = random.nextInt(5) != 0;
                length -= more ? 0 : random.nextInt(8);
                Datagrams.write(packet, "", (more ? Ipv4.MF : 0) | units, length);
                if (random.nextInt(4) == 0) {
                    Bytes.put8(packet.memory, packet.start + 34, 0x77);
                }
                if (i == 0) {
                    open(packet);
                }
                Reason expected = oracle.place(Datagrams.bytes(packet), 8 * units, more);
                assertEquals(expected, add(packet), "round " + round);
                assertEquals(oracle.isComplete(), datagram.isComplete(), "round " + round);
                seen[expected == null ? 0 : expected == Reason.FRAGMENT_DUPLICATE ? 1 : 2]++;
                if (datagram.isComplete()) {
                    seen[3]++;
                    assertThat(Arrays.copyOfRange(Datagrams.bytes(join()), 34, 34 + oracle.end))
                            .isEqualTo(Arrays.copyOf(oracle.data, oracle.end));
                }
                if (expected == Reason.FRAGMENT_OVERLAP || datagram.isComplete()) {
                    break;
                }
            }
        }
        assertThat(seen).as("each happened").doesNotContain(0);
    }

    /// The same judgement in the slowest way.
    private static final class SlowDatagram {
        private final byte[] data = new byte[1000];
        private final boolean[] there = new boolean[1000];
        private final boolean[] unit = new boolean[125];
        private int end = -1;

        @Nullable Reason place(byte[] frame, int offset, boolean more) {
            int length = frame.length - 34;
            int to = offset + length;
            int highest = 0;
            boolean any = false;
            boolean same = true;
            for (int i = 0; i < there.length; i++) {
                highest = there[i] ? i + 1 : highest;
            }
            for (int i = offset; i < to; i++) {
                any |= unit[i / 8];
                same &= there[i] && data[i] == frame[34 + i - offset];
            }
            boolean disagrees = more ? end >= 0 && to >= end : end >= 0 ? to != end : to <= highest;
            if (disagrees || any && !same) {
                return Reason.FRAGMENT_OVERLAP;
            }
            if (any) {
                return Reason.FRAGMENT_DUPLICATE;
            }
            for (int i = offset; i < to; i++) {
                there[i] = true;
                unit[i / 8] = true;
                data[i] = frame[34 + i - offset];
            }
            end = more ? end : to;
            return null;
        }

        boolean isComplete() {
            boolean all = end >= 0;
            for (int i = 0; i < end; i++) {
                all &= there[i];
            }
            return all;
        }
    }

    @Test
    void largestDatagramFits() {
        Packet whole = Datagrams.datagram("", 0, Ipv4.MAX_LENGTH - 20);
        List<Packet> parts = Datagrams.cut(whole, 1500);
        open(parts.getFirst());
        parts.forEach(part -> assertNull(add(part)));

        assertThat(Datagrams.bytes(join())).isEqualTo(Datagrams.bytes(whole));
    }

    /// Later headers are shorter than the first: only together they are too long.
    @Test
    void headerOfTheFirstFragmentCounts() {
        Packet last = Datagrams.datagram("", 8188, 11); // ends at 65,515
        Packet first = Datagrams.datagram("07070400000000" + "00", Ipv4.MF, 8);
        open(last);

        assertNull(add(last));
        assertEquals(Reason.FRAGMENT_TOO_LONG, add(first));
    }

    @Test
    void oneByteBeyondTheLargestIsTooLong() {
        assertNull(fragment.read4(Datagrams.datagram("", 8188, 11), 0));
        assertEquals(Reason.FRAGMENT_TOO_LONG, fragment.read4(Datagrams.datagram("", 8188, 12), 0));
        assertEquals(
                Reason.FRAGMENT_TOO_LONG,
                fragment.read4(Datagrams.datagram("", Ipv4.MF | 8191, 1480), 0));
    }

    @Test
    void fragmentsWithoutDataOrWithHalfAUnitAreMalformed() {
        assertEquals(
                Reason.FRAGMENT_MALFORMED, fragment.read4(Datagrams.datagram("", Ipv4.MF, 0), 0));
        assertEquals(Reason.FRAGMENT_MALFORMED, fragment.read4(Datagrams.datagram("", 5, 0), 0));
        assertEquals(
                Reason.FRAGMENT_MALFORMED, fragment.read4(Datagrams.datagram("", Ipv4.MF, 9), 0));
        assertNull(fragment.read4(Datagrams.datagram("", 5, 9), 0));
    }

    /// RFC 791 section 3.2: source, destination, protocol and identification.
    @ParameterizedTest
    @ValueSource(ints = {5, 9, 15, 19})
    void anotherByteOfTheKeyIsAnotherDatagram(int at) {
        Packet packet = Datagrams.datagram("", Ipv4.MF, 8);
        open(packet);
        assertThat(datagram.isOf(fragment)).isTrue();

        Bytes.put8(packet.memory, packet.start + 14 + at, 0x99);
        fragment.read4(packet, 0);
        assertThat(datagram.isOf(fragment)).isFalse();
    }

    @Test
    void refusedDatagramTakesNothingMore() {
        Packet packet = Datagrams.datagram("", Ipv4.MF, 8);
        open(packet);
        assertThat(datagram.refuse(Reason.FRAGMENT_OVERLAP)).isSameAs(buffer);

        assertEquals(Reason.FRAGMENT_OVERLAP, add(packet));
        assertNull(datagram.refuse(Reason.FRAGMENT_TOO_LONG));
        assertEquals(Reason.FRAGMENT_OVERLAP, add(packet));
        assertNull(datagram.close());
    }
}
