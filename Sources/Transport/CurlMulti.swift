internal import CCurl
internal import Glibc
internal import Trading

/// A libcurl multi handle driven by somebody else's `poll`: it says which sockets to watch and when
/// it wants to be woken, and acts in `step` only.
final class CurlMulti {
  typealias Easy = UnsafeMutableRawPointer

  private let handle: UnsafeMutableRawPointer
  private var sockets: [Int32: Int32] = [:]
  private var ready: [Int32: Int32] = [:]
  private var timer: Timestamp?

  init() {
    CurlLibrary.start()
    guard let handle = curl_multi_init() else { preconditionFailure("libcurl has no memory left") }
    self.handle = handle
    let context = Unmanaged.passUnretained(self).toOpaque()
    _ = ccurl_multi_set_pointer(handle, CURLMOPT_SOCKETDATA, context)
    _ = ccurl_multi_set_pointer(handle, CURLMOPT_TIMERDATA, context)
    _ = ccurl_multi_set_socket_callback(handle) { _, socket, what, context, _ in
      guard let context else { return 0 }
      let multi = Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue()
      multi.sockets[socket] = what == CURL_POLL_REMOVE ? nil : what
      return 0
    }
    _ = ccurl_multi_set_timer_callback(handle) { _, milliseconds, context in
      guard let context else { return 0 }
      let multi = Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue()
      multi.timer = milliseconds < 0 ? nil : LocalClock.now + .milliseconds(Int64(milliseconds))
      return 0
    }
  }

  deinit { curl_multi_cleanup(handle) }

  func add(_ easy: Easy) -> Bool { curl_multi_add_handle(handle, easy) == CURLM_OK }

  func remove(_ easy: Easy) { curl_multi_remove_handle(handle, easy) }

  var nextDeadline: Timestamp? { timer }

  func describe(into list: inout PollList) {
    for (socket, what) in sockets {
      list.add(
        socket, reading: what == CURL_POLL_IN || what == CURL_POLL_INOUT,
        writing: what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
    }
  }

  func hear(_ list: PollList) {
    for socket in sockets.keys {
      let readiness = list.readiness(of: socket)
      var mask: Int32 = 0
      if readiness.reading { mask |= CURL_CSELECT_IN }
      if readiness.writing { mask |= CURL_CSELECT_OUT }
      if readiness.isBroken { mask |= CURL_CSELECT_ERR }
      if mask != 0 { ready[socket] = mask }
    }
  }

  /// Does what the ready sockets and the time allow.
  func step() {
    var running: Int32 = 0
    while let (socket, mask) = ready.popFirst() {
      guard sockets[socket] != nil else { continue }
      curl_multi_socket_action(handle, socket, mask, &running)
    }
    // A timer that sets itself again at once is bounded, so that a loop cannot be held here.
    for _ in 0..<32 {
      guard let due = timer, due <= LocalClock.now else { return }
      timer = nil
      curl_multi_socket_action(handle, CURL_SOCKET_TIMEOUT, 0, &running)
    }
  }

  /// The next transfer that is over, with its result.
  func nextFinished() -> (easy: Easy, result: CURLcode)? {
    var left: Int32 = 0
    while let message = curl_multi_info_read(handle, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else {
        continue
      }
      return (easy, message.pointee.data.result)
    }
    return nil
  }
}

/// The library as a whole.
enum CurlLibrary {
  private static let isStarted: Bool = {
    // A peer that closes while we write is an error of that connection, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    return curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
  }()

  static func start() { precondition(isStarted, "libcurl cannot be started") }

  static func text(_ code: CURLcode) -> String {
    guard let text = curl_easy_strerror(code) else { return "error \(code.rawValue)" }
    return String(cString: text)
  }
}
