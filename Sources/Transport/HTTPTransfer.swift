internal import CCurl
internal import Trading
internal import Wire

/// One request under way: libcurl's handle and what arrived so far.
final class HTTPTransfer {
  let easy: CurlMulti.Easy
  var token = 0
  /// When the request began to leave; nil while not a byte of it has.
  private(set) var sentAt: Timestamp?
  private var headerLines: UnsafeMutablePointer<curl_slist>?
  private var headers: [HTTPHeader] = []
  private var headerBytes = 0
  private var body: [UInt8] = []
  private let maximumBody: Int
  private var complaint: String?
  private let errorText: UnsafeMutablePointer<CChar>

  /// Makes a handle with what is the same for every request.
  init(_ options: TransportOptions) {
    guard let easy = curl_easy_init() else { preconditionFailure("libcurl has no memory left") }
    self.easy = easy
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    maximumBody = options.maximumBody
    options.apply(to: easy)
    _ = ccurl_set_long(easy, CURLOPT_PATH_AS_IS, 1)
    _ = ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    _ = ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, options.transferTimeout.milliseconds)
    _ = ccurl_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1)
    _ = ccurl_set_long(easy, CURLOPT_LOW_SPEED_TIME, options.stallTimeout.milliseconds / 1000)
    _ = ccurl_set_long(easy, CURLOPT_MAXAGE_CONN, options.idleLimit.milliseconds / 1000)
    setCallbacks()
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(headerLines)
    errorText.deallocate()
  }

  /// Makes the handle ready for a request.
  ///
  /// - Returns: why the request cannot be sent; nil when it can.
  func prepare(_ request: HTTPRequest, base: String) -> String? {
    reset()
    _ = ccurl_set_text(easy, CURLOPT_URL, base + request.target)
    setMethod(of: request)
    return setHeaders(of: request)
  }

  /// What the transfer came to.
  func outcome(_ result: CURLcode) -> HTTPOutcome {
    guard result != CURLE_OK else {
      var status = 0
      _ = ccurl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
      return .answered(HTTPResponse(status: status, headers: headers, body: body))
    }
    let detail = errorText.pointee == 0 ? CurlLibrary.text(result) : String(cString: errorText)
    let reason = complaint ?? detail
    return sentAt == nil ? .notSent(reason) : .unknown(reason)
  }

  /// Forgets the request before.
  private func reset() {
    _ = ccurl_set_list(easy, CURLOPT_HTTPHEADER, nil)
    curl_slist_free_all(headerLines)
    headerLines = nil
    headers = []
    headerBytes = 0
    body = []
    complaint = nil
    sentAt = nil
    errorText.pointee = 0
  }

  private func setMethod(of request: HTTPRequest) {
    // What may carry a body states its length, also when there is none: gateways ask for it.
    if request.method == .post || request.method == .put || !request.body.isEmpty {
      _ = ccurl_set_long(easy, CURLOPT_POST, 1)
      _ = ccurl_set_long(easy, CURLOPT_POSTFIELDSIZE, request.body.count)
      // The bytes are copied, so they need not live longer than this call.
      var bytes = request.body + [0]
      _ = ccurl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, &bytes)
    } else {
      _ = ccurl_set_long(easy, CURLOPT_HTTPGET, 1)
    }
    let isUsual = request.method == .get || request.method == .post
    _ = ccurl_set_text(easy, CURLOPT_CUSTOMREQUEST, isUsual ? nil : request.method.rawValue)
  }

  /// The request's headers and no other: those that libcurl adds by itself are taken out.
  private func setHeaders(of request: HTTPRequest) -> String? {
    for header in request.headers {
      let line = header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
      guard line.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else {
        return "a header has a control character"
      }
      headerLines = curl_slist_append(headerLines, line)
    }
    for (name, line) in Self.unwanted where request.header(name) == nil {
      headerLines = curl_slist_append(headerLines, line)
    }
    _ = ccurl_set_list(easy, CURLOPT_HTTPHEADER, headerLines)
    return nil
  }

  private static let unwanted = [
    ("Accept", "Accept:"), ("Content-Type", "Content-Type:"), ("Expect", "Expect:"),
    ("User-Agent", "User-Agent:"),
  ]

  private func setCallbacks() {
    let context = Unmanaged.passUnretained(self).toOpaque()
    _ = ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
    _ = ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context)
    _ = ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context)
    _ = ccurl_set_pointer(easy, CURLOPT_PREREQDATA, context)
    _ = ccurl_set_data_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      let transfer = Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
      let data = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return transfer.takeBody(data) ? data.count : 0
    }
    _ = ccurl_set_data_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      let transfer = Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
      let data = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return transfer.takeHeader(data) ? data.count : 0
    }
    _ = ccurl_set_prerequest_callback(easy) { context, _, _, _, _ in
      guard let context else { return CURL_PREREQFUNC_ABORT }
      let transfer = Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
      return transfer.mayBeSent() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }
  }

  /// Called when a connection stands and the request is about to be written to it.
  ///
  /// A request that was sent over a connection used before, and got no byte of an answer, is sent
  /// again by libcurl over another one, whatever its method (`Curl_retry_request`; no option forbids
  /// it): if the venue closed *after* reading an order, it would arrive twice. libcurl asks here
  /// before every sending, the repeated one too, so the second is refused. That keeps connections
  /// reusable for orders, and tells exactly whether a byte may have left.
  private func mayBeSent() -> Bool {
    guard sentAt == nil else {
      complaint = "the connection was closed before an answer came"
      return false
    }
    sentAt = LocalClock.now
    return true
  }

  private func takeBody(_ data: UnsafeRawBufferPointer) -> Bool {
    guard body.count + data.count <= maximumBody else {
      complaint = "the answer is longer than \(maximumBody) bytes"
      return false
    }
    body.append(contentsOf: data)
    return true
  }

  private func takeHeader(_ data: UnsafeRawBufferPointer) -> Bool {
    headerBytes += data.count
    guard headerBytes <= 65_536 else {
      complaint = "the answer's head is longer than 65536 bytes"
      return false
    }
    if data.starts(with: "HTTP/".utf8) {
      // An interim answer came before; only the last head counts.
      headers = []
    } else if let colon = data.firstIndex(of: UInt8(ascii: ":")) {
      headers.append(HTTPHeader(data[..<colon].trimmed, data[(colon + 1)...].trimmed))
    }
    return true
  }
}

extension Slice<UnsafeRawBufferPointer> {
  /// As text, without blanks and line ends around it.
  fileprivate var trimmed: String {
    var bytes = self
    while let first = bytes.first, first <= UInt8(ascii: " ") { bytes.removeFirst() }
    while let last = bytes.last, last <= UInt8(ascii: " ") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
