package dev.stride.io.capture;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// Reads the frames of a capture file in their order. One thread.
///
/// After [#next] has returned true, the other methods are about the frame that it found.
public abstract sealed class CaptureReader permits PcapReader, PcapngReader {
    static final int ETHERNET = 1; // LINKTYPE_ETHERNET

    /// Longest frame that is taken: a super-frame with room to spare. More is a broken file.
    static final int MAX_FRAME = 1 << 18;

    final MemorySegment file;
    ByteOrder order = ByteOrder.nativeOrder();

    CaptureReader(MemorySegment file) {
        this.file = file;
    }

    /// Opens a file of either format.
    ///
    /// @throws IOException when there is no such file, or it cannot be read
    /// @throws CaptureException when it is no capture
    public static CaptureReader open(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment file =
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
            return PcapngReader.isOne(file) ? new PcapngReader(file) : new PcapReader(file);
        }
    }

    /// Goes to the next frame; false at the end of the file.
    ///
    /// @throws CaptureException when the file is broken here
    public abstract boolean next();

    /// When the frame was captured, in nanoseconds since 1970.
    public abstract long nanos();

    /// The name of the interface that it was captured at; null where the file does not say.
    public abstract @Nullable String port();

    /// Where its bytes begin in [#memory].
    public abstract long at();

    /// How many of its bytes are in the file.
    public abstract int length();

    /// The memory that frames are in.
    public MemorySegment memory() {
        return file;
    }

    int u16(long at) {
        check(at, 2);
        return file.get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order), at) & 0xffff;
    }

    long u32(long at) {
        check(at, 4);
        return file.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(order), at) & 0xffff_ffffL;
    }

    /// Makes sure that the file goes on for so many bytes.
    void check(long at, long length) {
        if (length > file.byteSize() - at) {
            throw new CaptureException(
                    at, "the file ends before the " + length + " bytes that should be here");
        }
    }

    /// Makes sure that a frame of this length is in the file.
    void checkFrame(long at, long length) {
        if (length > MAX_FRAME) {
            throw new CaptureException(at, "a frame of " + length + " bytes is none");
        }
        check(at, length);
    }

    void checkLinkType(long at, long type) {
        if (type != ETHERNET) {
            throw new CaptureException(
                    at, "link type " + type + "; only captures of Ethernet (1) can be read");
        }
    }
}
