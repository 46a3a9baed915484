import FixedPoint
import Trading
import Wire

/// What every REST answer of the venue is wrapped in; the status is 200 for refusals too.
enum BybitEnvelope {
  static func success(
    _ result: JSON, text: String = "OK", extra: JSON = .object([]), at time: Timestamp
  ) -> JSON {
    [
      "retCode": 0, "retMsg": .string(text), "result": result, "retExtInfo": extra,
      "time": .milliseconds(time),
    ]
  }

  static func refusal(_ refusal: BybitRefusal, at time: Timestamp) -> JSON {
    [
      "retCode": .number(String(refusal.code)), "retMsg": .string(refusal.text),
      "result": .object([]), "retExtInfo": .object([]), "time": .milliseconds(time),
    ]
  }

  static func response(
    _ body: JSON, limits: BybitRateLimits.Standing?, at time: Timestamp
  ) -> HTTPResponse {
    var headers = [
      HTTPHeader("Content-Type", "application/json; charset=utf-8"),
      HTTPHeader("Timenow", String(time.milliseconds)),
    ]
    if let limits {
      headers += [
        HTTPHeader("X-Bapi-Limit", String(limits.limit)),
        HTTPHeader("X-Bapi-Limit-Status", String(limits.left)),
        HTTPHeader("X-Bapi-Limit-Reset-Timestamp", String(limits.resetsAt.milliseconds)),
      ]
    }
    return HTTPResponse(status: 200, headers: headers, body: body.bytes)
  }

  /// What an address hears that sent more than its share.
  static let banned = HTTPResponse(
    status: 403, headers: [HTTPHeader("Content-Type", "text/plain")],
    body: Array("403, access too frequent".utf8))
}

extension Timestamp {
  /// Milliseconds since 1970, as venues stamp.
  var milliseconds: Int64 { nanoseconds / 1_000_000 }
}

extension JSON {
  /// A value as a string of its canonical text.
  static func text(_ value: some CustomStringConvertible) -> JSON { .string(value.description) }
  /// A moment as a number.
  static func milliseconds(_ time: Timestamp) -> JSON { .number(String(time.milliseconds)) }
  /// A moment as a string.
  static func stamp(_ time: Timestamp) -> JSON { .string(String(time.milliseconds)) }
}
