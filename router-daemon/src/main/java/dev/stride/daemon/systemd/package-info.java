/// What systemd is told (sd_notify(3)).
@NullMarked
package dev.stride.daemon.systemd;

import org.jspecify.annotations.NullMarked;
