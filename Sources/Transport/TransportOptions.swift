internal import CCurl
public import Trading

/// Limits of connections.
public struct TransportOptions: Hashable, Sendable {
  /// File of certificates to trust instead of the system's; nil for the system's.
  public var certificates: String?
  /// Name, TCP and TLS together.
  public var connectTimeout = TimeSpan.seconds(5)
  /// Without a byte for this long, in whole seconds, a transfer is given up.
  public var stallTimeout = TimeSpan.seconds(10)
  /// A whole transfer.
  public var transferTimeout = TimeSpan.seconds(30)
  /// An idle connection older than this is not used again: below the keep-alive time of the venues,
  /// so that a request rarely meets a connection that is just being closed.
  public var idleLimit = TimeSpan.seconds(45)
  /// Largest body, bytes.
  public var maximumBody = 64 << 20
  /// Largest message of a stream, bytes.
  public var maximumMessage = 4 << 20

  /// The usual limits.
  public init(certificates: String? = nil) { self.certificates = certificates }

  /// What every connection has: verified TLS of at least 1.2, no proxy, no signals.
  func apply(to easy: CurlMulti.Easy) {
    _ = ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    _ = ccurl_set_text(easy, CURLOPT_PROXY, "")
    _ = ccurl_set_text(easy, CURLOPT_NOPROXY, "*")
    _ = ccurl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    _ = ccurl_set_long(easy, CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
    _ = ccurl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1)
    _ = ccurl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2)
    _ = ccurl_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    if let certificates {
      _ = ccurl_set_text(easy, CURLOPT_CAINFO, certificates)
      _ = ccurl_set_text(easy, CURLOPT_CAPATH, nil)
    }
    _ = ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, connectTimeout.milliseconds)
    _ = ccurl_set_long(easy, CURLOPT_TCP_NODELAY, 1)
    _ = ccurl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
  }
}

extension TimeSpan {
  var milliseconds: Int { Int(nanoseconds / 1_000_000) }
}
