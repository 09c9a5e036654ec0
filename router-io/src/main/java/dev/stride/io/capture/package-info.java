/// Capture files, pcap and pcapng, read and written without libpcap. Start at
/// [dev.stride.io.capture.CaptureReader].
///
/// Sources: draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng. Files are not trusted: whatever
/// contradicts itself ends in a [dev.stride.io.capture.CaptureException] that says where.
@NullMarked
package dev.stride.io.capture;

import org.jspecify.annotations.NullMarked;
