import Glibc
import Synchronization

/// The other end of every connection, on a thread of its own that never sleeps, so that what is
/// measured is the product and not the waking of its peer.
final class BenchmarkPeer: Sendable {
  /// Something to do besides answering.
  enum Job: Sendable {
    /// Tell all prices of all names once.
    case quoteAll
    /// Send tickers of all names in turn; so many nanoseconds apart, or as fast as they are taken.
    case blast(count: Int, interval: Int64?)
    /// Send a ticker of the first name and wait for the order that answers it, so many times, with
    /// a pause in nanoseconds after each.
    case orders(count: Int, pause: Int64)
    /// End the thread.
    case stop
  }

  /// What became of a job.
  struct Report: Sendable {
    var sent = 0
    var nanoseconds: Int64 = 0
    /// From a ticker's leaving to an order's first byte.
    var latencies: [Int64] = []
    var lost = 0
  }

  let port: Int
  private let job = Mutex<Job?>(nil)
  private let report = Mutex<Report?>(nil)

  /// Listens at a port that the system chooses.
  init(names: [String]) throws(WorkloadError) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 64) == 0
          && getsockname(listener, $0, &size) == 0
      }
    }
    guard isBound else { throw WorkloadError("no port on the loopback is free") }
    _ = fcntl(listener, F_SETFL, O_NONBLOCK)
    port = Int(UInt16(bigEndian: address.sin_port))
    startThread { [self] in
      PeerThread(listener, names).run(self)
    }
  }

  var http: String { "http://127.0.0.1:\(port)" }
  var ws: String { "ws://127.0.0.1:\(port)" }

  /// Gives the thread something to do.
  func begin(_ next: Job) {
    report.withLock { $0 = nil }
    job.withLock { $0 = next }
  }

  /// What became of the last job; nil while it is not done.
  var finished: Report? { report.withLock { $0 } }

  func takeJob() -> Job? {
    job.withLock { job in
      defer { job = nil }
      return job
    }
  }

  func finish(_ result: Report) { report.withLock { $0 = result } }
}
