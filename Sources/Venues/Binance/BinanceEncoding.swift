public import Trading
public import Wire

extension BinanceDialect {
  /// How long the venue may take to accept a request that has no deadline.
  static let usualWindow = TimeSpan.milliseconds(5000)
  private static let longestWindow: Int64 = 60_000

  /// Writes a call out as the venue wants it: a form body to change things, a query to read them.
  ///
  /// The deadline travels as `recvWindow`, so that a request that comes late does nothing.
  public func encode(_ call: Call<BinancePurpose>, at time: Timestamp) -> HTTPRequest {
    var text = FormText.join(call.parameters.map { ($0.name, $0.value) })
    if call.isSigned {
      let stamps = FormText.join([
        ("recvWindow", String(Self.window(of: call, at: time))),
        ("timestamp", String(time.milliseconds)),
      ])
      text = credentials.signed(text.isEmpty ? stamps : "\(text)&\(stamps)")
    }
    var request = HTTPRequest(call.method, call.path)
    if call.isSigned || call.purpose.step.needsKey {
      request.headers.append(HTTPHeader("X-MBX-APIKEY", credentials.apiKey))
    }
    switch call.method {
    case .get, .delete: request.query = text
    case .post, .put:
      if text.isEmpty { break }
      request.headers.append(HTTPHeader("Content-Type", "application/x-www-form-urlencoded"))
      request.body = Array(text.utf8)
    }
    return request
  }

  /// Milliseconds after its stamp in which the venue may still accept the call.
  static func window(of call: Call<BinancePurpose>, at time: Timestamp) -> Int64 {
    guard let deadline = call.deadline else { return usualWindow.nanoseconds / 1_000_000 }
    let left = (deadline - time).nanoseconds / 1_000_000
    return max(1, min(left, longestWindow))
  }

  /// The request that subscribes a socket to the events of the spot account.
  func userStreamSubscription(at time: Timestamp) -> String {
    let window = Self.usualWindow.nanoseconds / 1_000_000
    // Sorted by name and not percent-encoded: another recipe than that of a query.
    let text =
      "apiKey=\(credentials.apiKey)&recvWindow=\(window)&timestamp=\(time.milliseconds)"
    let request: JSON = [
      "id": .string(Self.subscriptionID), "method": "userDataStream.subscribe.signature",
      "params": [
        "apiKey": .string(credentials.apiKey), "recvWindow": .number(String(window)),
        "timestamp": .number(String(time.milliseconds)),
        "signature": .string(credentials.signature(of: text)),
      ],
    ]
    return request.description
  }

  static let subscriptionID = "1"
}

extension Timestamp {
  /// Milliseconds since 1970, as the venue stamps.
  var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
