import Glibc

/// Nanoseconds of a clock that never steps.
func steadyNow() -> Int64 { read(CLOCK_MONOTONIC) }

/// Nanoseconds that the calling thread has spent on a processor.
func threadTime() -> Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

/// Milliseconds since 1970.
func wallMilliseconds() -> Int64 { read(CLOCK_REALTIME) / 1_000_000 }

private func read(_ clock: clockid_t) -> Int64 {
  var time = timespec()
  clock_gettime(clock, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// A thread that runs a body once.
func startThread(_ body: @escaping @Sendable () -> Void) {
  final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  pthread_create(
    &thread, nil,
    { context in
      if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
      return nil
    }, Unmanaged.passRetained(Box(body)).toOpaque())
  pthread_detach(thread)
}

/// Durations of one kind, in order of length.
struct Distribution {
  private let sorted: [Int64]

  init(_ nanoseconds: [Int64]) { sorted = nanoseconds.sorted() }

  var count: Int { sorted.count }

  /// One after the other, a second.
  var rate: Double { Double(count) * 1e9 / Double(max(1, sorted.reduce(0, +))) }

  /// The duration that this fraction does not exceed, in microseconds to a tenth.
  func microseconds(_ fraction: Double) -> String {
    guard !sorted.isEmpty else { return "-" }
    let place = Int((fraction * Double(count)).rounded(.up)) - 1
    return (Double(sorted[min(max(place, 0), count - 1)]) / 1000).text(places: 1)
  }

  /// Median, 99 % and 99.9 %.
  var cells: [String] { [microseconds(0.5), microseconds(0.99), microseconds(0.999)] }
}
