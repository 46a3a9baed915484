import FixedPoint
import Trading
import Wire

/// What became of a call, in the terms that decide what is done next.
enum BybitAnswer {
  /// Done, or accepted by the gateway.
  case done(JSON)
  /// Surely not executed: code and text as sent.
  case refused(Int64, String)
  /// Never sent.
  case notSent(String)
  /// Nobody knows.
  case unknown(String)

  /// As the end of a task that needed the answer.
  var failure: VenueFailure {
    switch self {
    case .done: .unavailable("the answer is not understood")
    case .refused(let code, let text): .refused(code: String(code), text: text)
    case .notSent(let text), .unknown(let text): .unavailable(text)
    }
  }

  /// The result; the failure as an error when there is none.
  func result() throws(BybitFailure) -> JSON {
    if case .done(let result) = self { return result }
    throw BybitFailure(failure)
  }
}

/// A failure on its way to the end of a piece of work.
struct BybitFailure: Error {
  let failure: VenueFailure
  init(_ failure: VenueFailure) { self.failure = failure }
  init(_ error: DialectError) { failure = .unavailable(error.description) }
}

extension BybitDialect {
  /// Reads the envelope of an answer, with what it says about clock and budget.
  mutating func open(
    _ call: Call<BybitPurpose>, _ outcome: CallOutcome, at time: Timestamp,
    into messages: inout [VenueMessage]
  ) -> BybitAnswer {
    switch outcome {
    case .notSent(let text): return .notSent(masked(text))
    case .unknown(let text): return .unknown(masked(text))
    case .answered(let response):
      noteBudget(response, path: call.path, into: &messages)
      if response.status == 403 {
        // The documented pause after too many requests of one address.
        messages.append(.slowDown(until: time + .minutes(10), isBan: true))
        return .refused(403, "access too frequent or not allowed from here")
      }
      if response.status == 429 {
        messages.append(.slowDown(until: Self.reset(response) ?? time + .seconds(1), isBan: false))
        return .refused(429, "too many requests")
      }
      guard response.status < 500 else { return .unknown("HTTP \(response.status)") }
      return read(response, at: time, into: &messages)
    }
  }

  private mutating func read(
    _ response: HTTPResponse, at time: Timestamp, into messages: inout [VenueMessage]
  ) -> BybitAnswer {
    guard let answer = try? JSON(response.body), let code = answer["retCode"]?.integer else {
      return response.status < 400 || response.status == 408
        ? .unknown("an answer that cannot be read")
        : .refused(Int64(response.status), "HTTP \(response.status)")
    }
    let stamp = BybitField.timestamp(answer["time"]?.integer)
    if let stamp { hear(stamp) }
    let text = BybitCodes.words(code) ?? masked(BybitField.optionalText(answer, "retMsg"))
    if code == BybitCodes.late {
      if let stamp { messages.append(.clock(stamp)) }
      messages.append(.notice("bybit refuses a request as late: the clock is to be read again"))
    }
    if BybitCodes.limited.contains(code) {
      messages.append(.slowDown(until: Self.reset(response) ?? time + .seconds(1), isBan: false))
    }
    if code == 0 { return .done(answer["result"] ?? .null) }
    if BybitCodes.unknown.contains(code) { return .unknown("code \(code): \(text)") }
    return .refused(code, text)
  }

  private func noteBudget(
    _ response: HTTPResponse, path: String, into messages: inout [VenueMessage]
  ) {
    guard let limit = response.header("X-Bapi-Limit").flatMap({ Int($0) }),
      let left = response.header("X-Bapi-Limit-Status").flatMap({ Int($0) }), left <= limit
    else { return }
    messages.append(.budgetUsed(path, limit &- left))
  }

  private static func reset(_ response: HTTPResponse) -> Timestamp? {
    BybitField.timestamp(
      response.header("X-Bapi-Limit-Reset-Timestamp").flatMap { Int64($0) })
  }
}
