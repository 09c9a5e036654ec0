package dev.stride.core.wire;

import java.lang.foreign.MemorySegment;

/// The options of an IPv4 header (RFC 791 section 3.1). One for each thread, used again and again:
/// [#walk] finds the options that a router acts on, and the rest of the methods act on those of the
/// header that was walked last.
///
/// ```
/// record route, source route   |type|length|pointer| addresses, 4 bytes each
/// timestamp                    |type|length|pointer|overflow, flag| 4 bytes each, or 8 with addresses
/// ```
///
/// The pointer counts from 1 at the type: it is where the next entry goes, or beyond the length
/// when the option is full. Options of other types are passed on untouched, but for their length
/// nothing of them is looked at (RFC 1812 section 5.3.13.1).
public final class Ipv4Options {
    public static final int END = 0;
    public static final int NO_OPERATION = 1;
    public static final int RECORD_ROUTE = 7;
    private static final int ROUTER_ALERT = 148; // RFC 2113
    public static final int TIMESTAMP = 0x44;
    public static final int LOOSE_SOURCE_ROUTE = 0x83;
    public static final int STRICT_SOURCE_ROUTE = 0x89;

    /// What [#walk] returns of options that are as they should be.
    public static final int FINE = -1;

    private static final int ADDRESS = 4; // bytes of an entry
    private static final int FIRST_ADDRESS = 4; // smallest pointer
    private static final int FIRST_STAMP = 5;
    private static final int MAX_OVERFLOW = 15;

    // Flags of a timestamp option. With others it is passed on.
    private static final int ALONE = 0;
    private static final int WITH_ADDRESS = 1;
    private static final int ASKED = 3; // of the stations that it names

    private int recordRoute; // from the header's start; 0 when there is none
    private int timestamp;
    private int sourceRoute;
    private boolean routerAlert;

    /// Bytes of the option at `at`, or -1 when it is longer than the `left` bytes of the header or
    /// too short for its own length. The end of options takes all that follows.
    public static int length(MemorySegment m, int at, int left) {
        int type = Bytes.u8(m, at);
        if (type == END) {
            return left;
        }
        if (type == NO_OPERATION) {
            return 1;
        }
        int length = left > 1 ? Bytes.u8(m, at + 1) : 0;
        return length < 2 || length > left ? -1 : length;
    }

    /// Looks at all options of a valid header: each within the header, its pointer at an entry that
    /// fits or at the end, none of those that a router acts on twice.
    ///
    /// @return where the first thing is that is wrong, in bytes from `ip` as "parameter problem"
    ///   wants it, or [#FINE]
    public int walk(MemorySegment m, int ip) {
        recordRoute = 0;
        timestamp = 0;
        sourceRoute = 0;
        routerAlert = false;
        int end = Ipv4.headerLength(m, ip);
        for (int at = Ipv4.HEADER; at < end; ) {
            int length = length(m, ip + at, end - at);
            if (length < 0) {
                return end - at == 1 ? at : at + 1;
            }
            int wrong = look(m, ip, at, length);
            if (wrong != FINE) {
                return wrong;
            }
            at += length;
        }
        return FINE;
    }

    private int look(MemorySegment m, int ip, int at, int length) {
        int twice;
        switch (Bytes.u8(m, ip + at)) {
            case ROUTER_ALERT -> {
                routerAlert = true;
                return FINE;
            }
            case RECORD_ROUTE -> {
                twice = recordRoute;
                recordRoute = at;
            }
            case LOOSE_SOURCE_ROUTE, STRICT_SOURCE_ROUTE -> {
                twice = sourceRoute;
                sourceRoute = at;
            }
            case TIMESTAMP -> {
                twice = timestamp;
                timestamp = at;
                return twice == 0 ? lookAtStamps(m, ip, at, length) : at;
            }
            default -> {
                return FINE;
            }
        }
        return twice == 0 ? lookAtRoute(m, ip, at, length) : at;
    }

    private static int lookAtRoute(MemorySegment m, int ip, int at, int length) {
        if (length < 3) {
            return at + 1;
        }
        int pointer = Bytes.u8(m, ip + at + 2);
        boolean full = pointer > length;
        boolean room = pointer + ADDRESS - 1 <= length;
        return pointer >= FIRST_ADDRESS && pointer % ADDRESS == 0 && (full || room) ? FINE : at + 2;
    }

    private static int lookAtStamps(MemorySegment m, int ip, int at, int length) {
        if (length < 4) {
            return at + 1;
        }
        int pointer = Bytes.u8(m, ip + at + 2);
        if (pointer < FIRST_STAMP) {
            return at + 2;
        }
        int flag = Bytes.u8(m, ip + at + 3) & 0xf;
        if (flag != ALONE && flag != WITH_ADDRESS && flag != ASKED) {
            return FINE;
        }
        if (pointer > length) {
            int overflow = Bytes.u8(m, ip + at + 3) >>> 4;
            return flag != ASKED && overflow == MAX_OVERFLOW ? at + 3 : FINE;
        }
        return pointer - 1 + stamp(flag) <= length ? FINE : at + 2;
    }

    /// Bytes of an entry of a timestamp option.
    private static int stamp(int flag) {
        return flag == ALONE ? ADDRESS : 2 * ADDRESS;
    }

    /// Writes the address that the router is known by into a record route option that has room.
    public void record(MemorySegment m, int ip, int address) {
        int option = ip + recordRoute;
        if (recordRoute != 0 && hasMore(m, option)) {
            Bytes.put32(m, entry(m, option), address);
            advance(m, option, ADDRESS);
        }
    }

    /// Writes a time into a timestamp option, or counts that there is no room for it.
    ///
    /// @param address that the router is known by; ignored where the option names the stations that
    ///   it asks, of which this is to be one: see [#asked]
    /// @param millis since midnight UT (RFC 1122 section 3.2.2.8)
    public void stamp(MemorySegment m, int ip, int address, int millis) {
        int option = ip + timestamp;
        int flag = timestamp == 0 ? 0 : Bytes.u8(m, option + 3) & 0xf;
        if (timestamp == 0 || flag != ALONE && flag != WITH_ADDRESS && flag != ASKED) {
            return;
        }
        if (!hasMore(m, option)) {
            if (flag != ASKED) {
                Bytes.put8(m, option + 3, Bytes.u8(m, option + 3) + 0x10);
            }
            return;
        }
        int entry = entry(m, option);
        if (flag == WITH_ADDRESS) {
            Bytes.put32(m, entry, address);
        }
        Bytes.put32(m, entry + stamp(flag) - ADDRESS, millis);
        advance(m, option, stamp(flag));
    }

    /// The station that a timestamp option asks next, or 0 when whoever forwards the packet is
    /// meant.
    public int asked(MemorySegment m, int ip) {
        int option = ip + timestamp;
        boolean names = timestamp != 0 && (Bytes.u8(m, option + 3) & 0xf) == ASKED;
        return names && hasMore(m, option) ? Bytes.i32(m, entry(m, option)) : 0;
    }

    /// Whether there is a source route.
    public boolean hasRouterAlert() {
        return routerAlert;
    }

    public boolean hasSourceRoute() {
        return sourceRoute != 0;
    }

    /// Whether each station of the source route must be on a link of the one before.
    public boolean isStrict(MemorySegment m, int ip) {
        return Bytes.u8(m, ip + sourceRoute) == STRICT_SOURCE_ROUTE;
    }

    /// Whether the source route leads on from its header's destination.
    public boolean leadsOn(MemorySegment m, int ip) {
        return sourceRoute != 0 && hasMore(m, ip + sourceRoute);
    }

    /// Makes the next station of a source route that [#leadsOn] the destination; its place in the
    /// route takes what was the destination.
    public void goOn(MemorySegment m, int ip) {
        int option = ip + sourceRoute;
        int entry = entry(m, option);
        int next = Bytes.i32(m, entry);
        Bytes.put32(m, entry, Ipv4.destination(m, ip));
        Ipv4.writeDestination(m, ip, next);
        advance(m, option, ADDRESS);
    }

    /// Writes by which address the router sends the packet into the place that [#goOn] left.
    public void recordSourceRoute(MemorySegment m, int ip, int address) {
        Bytes.put32(m, entry(m, ip + sourceRoute) - ADDRESS, address);
    }

    /// Makes a source route that was gone to its end the way back to `source` (RFC 1122 section
    /// 3.2.2.6).
    ///
    /// @return the first station of the way back
    public int reverse(MemorySegment m, int ip, int source) {
        int option = ip + sourceRoute;
        int first = option + FIRST_ADDRESS - 1;
        int count = (Math.min(entry(m, option), option + length(m, option)) - first) / ADDRESS;
        Bytes.put8(m, option + 2, FIRST_ADDRESS);
        if (count == 0) {
            return source;
        }
        int last = first + (count - 1) * ADDRESS;
        int back = Bytes.i32(m, last);
        for (int low = first, high = last - ADDRESS; low < high; low += ADDRESS, high -= ADDRESS) {
            int swapped = Bytes.i32(m, low);
            Bytes.put32(m, low, Bytes.i32(m, high));
            Bytes.put32(m, high, swapped);
        }
        Bytes.put32(m, last, source);
        return back;
    }

    /// How many stations the packet has come by: those before the pointer of its source route.
    public int stations(MemorySegment m, int ip) {
        int option = ip + sourceRoute;
        return sourceRoute == 0 ? 0 : (Bytes.u8(m, option + 2) - FIRST_ADDRESS) / ADDRESS;
    }

    /// One of them; the first is 0.
    public int station(MemorySegment m, int ip, int number) {
        return Bytes.i32(m, ip + sourceRoute + FIRST_ADDRESS - 1 + number * ADDRESS);
    }

    /// Bytes that [#writeBack] needs behind a header.
    public static int lengthBack(int stations) {
        return stations == 0 ? 0 : ADDRESS + stations * ADDRESS;
    }

    /// Makes a message about the packet go back by the first stations of its source route, the last
    /// of them first: an option of the same type behind the message's header (RFC 1812 section
    /// 4.3.2.6).
    ///
    /// @param ip the message's header, finished but for options
    /// @param cause the header that was walked
    /// @param stations more than 0
    public void writeBack(MemorySegment m, int ip, MemorySegment from, int cause, int stations) {
        int option = ip + Ipv4.HEADER;
        int length = FIRST_ADDRESS - 1 + stations * ADDRESS;
        Bytes.put8(m, ip, 4 << 4 | (Ipv4.HEADER + lengthBack(stations)) / 4);
        Bytes.put8(m, option, Bytes.u8(from, cause + sourceRoute));
        Bytes.put8(m, option + 1, length);
        Bytes.put8(m, option + 2, FIRST_ADDRESS);
        int entry = option + FIRST_ADDRESS - 1;
        for (int number = stations - 2; number >= 0; number--) {
            Bytes.put32(m, entry, station(from, cause, number));
            entry += ADDRESS;
        }
        Bytes.put32(m, entry, Ipv4.source(from, cause));
        Bytes.put8(m, option + length, END);
        Ipv4.writeDestination(m, ip, station(from, cause, stations - 1));
        Ipv4.writeChecksum(m, ip);
    }

    private static int length(MemorySegment m, int option) {
        return Bytes.u8(m, option + 1);
    }

    private static boolean hasMore(MemorySegment m, int option) {
        return Bytes.u8(m, option + 2) <= length(m, option);
    }

    private static int entry(MemorySegment m, int option) {
        return option + Bytes.u8(m, option + 2) - 1;
    }

    private static void advance(MemorySegment m, int option, int by) {
        Bytes.put8(m, option + 2, Bytes.u8(m, option + 2) + by);
    }
}
