import Trading
import Wire

/// Who may use a path of the venue.
enum BinanceSecurity {
  /// Anybody.
  case open
  /// Whoever names a key.
  case key
  /// Whoever signs, whatever the key may do.
  case signed
  /// Whoever signs with a key that may read.
  case read
  /// Whoever signs with a key that may trade on this interface.
  case trade
}

/// The weight of a request, by what it asks.
typealias BinanceWeighing = @Sendable (BinanceParameters) -> Int

/// One path of the venue: who may use it, what it weighs and what answers.
struct BinanceEndpoint<Front> {
  typealias Answer = @Sendable (Front, BinanceCall) throws(BinanceError) -> JSON

  let method: HTTPMethod
  let path: String
  let security: BinanceSecurity
  let weight: BinanceWeighing
  /// Names of parameters, without those of every signed request.
  let accepts: [String]
  /// Whether it counts as an order.
  let isOrder: Bool
  let answer: Answer

  init(
    _ method: HTTPMethod, _ path: String, _ security: BinanceSecurity,
    weight: @escaping BinanceWeighing, _ accepts: [String], isOrder: Bool = false,
    answer: @escaping Answer
  ) {
    self.method = method
    self.path = path
    self.security = security
    self.weight = weight
    self.accepts = accepts
    self.isOrder = isOrder
    self.answer = answer
  }

  init(
    _ method: HTTPMethod, _ path: String, _ security: BinanceSecurity, _ weight: Int,
    _ accepts: [String] = [], isOrder: Bool = false, answer: @escaping Answer
  ) {
    self.init(
      method, path, security, weight: { _ in weight }, accepts, isOrder: isOrder, answer: answer)
  }
}

/// Weights that depend on what is asked.
enum BinanceWeight {
  /// One weight with a symbol, another without.
  static func bySymbol(_ one: Int, all: Int) -> BinanceWeighing {
    { parameters in parameters.pairs.contains { $0.name == "symbol" } ? one : all }
  }

  /// A weight that grows with `limit`.
  static func byLimit(
    _ steps: [(upTo: Int, weight: Int)], beyond: Int, default: Int
  ) -> BinanceWeighing {
    { parameters in
      let sent = parameters.pairs.first { $0.name == "limit" }.flatMap { Int($0.value) }
      let limit = sent ?? `default`
      return steps.first { limit <= $0.upTo }?.weight ?? beyond
    }
  }
}

/// One request that passed key, signature and limits.
struct BinanceCall {
  /// What it says.
  let parameters: BinanceParameters
  /// The venue's time of its arrival.
  let time: Timestamp
  /// Who asks; nil on open paths.
  let key: APIKey?
}
