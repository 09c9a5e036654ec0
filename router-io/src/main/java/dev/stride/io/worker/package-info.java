/// The threads that move packets. Start at [dev.stride.io.worker.Worker]; its loop fits one screen.
///
/// One plain thread each. Other threads only enqueue [dev.stride.io.worker.WorkerCommand]s and read
/// counters.
///
/// 1. Run to completion: receive a burst, forward it, send it, then pass a quiescent point. No
///    hand-over between threads, so no lock and no wake-up per packet; but fragments for the router
///    itself, which meet at one worker ([dev.stride.io.worker.Strays]).
/// 2. Idle: after the last work spin for a while, then wait in poll(2). Spinning costs CPU and
///    saves the wake-up, which is most of a packet's latency at low rates; the length is a setting.
/// 3. Bugs: every step that may meet one is guarded for the packet at hand, which ends as internal
///    and is reported ([dev.stride.io.worker.BugReport]), and the loop goes on. Reason: nobody may
///    stop a router with one packet. Cost: none while nothing is thrown; a burst in which something
///    is goes through once more, one by one.
@NullMarked
package dev.stride.io.worker;

import org.jspecify.annotations.NullMarked;
