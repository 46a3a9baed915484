import COpenSSL

/// The opening of a WebSocket over HTTP (RFC 6455, section 4).
public enum WebSocketHandshake {
  /// What a client asks.
  ///
  /// - Parameters:
  ///   - host: with its port unless that is the scheme's own.
  ///   - target: path and query.
  ///   - key: 16 unpredictable bytes as base64.
  public static func request(host: String, target: String, key: String) -> HTTPRequest {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    return HTTPRequest(
      .get, String(parts[0]), query: parts.count > 1 ? String(parts[1]) : "",
      headers: [
        HTTPHeader("Host", host),
        HTTPHeader("Upgrade", "websocket"),
        HTTPHeader("Connection", "Upgrade"),
        HTTPHeader("Sec-WebSocket-Key", key),
        HTTPHeader("Sec-WebSocket-Version", "13"),
      ])
  }

  /// What a server answers; nil when the request does not ask for a WebSocket.
  public static func response(to request: HTTPRequest) -> HTTPResponse? {
    guard request.method == .get, request.headers.hasToken("websocket", in: "Upgrade"),
      request.headers.hasToken("upgrade", in: "Connection"),
      request.header("Sec-WebSocket-Version") == "13",
      let key = request.header("Sec-WebSocket-Key"), Base64.decode(key)?.count == 16
    else { return nil }
    return HTTPResponse(
      status: 101,
      headers: [
        HTTPHeader("Upgrade", "websocket"),
        HTTPHeader("Connection", "Upgrade"),
        HTTPHeader("Sec-WebSocket-Accept", accept(key: key)),
      ])
  }

  /// What proves that the server read the key.
  public static func accept(key: String) -> String {
    Base64.encode(sha1(Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)))
  }

  /// Whether the server opened the WebSocket that was asked for, without extension and protocol.
  public static func isAccepted(_ response: HTTPResponse, key: String) -> Bool {
    response.status == 101 && response.headers.hasToken("websocket", in: "Upgrade")
      && response.headers.hasToken("upgrade", in: "Connection")
      && response.header("Sec-WebSocket-Accept") == accept(key: key)
      && response.header("Sec-WebSocket-Extensions") == nil
      && response.header("Sec-WebSocket-Protocol") == nil
  }

  private static func sha1(_ bytes: [UInt8]) -> [UInt8] {
    let digest = [UInt8](unsafeUninitializedCapacity: 20) { digest, length in
      let status = EVP_Digest(bytes, bytes.count, digest.baseAddress, nil, EVP_sha1(), nil)
      length = status == 1 ? 20 : 0
    }
    precondition(digest.count == 20, "Invariant: OpenSSL has SHA-1")
    return digest
  }
}
