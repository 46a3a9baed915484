import FixedPoint
import Trading

@testable import Core

/// The words of one line that are not understood yet.
struct Words {
  private(set) var rest: [String]

  init(_ line: String) { rest = line.split(separator: " ").map(String.init) }

  mutating func next() -> String { rest.isEmpty ? "" : rest.removeFirst() }

  mutating func take(_ word: String) -> Bool {
    guard rest.first == word else { return false }
    rest.removeFirst()
    return true
  }

  mutating func number<Unit>() -> Fixed<Unit> { Fixed(stringLiteral: next()) }

  /// `+5ms`, `+1s`, `+3m`, `+8h`, `+1d`; nil when the line begins with something else.
  mutating func span() -> TimeSpan? {
    guard let word = rest.first, word.first == "+" else { return nil }
    rest.removeFirst()
    let digits = word.dropFirst().prefix { $0.isNumber }
    let units: [Substring: TimeSpan] = [
      "ms": .milliseconds(1), "s": .seconds(1), "m": .minutes(1), "h": .hours(1), "d": .days(1),
    ]
    guard let unit = units[word.dropFirst(1 + digits.count)], let number = Int64(digits) else {
      preconditionFailure("Invariant: \(word) is a span")
    }
    return unit.times(number)
  }

  /// `-0.1 margin 2500 liquidation 74000`, sold at 50000.
  mutating func position(_ id: InstrumentID) -> Position {
    let quantity: Quantity = number()
    let margin: Notional = take("margin") ? number() : .zero
    return Position(
      instrument: id, quantity: quantity, cost: Price("50000").notional(of: quantity),
      margin: margin, liquidationPrice: take("liquidation") ? number() : nil)
  }

  /// Any of `turnover`, `interest`, `cap`, `rank` with a number and `listed` with days.
  mutating func figures(at now: Timestamp) -> MarketFigures {
    var figures = MarketFigures()
    while !rest.isEmpty {
      switch next() {
      case "turnover": figures.turnover = number()
      case "interest": figures.openInterest = number()
      case "cap": figures.fundingCap = number()
      case "rank": figures.deleveragingRank = Int(next())
      case "listed": figures.listedAt = now - .days(Int64(next()) ?? 0)
      case let word: preconditionFailure("Invariant: \(word) is a figure")
      }
    }
    return figures
  }

  mutating func command(_ verb: String, _ symbol: Symbol) -> Command.Request {
    switch verb {
    case "scan": return .scan
    case "plan": return .plan(size(symbol))
    case "open":
      let size = size(symbol)
      return .open(size, hold: take("hold"))
    case "open-plan": return .openPlan(Int64(next()) ?? 0, hold: false)
    case "unwind":
      let id = CarryID(Int64(next()) ?? 0)
      return .unwind(id, fraction: rest.isEmpty ? .one : number())
    case "unwind-all": return .unwindAll
    case "rebalance":
      let id = CarryID(Int64(next()) ?? 0)
      return .rebalance(id, dryRun: take("dry"))
    case "pause": return .pause
    case "resume": return .resume
    default: preconditionFailure("Invariant: \(verb) is an event")
    }
  }

  /// `5000`, `quantity 0.1` or `DOGEUSDT 5000`.
  private mutating func size(_ symbol: Symbol) -> Command.Size {
    var symbol = symbol
    if let word = rest.first, word.first?.isLetter == true, word != "quantity" {
      symbol = Symbol(next())
    }
    let isQuantity = take("quantity")
    return Command.Size(
      venue: "test", symbol: symbol, notional: isQuantity ? nil : number(),
      quantity: isQuantity ? number() : nil)
  }
}

extension Scenario {
  /// A fact in a few words; nil for valuations.
  static func words(for fact: Fact.Body) -> String? {
    switch fact {
    case .started: "started"
    case .decided(let record):
      [.stayOut, .hold].contains(record.action)
        ? "decided \(record.action.rawValue) \(record.reason.split(separator: ": ").last ?? "")"
        : "decided \(record.action.rawValue)"
    case .carryPlanned(let planned): "planned \(planned.quantity)"
    case .carryMoved(let moved):
      moved.perpTarget.isZero
        ? "moved \(moved.state.rawValue)" : "moved \(moved.state.rawValue) \(moved.perpTarget)"
    case .intended(let intent):
      "intended \(intent.request.side.rawValue) \(intent.request.instrument.market.rawValue) "
        + "\(intent.request.quantity)\(intent.request.reduceOnly ? " reduce-only" : "")"
        + "\(intent.request.kind.rests ? " resting" : "")"
    case .accepted: "accepted"
    case .filled(let booked): booked.carry == nil ? "filled nobody" : "filled"
    case .orderEnded(let ended): "ended \(ended.outcome.rawValue)"
    case .transferIntended(let transfer):
      "transfer \(transfer.amount) to \(transfer.to.rawValue)"
    case .transferEnded(let ended): ended.succeeded ? "transfer ended" : "transfer failed"
    case .settled(let settlement): "settled \(settlement.expected)"
    case .settlementCorrected(let correction): "corrected \(correction.settlement.expected)"
    case .fundingReceived(let received):
      "received \(received.payment.amount)\(received.carry == nil ? " nobody" : "")"
    case .booked(let entry):
      [.deposit, .dust].contains(entry.kind) ? "booked \(entry.kind.rawValue)" : "booked"
    case .adjusted: "adjusted"
    case .rebalanced(let record): "rebalanced \(record.market.rawValue) \(record.quantity)"
    case .exposed: "exposed"
    case .marked, .valued, .compared, .interestNoted: nil
    case .planned(let plan): "plan \(plan.id)"
    case .commandEnded(let ended):
      ended.succeeded
        ? "done"
        : "refused "
          + ended.reply.message.prefix { $0 != "(" }.split(separator: " ")
          .joined(separator: " ")
    case .tradingChanged(let changed): "trading \(changed.change.rawValue)"
    case .mismatched(let mismatch): "mismatch \(mismatch.subject)"
    }
  }
}

extension Action {
  /// An action in a few words.
  func words(at now: Timestamp) -> String {
    switch self {
    case .submit: "submit"
    case .wake(let moment): "wake +\((moment - now).nanoseconds / 1_000_000)ms"
    case .request(.query): "query"
    case .request(.snapshot): "ask account"
    case .request(.fundingHistory): "ask history"
    case .request(.transfer): "move cash"
    case .request(.adjustMargin(_, let amount)): "margin \(amount)"
    case .request(.cancel): "cancel"
    case .request(.submit): "order past the gate"
    }
  }
}
