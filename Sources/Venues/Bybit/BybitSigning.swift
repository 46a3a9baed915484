public import Trading
public import Wire

/// An API key of Bybit and its secret.
public struct BybitCredentials: Sendable {
  /// The public half.
  public let apiKey: String
  /// The secret half.
  public let secret: Secret

  /// Puts both halves together.
  public init(apiKey: String, secret: Secret) {
    self.apiKey = apiKey
    self.secret = secret
  }
}

extension BybitDialect {
  /// Longest validity that is ever asked for; the venue measures lateness with it.
  static let longestWindow: Int64 = 60_000
  /// Validity of calls without a deadline: the venue's default.
  static let usualWindow: Int64 = 5000

  /// Adds key, timestamp and signature and writes the call out.
  ///
  /// What is signed is exactly what is sent: the query of a GET, the body of a POST.
  public func encode(_ call: Call<BybitPurpose>, at time: Timestamp) -> HTTPRequest {
    var request = HTTPRequest(call.method, call.path)
    let content: String
    if call.method == .get {
      content = FormText.join(call.parameters.map { ($0.name, $0.value) })
      request.query = content
    } else {
      content = Self.body(of: call.parameters).description
      request.body = Array(content.utf8)
      request.headers.append(HTTPHeader("Content-Type", "application/json"))
    }
    guard call.isSigned else { return request }
    let stamp = time.bybitMilliseconds
    let window = String(Self.window(until: call.deadline, at: time))
    let signature = Signature.hmacSHA256Hex(
      stamp + credentials.apiKey + window + content, key: credentials.secret)
    request.headers += [
      HTTPHeader("X-BAPI-API-KEY", credentials.apiKey), HTTPHeader("X-BAPI-TIMESTAMP", stamp),
      HTTPHeader("X-BAPI-RECV-WINDOW", window), HTTPHeader("X-BAPI-SIGN", signature),
    ]
    return request
  }

  /// Milliseconds after which the venue refuses a request as late.
  static func window(until deadline: Timestamp?, at time: Timestamp) -> Int64 {
    guard let deadline else { return usualWindow }
    return min(max((deadline - time).nanoseconds / 1_000_000, 1), longestWindow)
  }

  private static func body(of parameters: [Parameter]) -> JSON {
    .object(
      parameters.map { parameter in
        let value: JSON =
          switch (parameter.isBare, parameter.value) {
          case (true, "true"): .bool(true)
          case (true, "false"): .bool(false)
          case (true, let number): .number(number)
          case (false, let text): .string(text)
          }
        return JSONMember(name: parameter.name, value: value)
      })
  }

  /// The login of a private stream, valid for ten seconds.
  func login(at time: Timestamp) -> String {
    let expires = (time + .seconds(10)).bybitMilliseconds
    let signature = Signature.hmacSHA256Hex("GET/realtime" + expires, key: credentials.secret)
    let frame: JSON = .object([
      JSONMember(name: "req_id", value: "auth"), JSONMember(name: "op", value: "auth"),
      JSONMember(
        name: "args",
        value: .array([.string(credentials.apiKey), .number(expires), .string(signature)])),
    ])
    return frame.description
  }
}
