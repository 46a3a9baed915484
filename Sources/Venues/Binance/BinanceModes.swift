import FixedPoint
import Trading
import Wire

/// Position mode, margin mode and leverage: read, changed where they differ, and read back.
struct BinanceModes: Hashable, Sendable {
  /// Nil when nothing is to be changed.
  let wanted: Rate?
  private var hasChanged = false
  private var isHedge: Bool?
  private var isIsolated: [String: Bool] = [:]
  private var leverage: [String: Rate] = [:]
  private var problems: [String] = []
  private var failure: VenueFailure?

  init(wanted: Rate?) { self.wanted = wanted }

  static func reads(_ number: Int) -> [BinanceCall] {
    [
      BinanceCall(
        .futuresREST, .get, "/fapi/v1/positionSide/dual", weight: 30,
        .part(number, .positionMode)),
      BinanceCall(
        .futuresREST, .get, "/fapi/v1/symbolConfig", weight: 5, .part(number, .symbolConfig)),
    ]
  }

  mutating func take(_ part: BinancePart, _ answer: BinanceAnswer) throws(DialectError) {
    switch (part, answer) {
    case (.positionMode, .success(let json)):
      isHedge = try BinanceRow(json).bool("dualSidePosition")
    case (.symbolConfig, .success(let json)):
      for row in try BinanceRow.list(json) {
        let name = try row.text("symbol")
        isIsolated[name] = try row.text("marginType") == "ISOLATED"
        leverage[name] = try row.decimal("leverage")
      }
    case (.change, .success): break
    case (.change(let words), .refused(let refusal)):
      // "No need to change" is what was wanted.
      if refusal.code != -4059, refusal.code != -4046 {
        problems.append("\(words): \(refusal.words)")
      }
    case (.change(let words), .unknown(let why)): problems.append("\(words): no answer (\(why))")
    case (_, .refused(let refusal)): failure = refusal.failure
    case (_, .unknown(let why)): failure = .unavailable(why)
    default: throw DialectError("a part that was not asked for")
    }
  }

  /// Goes to the changes, back to reading, or says what is.
  mutating func advance(
    _ markets: BinanceMarkets, number: Int, _ task: VenueTask, into messages: inout [VenueMessage]
  ) -> [BinanceCall] {
    if let failure {
      messages.append(.failed(task, failure))
      return []
    }
    if let wanted, !hasChanged {
      hasChanged = true
      let changes = changes(to: wanted, markets, number)
      if !changes.isEmpty { return changes }
    } else if wanted != nil, isHedge == nil {
      // The changes are answered: what counts is what the venue says now.
      return Self.reads(number)
    }
    if let result = result(markets) { messages.append(.modes(result)) }
    return []
  }

  private mutating func changes(
    to wanted: Rate, _ markets: BinanceMarkets, _ number: Int
  ) -> [BinanceCall] {
    var calls: [BinanceCall] = []
    func change(_ path: String, _ parameters: [Parameter], _ words: String) {
      calls.append(
        BinanceCall(
          .futuresREST, .post, path, parameters, isMutating: true, .part(number, .change(words))))
    }
    if isHedge == true {
      change(
        "/fapi/v1/positionSide/dual", [Parameter("dualSidePosition", "false")],
        "one-way mode was refused")
    }
    if !wanted.isPositive || !wanted.isMultiple(of: .one) {
      problems.append("leverage \(wanted) is not a whole number")
    }
    for perp in markets.perps {
      let symbol = Parameter("symbol", perp.name)
      if isIsolated[perp.name] != true {
        change(
          "/fapi/v1/marginType", [symbol, Parameter("marginType", "ISOLATED")],
          "isolated margin of \(perp.name) was refused")
      }
      if leverage[perp.name] != wanted, wanted.isPositive, wanted.isMultiple(of: .one) {
        change(
          "/fapi/v1/leverage", [symbol, Parameter("leverage", wanted.description)],
          "leverage of \(perp.name) was refused")
      }
    }
    if !calls.isEmpty {
      isHedge = nil
      isIsolated = [:]
      leverage = [:]
    }
    return calls
  }

  private func result(_ markets: BinanceMarkets) -> AccountModes? {
    guard let isHedge else { return nil }
    var problems = problems
    if isHedge { problems.append("the account is in hedge mode: long and short side by side") }
    var byInstrument: [InstrumentID: Rate] = [:]
    for perp in markets.perps {
      if isIsolated[perp.name] != true { problems.append("\(perp.name) is on cross margin") }
      byInstrument[perp.id] = leverage[perp.name]
      if let wanted, leverage[perp.name] != wanted {
        let actual = leverage[perp.name].map(\.description) ?? "unknown"
        problems.append("leverage of \(perp.name) is \(actual) instead of \(wanted)")
      }
    }
    return AccountModes(
      isOneWay: !isHedge, isIsolated: markets.perps.allSatisfy { isIsolated[$0.name] == true },
      leverage: byInstrument, problems: problems)
  }
}

extension BinanceDialect {
  mutating func beginModes(leverage: Rate?, _ task: VenueTask) -> [BinanceCall] {
    gathers.open(task, .modes(BinanceModes(wanted: leverage)), calls: BinanceModes.reads)
  }
}
