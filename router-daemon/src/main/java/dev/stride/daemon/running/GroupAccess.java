package dev.stride.daemon.running;

import dev.stride.daemon.config.ControlConfig;
import dev.stride.daemon.control.Access;
import dev.stride.io.linux.Groups;
import dev.stride.io.linux.SyscallException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Who may do what with the control socket: root, the daemon's own user and the members of `group`
/// change things; members of the read-only group look, and where there is none, whoever can
/// connect. Groups are those that the client had when it connected.
///
/// @param group number of the group; -1 for none
/// @param readOnlyGroup the same; null: everybody
record GroupAccess(int ownUid, int group, @Nullable Integer readOnlyGroup) implements Access.Rule {
    private static final Path SELF = Path.of("/proc/self");

    /// @throws UncheckedIOException when a group is not there
    static GroupAccess of(ControlConfig config) {
        try {
            int own = (Integer) Files.getAttribute(SELF, "unix:uid");
            int ownGroup = (Integer) Files.getAttribute(SELF, "unix:gid");
            int group = config.group() == null ? ownGroup : number("group", config.group());
            Integer readers =
                    config.readOnlyGroup() == null
                            ? null
                            : (Integer) number("read-only-group", config.readOnlyGroup());
            return new GroupAccess(own, group, readers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int number(String key, String name) throws IOException {
        OptionalInt number = Groups.number(name);
        if (number.isEmpty()) {
            throw new IOException(
                    "control." + key + ": there is no group " + name + "; make it with groupadd");
        }
        return number.getAsInt();
    }

    @Override
    public Access of(int uid, int gid, int socket) {
        if (uid == 0 || uid == ownUid || gid == group) {
            return Access.WRITE;
        }
        int[] more;
        try {
            more = Groups.ofPeer(socket);
        } catch (SyscallException e) {
            return Access.NONE; // it has gone
        }
        if (IntStream.of(more).anyMatch(each -> each == group)) {
            return Access.WRITE;
        }
        boolean reads =
                readOnlyGroup == null
                        || gid == readOnlyGroup
                        || IntStream.of(more).anyMatch(each -> each == readOnlyGroup);
        return reads ? Access.READ : Access.NONE;
    }
}
