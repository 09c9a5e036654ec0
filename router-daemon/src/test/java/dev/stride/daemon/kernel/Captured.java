package dev.stride.daemon.kernel;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// A command and what Linux 6.18 said of it: what it notified of, and then what it answered to who
/// asked for next hops and the routes of table 100.
///
/// The file has, for each command: its length 16 and text; twice, for notifications and answers,
/// the number 16 of datagrams and each with its length 32; in network order.
record Captured(String command, List<ByteBuffer> notified, List<ByteBuffer> answered) {
    static List<Captured> all() {
        List<Captured> all = new ArrayList<>();
        try (InputStream raw = Captured.class.getResourceAsStream("notifications.raw");
                DataInputStream in = new DataInputStream(Objects.requireNonNull(raw))) {
            while (true) {
                String command = in.readUTF();
                all.add(new Captured(command, datagrams(in), datagrams(in)));
            }
        } catch (EOFException e) {
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<ByteBuffer> datagrams(DataInputStream in) throws IOException {
        List<ByteBuffer> datagrams = new ArrayList<>();
        for (int left = in.readUnsignedShort(); left > 0; left--) {
            datagrams.add(ByteBuffer.wrap(in.readNBytes(in.readInt())));
        }
        return datagrams;
    }
}
