internal import CCurl
internal import Trading

/// A TCP or TLS connection for raw bytes, made by libcurl, never blocking.
///
/// Each has a multi handle of its own: libcurl looks after the idle connections of a multi handle and
/// would close one that it believes unused.
final class StreamSocket {
  enum Stage: Hashable {
    case connecting
    case connected
    case failed(String)
  }

  private let multi = CurlMulti()
  private let easy: CurlMulti.Easy
  private(set) var stage = Stage.connecting
  private var descriptor: Int32 = -1
  private var isReadable = false

  /// Bytes to be sent, and those of them that were handed to TLS, whose address may not change until
  /// they are gone.
  private var outgoing: [UInt8] = []
  private let staging = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 16)
  private var staged = 0..<0
  private let incoming = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

  /// - Parameter url: scheme http or https, host and port.
  init(url: String, options: TransportOptions) {
    guard let easy = curl_easy_init() else { preconditionFailure("libcurl has no memory left") }
    self.easy = easy
    options.apply(to: easy)
    _ = ccurl_set_text(easy, CURLOPT_URL, url)
    _ = ccurl_set_long(easy, CURLOPT_CONNECT_ONLY, 1)
    _ = ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    if multi.add(easy) { multi.step() } else { stage = .failed("libcurl refused the address") }
  }

  deinit {
    multi.remove(easy)
    curl_easy_cleanup(easy)
    staging.deallocate()
    incoming.deallocate()
  }

  var unsent: Int { outgoing.count + staged.count }

  /// Whether there is something to read, to send or to tell.
  var hasWork: Bool { isReadable || unsent > 0 || stage != .connected }

  func describe(into list: inout PollList) {
    switch stage {
    case .connecting: multi.describe(into: &list)
    case .connected: list.add(descriptor, reading: true, writing: unsent > 0)
    case .failed: break
    }
  }

  func hear(_ list: PollList) {
    switch stage {
    case .connecting: multi.hear(list)
    case .connected: if list.readiness(of: descriptor).reading { isReadable = true }
    case .failed: break
    }
  }

  var nextDeadline: Timestamp? {
    switch stage {
    case .connecting: multi.nextDeadline
    case .connected: isReadable ? .distantPast : nil
    case .failed: nil
    }
  }

  /// Goes on with connecting.
  func connect() {
    guard stage == .connecting else { return }
    multi.step()
    guard let (_, result) = multi.nextFinished() else { return }
    guard result == CURLE_OK, ccurl_get_socket(easy, &descriptor) == CURLE_OK, descriptor >= 0
    else {
      stage = .failed(CurlLibrary.text(result))
      return
    }
    stage = .connected
    isReadable = true
  }

  /// Hands over what has arrived, piece by piece, until nothing is left, the body wants no more or
  /// a mebibyte was read, so that one peer cannot hold the loop.
  func receive(_ body: (UnsafeRawBufferPointer) -> Bool) {
    guard stage == .connected, isReadable else { return }
    var total = 0
    while total < 1 << 20 {
      var count = 0
      let result = curl_easy_recv(easy, incoming.baseAddress, incoming.count, &count)
      if result == CURLE_AGAIN {
        isReadable = false
        return
      }
      guard result == CURLE_OK, count > 0 else {
        stage = .failed(result == CURLE_OK ? "closed by the peer" : CurlLibrary.text(result))
        return
      }
      total += count
      guard body(UnsafeRawBufferPointer(rebasing: incoming[..<count])) else { return }
    }
  }

  /// Queues bytes and sends what the connection takes.
  func send(_ bytes: [UInt8]) {
    outgoing += bytes
    flush()
  }

  /// Sends what the connection takes.
  func flush() {
    while stage == .connected {
      if staged.isEmpty {
        guard !outgoing.isEmpty else { return }
        let count = min(outgoing.count, staging.count)
        staging.copyBytes(from: outgoing[..<count])
        outgoing.removeFirst(count)
        staged = 0..<count
      }
      var count = 0
      let start = staging.baseAddress?.advanced(by: staged.lowerBound)
      let result = curl_easy_send(easy, start, staged.count, &count)
      if result == CURLE_AGAIN { return }
      guard result == CURLE_OK else {
        stage = .failed(CurlLibrary.text(result))
        return
      }
      staged = (staged.lowerBound + count)..<staged.upperBound
    }
  }
}
