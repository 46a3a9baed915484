import Trading
import Wire

/// What an outcome says about the call: done, certainly not done, or nobody knows.
enum BinanceAnswer {
  case success(JSON)
  case refused(BinanceRefusal)
  case unknown(String)

  /// Tells the three apart as section "Errors" of the venue's documentation does.
  ///
  /// - Parameter masked: takes out of a text what identifies the account.
  init(_ outcome: CallOutcome, masked: (String) -> String) {
    let answer: Self =
      switch outcome {
      case .notSent(let why): .refused(BinanceRefusal(code: nil, text: why))
      case .unknown(let why): .unknown(why)
      case .answered(let response): Self.reading(response)
      }
    switch answer {
    case .success: self = answer
    case .unknown(let why): self = .unknown(masked(why))
    case .refused(var refusal):
      refusal.text = BinanceWords.fixed(refusal.code) ?? masked(refusal.text)
      self = .refused(refusal)
    }
  }

  private static func reading(_ response: HTTPResponse) -> Self {
    let body = try? JSON(response.body)
    let code = body?["code"]?.integer
    let text = body?["msg"]?.text ?? ""
    switch response.status {
    case 429, 418:
      return .refused(.limit(response, code: code ?? Int64(-1003), text: text))
    case 200..<300:
      guard let body else { return .unknown("an answer that is not JSON") }
      if let code, code < 0 { return failure(code, text, status: response.status, response) }
      return .success(body)
    case 403:
      return .refused(BinanceRefusal(code: code ?? -403, text: text.isEmpty ? "forbidden" : text))
    default:
      if let code, code < 0 { return failure(code, text, status: response.status, response) }
      if response.status == 503, said(response, "Service Unavailable.") {
        return .refused(BinanceRefusal(code: -503, text: "Service Unavailable."))
      }
      return .unknown("status \(response.status)")
    }
  }

  private static func failure(
    _ code: Int64, _ text: String, status: Int, _ response: HTTPResponse
  ) -> Self {
    switch code {
    // The venue itself does not know what became of it.
    case -1000, -1006, -1007: return .unknown("\(code) \(text)")
    case -1003, -1015: return .refused(.limit(response, code: code, text: text))
    // Shed before execution.
    case -1008: return .refused(BinanceRefusal(code: code, text: text))
    case -1001 where status == 503 && text.hasPrefix("Internal error; unable to process"):
      return .refused(BinanceRefusal(code: code, text: text))
    case -1001: return .unknown("\(code) \(text)")
    default:
      if status == 503, text == "Service Unavailable." {
        return .refused(BinanceRefusal(code: code, text: text))
      }
      return status == 408 || status >= 500
        ? .unknown("status \(status), \(code) \(text)")
        : .refused(BinanceRefusal(code: code, text: text))
    }
  }

  private static func said(_ response: HTTPResponse, _ words: String) -> Bool {
    let text = String(decoding: response.body, as: UTF8.self)
    if text == words { return true }
    return (try? JSON(response.body))?["msg"]?.text == words
  }
}

/// Words for refusals whose own text may repeat the key, or what was signed.
enum BinanceWords {
  static func fixed(_ code: Int64?) -> String? {
    switch code {
    case -1022: "the signature is not valid"
    case -2014: "the API key has a wrong format"
    case -2015: "the API key, its address or its rights are not accepted"
    default: nil
    }
  }
}

/// A definite no: nothing happened.
struct BinanceRefusal {
  /// The venue's code; nil when the call was never sent.
  let code: Int64?
  /// The venue's words.
  var text: String
  /// How long to send nothing; nil when that was not asked.
  var wait: TimeSpan?
  /// Whether the address is banned already.
  var isBan = false

  init(code: Int64?, text: String) {
    self.code = code
    self.text = text
  }

  static func limit(_ response: HTTPResponse, code: Int64, text: String) -> Self {
    var refusal = Self(code: code, text: text.isEmpty ? "too many requests" : text)
    refusal.isBan = response.status == 418
    let stated = response.header("Retry-After").flatMap { Int64($0) }
    // Without a word of the venue: a window of the budget, or the shortest ban.
    let usual: Int64 = refusal.isBan ? 120 : code == -1015 ? 10 : 60
    refusal.wait = .seconds(max(1, min(stated ?? usual, 4 * 86_400)))
    return refusal
  }

  /// Code and text.
  var words: String { code.map { "\($0) \(text)" } ?? "not sent: \(text)" }

  var failure: VenueFailure {
    guard let code, wait == nil else { return .unavailable(words) }
    return .refused(code: String(code), text: text)
  }

  /// Whether the venue's clock and ours differ too much.
  var isAboutTime: Bool { code == -1021 || code == -5028 }
}
