import Glibc
import Synchronization

/// SIGTERM and SIGINT as a wish to stop; the loop ends after its current round.
enum StopWish {
  private static let count = Atomic<Int>(0)

  static func listen() {
    // A parent may have started this process with the signals blocked.
    var heard = sigset_t()
    sigemptyset(&heard)
    for number in [SIGTERM, SIGINT] { sigaddset(&heard, number) }
    pthread_sigmask(SIG_UNBLOCK, &heard, nil)
    for number in [SIGTERM, SIGINT] {
      signal(number) { number in
        let before = StopWish.count.add(1, ordering: .relaxed).oldValue
        if before > 0 { _exit(128 + number) }
      }
    }
    signal(SIGPIPE, SIG_IGN)
  }

  static var isRaised: Bool { count.load(ordering: .relaxed) > 0 }
}
