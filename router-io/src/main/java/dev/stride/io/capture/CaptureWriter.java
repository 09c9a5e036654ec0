package dev.stride.io.capture;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Writes frames to a pcap file in nanoseconds or, where the name ends in `.pcapng`, to a pcapng
/// file that says which port each left by. Little-endian on every machine, so that the same frames
/// make the same file. One thread.
public final class CaptureWriter implements AutoCloseable {
    private static final int SNAPLEN = CaptureReader.MAX_FRAME;
    private static final int NANOSECONDS = 9;
    private static final int OPTION_COMMENT = 1;
    private static final int MAX_COMMENT = 1 << 13; // bytes

    private final OutputStream out;
    private final boolean pcapng;
    private final ByteBuffer buffer =
            ByteBuffer.allocate(CaptureReader.MAX_FRAME + MAX_COMMENT + 64)
                    .order(ByteOrder.LITTLE_ENDIAN);

    /// Begins a file in the place of one that is there.
    ///
    /// @param ports their names, in the order of their numbers
    public CaptureWriter(Path path, List<String> ports) throws IOException {
        pcapng = path.toString().endsWith(".pcapng");
        out = new BufferedOutputStream(Files.newOutputStream(path), 1 << 16);
        if (pcapng) {
            begin(0x0a0d0d0a);
            buffer.putInt(0x1a2b3c4d).putShort((short) 1).putShort((short) 0).putLong(-1);
            end();
            for (String port : ports) {
                describe(port);
            }
        } else {
            buffer.putInt(0xa1b23c4d).putShort((short) 2).putShort((short) 4).putLong(0);
            buffer.putInt(SNAPLEN).putInt(CaptureReader.ETHERNET);
            flush();
        }
    }

    private void describe(String port) throws IOException {
        byte[] name = port.getBytes(StandardCharsets.UTF_8);
        begin(1);
        buffer.putShort((short) CaptureReader.ETHERNET).putShort((short) 0).putInt(SNAPLEN);
        buffer.putShort((short) 2).putShort((short) name.length).put(name);
        pad();
        buffer.putShort((short) 9).putShort((short) 1).put((byte) NANOSECONDS);
        pad();
        buffer.putInt(0); // end of options
        end();
    }

    /// Writes a frame.
    ///
    /// @param port the number of the port that it leaves by
    /// @param nanos since 1970
    public void write(int port, long nanos, MemorySegment memory, long at, int length)
            throws IOException {
        write(port, nanos, memory, at, length, "");
    }

    /// Writes a frame with a comment, which pcap leaves out and pcapng cuts where it is very long.
    public void write(
            int port, long nanos, MemorySegment memory, long at, int length, String comment)
            throws IOException {
        if (pcapng) {
            begin(6);
            buffer.putInt(port).putInt((int) (nanos >>> 32)).putInt((int) nanos);
        } else {
            buffer.putInt((int) (nanos / 1_000_000_000)).putInt((int) (nanos % 1_000_000_000));
        }
        buffer.putInt(length).putInt(length);
        MemorySegment.copy(
                memory, ValueLayout.JAVA_BYTE, at, buffer.array(), buffer.position(), length);
        buffer.position(buffer.position() + length);
        if (pcapng) {
            pad();
            comment(comment);
            end();
        } else {
            flush();
        }
    }

    private void comment(String text) {
        if (!text.isEmpty()) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            int length = Math.min(bytes.length, MAX_COMMENT);
            buffer.putShort((short) OPTION_COMMENT).putShort((short) length).put(bytes, 0, length);
            pad();
            buffer.putInt(0); // end of options
        }
    }

    private void begin(int type) {
        buffer.putInt(type).putInt(0); // the length follows
    }

    private void pad() {
        while (buffer.position() % 4 != 0) {
            buffer.put((byte) 0);
        }
    }

    private void end() throws IOException {
        int total = buffer.position() + 4;
        buffer.putInt(total).putInt(4, total);
        flush();
    }

    private void flush() throws IOException {
        out.write(buffer.array(), 0, buffer.position());
        buffer.clear();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
