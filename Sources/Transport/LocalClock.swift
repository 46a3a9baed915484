internal import Glibc
public import Trading

/// This machine's time as it was at the start of the process plus the time that has passed since.
///
/// It never steps, whatever becomes of the wall clock, so it measures time-outs and round trips; the
/// distance to a venue's clock is estimated against it. Time in which the machine was suspended has
/// passed too.
public enum LocalClock {
  private static let atStart: (wall: Int64, steady: Int64) = (
    read(CLOCK_REALTIME), read(CLOCK_BOOTTIME)
  )

  /// Now.
  public static var now: Timestamp {
    Timestamp(nanoseconds: atStart.wall + read(CLOCK_BOOTTIME) - atStart.steady)
  }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
