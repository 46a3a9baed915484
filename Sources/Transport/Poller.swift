internal import Glibc
public import Trading

/// Descriptors to wait for, and after the wait which of them are ready.
public struct PollList {
  var entries: [pollfd] = []

  /// Asks to wait for a descriptor as well.
  mutating func add(_ descriptor: Int32, reading: Bool, writing: Bool) {
    let events = (reading ? POLLIN : 0) | (writing ? POLLOUT : 0)
    entries.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
  }

  /// What a descriptor is ready for.
  func readiness(of descriptor: Int32) -> Readiness {
    guard let entry = entries.first(where: { $0.fd == descriptor }) else { return Readiness() }
    let events = Int32(entry.revents)
    let isBroken = events & (POLLERR | POLLHUP | POLLNVAL) != 0
    return Readiness(
      reading: events & POLLIN != 0 || isBroken, writing: events & POLLOUT != 0 || isBroken,
      isBroken: isBroken)
  }
}

/// What can be done with a descriptor without waiting.
struct Readiness {
  var reading = false
  var writing = false
  var isBroken = false
}

/// Something that waits for descriptors and for moments.
public protocol PollSource: AnyObject {
  /// Adds what it waits for.
  func describe(into list: inout PollList)
  /// Hears what is ready; acts on it later, when it is asked to.
  func hear(_ list: PollList)
  /// When it has something to do though no descriptor is ready, by `LocalClock`; nil for never.
  var nextDeadline: Timestamp? { get }
}

/// The one wait of a loop: every socket and every deadline in one `poll`, no polling intervals.
public enum Poller {
  /// Waits until a descriptor is ready, a source's deadline has come, the time is over or a signal
  /// arrived.
  ///
  /// - Parameter descriptors: others to wait for until they can be read, such as a database's.
  /// - Returns: those of `descriptors` that can be read.
  @discardableResult
  public static func wait(
    for sources: [any PollSource], also descriptors: [Int32] = [], atMost timeout: TimeSpan
  ) -> [Int32] {
    var list = PollList()
    for source in sources { source.describe(into: &list) }
    for descriptor in descriptors { list.add(descriptor, reading: true, writing: false) }
    let now = LocalClock.now
    var end = now + max(timeout, TimeSpan(nanoseconds: 0))
    for source in sources {
      if let deadline = source.nextDeadline { end = min(end, deadline) }
    }
    // Rounded up, so that a deadline has come when the wait is over.
    let milliseconds = ((max(end, now) - now).nanoseconds + 999_999) / 1_000_000
    let count = poll(
      &list.entries, nfds_t(list.entries.count), Int32(clamping: milliseconds))
    guard count > 0 else { return [] }
    for source in sources { source.hear(list) }
    return descriptors.filter { list.readiness(of: $0).reading }
  }
}
