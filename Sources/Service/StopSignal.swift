import Glibc
import Synchronization

/// SIGTERM and SIGINT as a wish to stop, SIGUSR1 as a wish to pause.
///
/// The first of the former drains, the second SIGINT ends at once, which is safe because every start
/// is a recovery.
public enum StopSignal {
  private static let count = Atomic<Int>(0)
  private static let pauses = Atomic<Bool>(false)

  /// Listens from now on.
  public static func listen() {
    // A parent may have started this process with the signals blocked.
    var heard = sigset_t()
    sigemptyset(&heard)
    for number in [SIGTERM, SIGINT, SIGUSR1] { sigaddset(&heard, number) }
    pthread_sigmask(SIG_UNBLOCK, &heard, nil)
    for number in [SIGTERM, SIGINT] {
      signal(number) { number in
        let before = StopSignal.count.add(1, ordering: .relaxed).oldValue
        if before > 0 && number == SIGINT { _exit(130) }
      }
    }
    signal(SIGUSR1) { _ in StopSignal.pauses.store(true, ordering: .relaxed) }
    signal(SIGPIPE, SIG_IGN)
  }

  /// Whether a pause was asked for since this was last read.
  static func takePause() -> Bool { pauses.exchange(false, ordering: .relaxed) }

  /// Whether a stop was asked for.
  public static var isRaised: Bool { count.load(ordering: .relaxed) > 0 }
}
