extension HTTPRequest {
  /// The bytes to send; Content-Length is added where there is a body or the method asks for one.
  public func serialized() -> [UInt8] {
    var head = "\(method.rawValue) \(HTTPText.line(target)) HTTP/1.1\r\n"
    let framed = headers.without("Content-Length")
    HTTPText.append(framed, to: &head)
    if !body.isEmpty || method == .post || method == .put {
      head += "Content-Length: \(body.count)\r\n"
    }
    return Array((head + "\r\n").utf8) + body
  }

  /// Whether the client wants the connection to stay open after the response.
  public var keepsAlive: Bool { !headers.hasToken("close", in: "Connection") }
}

extension HTTPResponse {
  /// The bytes to send, with Content-Length, and Connection unless the headers say so already.
  public func serialized(keepAlive: Bool) -> [UInt8] {
    var head = "HTTP/1.1 \(status) \(HTTPText.reason(status))\r\n"
    HTTPText.append(headers.without("Content-Length"), to: &head)
    if header("Connection") == nil {
      head += "Connection: \(keepAlive ? "keep-alive" : "close")\r\n"
    }
    guard Self.hasBody(status) else { return Array((head + "\r\n").utf8) }
    head += "Content-Length: \(body.count)\r\n"
    return Array((head + "\r\n").utf8) + body
  }

  /// Whether responses of a status carry a body.
  static func hasBody(_ status: Int) -> Bool { status >= 200 && status != 204 && status != 304 }
}

extension [HTTPHeader] {
  /// Whether a comma-separated header names a token, whatever the case.
  func hasToken(_ token: String, in name: String) -> Bool {
    let name = name.lowercased()
    return contains { header in
      header.name.lowercased() == name
        && header.value.lowercased().split(separator: ",").contains {
          $0.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" } == token
        }
    }
  }

  fileprivate func without(_ name: String) -> [HTTPHeader] {
    let name = name.lowercased()
    return filter { $0.name.lowercased() != name }
  }
}

private enum HTTPText {
  /// Text on one line: control characters, which could forge a header, become blanks.
  static func line(_ text: String) -> String {
    let bytes = text.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func append(_ headers: [HTTPHeader], to head: inout String) {
    for header in headers { head += "\(line(header.name)): \(line(header.value))\r\n" }
  }

  static func reason(_ status: Int) -> String {
    switch status {
    case 101: "Switching Protocols"
    case 200: "OK"
    case 204: "No Content"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 413: "Content Too Large"
    case 418: "I'm a Teapot"
    case 426: "Upgrade Required"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    default: "Status"
    }
  }
}
