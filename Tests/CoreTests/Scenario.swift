import Accounting
import FixedPoint
import Testing
import Trading

@testable import Core

/// A transcript: on the left of `|` an event a line, on its right all that the engine did about it.
///
/// A line may begin with the time that passes before it, such as `+1s`. Orders, transfers and
/// repeats mean the newest one. A line without a left side goes on with the right side above;
/// `look` shows the carry, `limit` the price of the newest order. Valuations are left out. After each line the state folded from all facts
/// must equal the live one.
struct Scenario {
  private var engine: Engine
  private var shadow: Engine
  private var now = Timestamp(milliseconds: 1_704_067_200_000)  // 2024-01-01
  private var order: OrderRequest?
  private var transfer: Transfer?
  private var last = Event.Kind.wake
  private var count: Int64 = 0

  /// Plays a transcript on `BTCUSDT` and `ETHUSDT`, a line about another than the first beginning with
  /// its base, or with its quote asset when two share a base; wallets in one pool unless said otherwise.
  static func play(
    _ text: String, layout: AccountLayout = .unified, feeInBase: Rate? = nil,
    combo: Combo? = nil, bases: [AssetID] = ["BTC", "ETH"], quotes: [AssetID] = [],
    policy: (any Policy)? = nil,
    at place: SourceLocation = #_sourceLocation,
    set: (inout Parameters) -> Void = { _ in }
  ) {
    var parameters = Parameters()
    set(&parameters)
    var scenario = Scenario(
      Engine(
        universe: universe(bases, quotes, feeInBase: feeInBase, layout: layout, combo: combo),
        parameters: parameters,
        policy: policy ?? ThresholdPolicy(parameters: parameters)))
    for (event, expected) in lines(of: text) {
      let actual = scenario.play(event).joined(separator: " · ")
      if actual != expected {
        Issue.record(
          "\(event)\n  expected: \(expected)\n  actual:   \(actual)", sourceLocation: place)
        return
      }
      #expect(
        scenario.shadow.state == scenario.engine.state, "\(event)", sourceLocation: place)
    }
  }

  private init(_ engine: Engine) {
    self.engine = engine
    shadow = engine
  }

  private static func lines(of text: String) -> [(event: String, expected: String)] {
    var lines: [(event: String, expected: String)] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let sides = line.split(separator: "|", omittingEmptySubsequences: false).map {
        $0.split(separator: " ").joined(separator: " ")
      }
      precondition(sides.count == 2, "Invariant: one bar a line: \(line)")
      if sides[0].isEmpty {
        lines[lines.count - 1].expected += " " + sides[1]
      } else {
        lines.append((sides[0], sides[1]))
      }
    }
    return lines
  }

  private static func universe(
    _ bases: [AssetID], _ quotes: [AssetID], feeInBase: Rate?, layout: AccountLayout, combo: Combo?
  ) -> Universe {
    let tiers = [
      MarginTier(floor: "0", maintenanceRate: "0.005", deduction: "0", maximumLeverage: "50")
    ]
    func instrument(_ place: Int, _ market: Market) -> Instrument {
      let isSpot = market == .spot
      let (base, quote) = (bases[place], quotes.isEmpty ? "USDT" : quotes[place])
      return Instrument(
        id: id(Symbol("\(base)\(quote)"), market), base: base, quote: quote, tick: "0.1",
        lot: isSpot ? "0.00001" : "0.001", minimumQuantity: isSpot ? "0.00001" : "0.001",
        minimumNotional: isSpot ? "5" : "20",
        fees: FeeSchedule(
          maker: "0.0002", taker: isSpot ? feeInBase ?? "0.001" : "0.0005",
          isTakenFromReceivedAsset: isSpot && feeInBase != nil),
        marginTiers: isSpot ? [] : tiers)
    }
    return Universe(
      pairs: bases.indices.map { (instrument($0, .spot), instrument($0, .perp)) },
      venues: ["test": VenueTraits(layout: layout)],
      combos: combo.map { [id("BTCUSDT", .perp): $0] } ?? [:])
  }

  private static func id(_ symbol: Symbol, _ market: Market) -> InstrumentID {
    InstrumentID(venue: "test", market: market, symbol: symbol)
  }

  // MARK: - Left side

  private mutating func play(_ line: String) -> [String] {
    var words = Words(line)
    if let span = words.span() { now = now + span }
    if words.rest.first == "look" { return look() }
    if words.rest.first == "limit" { return [order?.kind.limit?.description ?? "none"] }
    // Another process: it knows what was stored and nothing else.
    if words.take("restart") { engine = shadow }
    last = event(&words)
    precondition(words.rest.isEmpty, "Invariant: every word means something: \(line)")
    var outcome = Outcome()
    engine.handle(Event(at: now, last), into: &outcome)
    shadow.recover(outcome.facts)
    for case .intended(let intent) in outcome.facts.map(\.body) { order = intent.request }
    for case .transferIntended(let intended) in outcome.facts.map(\.body) { transfer = intended }
    return outcome.facts.compactMap { Self.words(for: $0.body) }
      + outcome.actions.map { $0.words(at: now) }
  }

  private mutating func event(_ words: inout Words) -> Event.Kind {
    let pair = words.take("ETH") || words.take("USDC") ? 1 : words.take("XRP") ? 2 : 0
    let verb = words.next()
    switch verb {
    case "wake": return .wake
    case "start": return .start(run: Int32(words.next()) ?? 0)
    case "drain": return .drain
    case "finish": return .finish
    case "hold", "release":
      return .hold(Hold(rawValue: words.next()) ?? .file, isOn: verb == "hold")
    case "signal": return .pause("signal")
    case "stalled": return .stalled
    case "again": return last
    case "spot", "perp":
      let price: Price = words.number()
      let ask: Price = words.take("to") ? words.number() : price
      let mark: Price = words.take("mark") ? words.number() : price
      let place = InstrumentIndex(pair * 2 + (verb == "spot" ? 0 : 1))
      return .venue(.quote(Quote(instrument: place, bid: price, ask: ask, mark: mark, at: now)))
    case "figures":
      let place = InstrumentIndex(pair * 2 + (words.take("spot") ? 0 : 1))
      return .venue(.figures(place, words.figures(at: now)))
    case "link": return .link("test", isUp: words.next() == "up")
    case "status":
      let place = InstrumentIndex(pair * 2 + (words.next() == "spot" ? 0 : 1))
      return .venue(.statusChanged(place, TradingStatus(rawValue: words.next()) ?? .trading))
    case "history", "settled", "paid", "liquidated", "deleveraged", "position", "account":
      return .venue(news(verb, InstrumentIndex(pair * 2 + 1), &words))
    case "accepted", "fill", "fill-spot", "ended", "refused", "not-found", "transferred",
      "transfer-refused",
      "margin-refused":
      return .venue(answer(verb, &words))
    default:
      count += 1
      return .command(Command(id: count, words.command(verb, engine.universe.pairs[pair].symbol)))
    }
  }

  private mutating func news(
    _ verb: String, _ perp: InstrumentIndex, _ words: inout Words
  ) -> VenueEvent {
    let id = engine.universe[perp].id
    count += 1
    switch verb {
    case "history":
      let length = Int64(words.next()) ?? 0
      let rate: Rate = words.number()
      let rates = (0..<length).reversed().map { age in
        FundingRate(settlesAt: now - .hours(8).times(age), intervalHours: 8, rate: rate)
      }
      return .fundingHistory(perp, rates)
    case "settled":
      let rate = FundingRate(settlesAt: now, intervalHours: 8, rate: words.number())
      return .fundingSettled(perp, rate, mark: words.take("mark") ? words.number() : "50000")
    case "paid":
      return .fundingPaid(
        FundingPayment(
          instrument: id, id: PaymentID("\(count)"), settledAt: now, amount: words.number(),
          asset: "USDT"))
    case "position":
      return .position(words.position(id))
    case "account":
      var balances: [Balance] = []
      var fills: [Fill] = []
      var positions: [Position] = []
      while !words.rest.isEmpty {
        if words.take("bought") {
          fills.append(fill(spot: true, .order, &words))
        } else if words.take("holds") {
          positions.append(words.position(id))
        } else if let wallet = Wallet(rawValue: words.next()) {
          let asset = AssetID(words.next())
          balances.append(Balance(wallet: wallet, asset: asset, total: words.number()))
        }
      }
      return .snapshot(
        AccountSnapshot(
          venue: "test", balances: balances, positions: positions, openOrders: [], fills: fills,
          payments: [], transfers: []))
    default:
      let cause: Fill.Cause = verb == "liquidated" ? .liquidation : .autoDeleveraging
      return .fill(fill(spot: false, cause, &words))
    }
  }

  private mutating func answer(_ verb: String, _ words: inout Words) -> VenueEvent {
    if let transfer, verb == "transferred" { return .transferred(transfer) }
    if let transfer, verb == "transfer-refused" {
      return .transferRefused(transfer, .insufficientBalance)
    }
    if verb == "margin-refused" {
      return .marginRefused(engine.universe.instruments[1].id, .insufficientMargin)
    }
    guard let order else { preconditionFailure("Invariant: an answer follows an order") }
    switch verb {
    case "accepted": return .orderAccepted(order.id, VenueOrderID("v\(order.id.sequence)"))
    case "ended":
      return .orderFinished(order.id, OrderOutcome(rawValue: words.next()) ?? .cancelled)
    case "refused":
      return .orderRefused(order.id, RefusalReason(rawValue: words.next()) ?? .other, "no")
    case "not-found": return .orderNotFound(order.id)
    case "fill-spot": return .fill(spotLeg(of: fill(spot: true, .order, &words, order)))
    default: return .fill(fill(spot: order.instrument.market == .spot, .order, &words, order))
    }
  }

  /// `0.1 @ 50000`, then perhaps `fee 0.0001 BTC`, then perhaps `earlier` for three seconds ago.
  private mutating func fill(
    spot: Bool, _ cause: Fill.Cause, _ words: inout Words, _ order: OrderRequest? = nil
  ) -> Fill {
    count += 1
    let quantity: Quantity = words.number()
    _ = words.take("@")
    let price: Price = words.number()
    let fee: Amount = words.take("fee") ? words.number() : .zero
    let feeAsset = fee.isZero ? "USDT" : AssetID(words.next())
    let at = words.take("earlier") ? now - .seconds(3) : now
    return Fill(
      instrument: order?.instrument ?? engine.universe.instruments[spot ? 0 : 1].id,
      trade: TradeID("\(count)"), order: order?.id, venueOrder: "v", at: at,
      side: order?.side ?? .buy, quantity: quantity, price: price, fee: fee, feeAsset: feeAsset,
      realized: .zero, liquidity: .taker, cause: cause)
  }

  /// The spot leg of an order for both: the other market, the other way.
  private func spotLeg(of fill: Fill) -> Fill {
    Fill(
      instrument: engine.universe.instruments[0].id, trade: fill.trade, order: fill.order,
      venueOrder: fill.venueOrder, at: fill.at, side: fill.side.opposite, quantity: fill.quantity,
      price: fill.price, fee: fill.fee, feeAsset: fill.feeAsset, realized: .zero,
      liquidity: .taker, cause: .order)
  }

  private func look() -> [String] {
    guard let carry = engine.state.carries[0] else { return ["nothing"] }
    let held = carry.holdings
    return ["\(carry.state.rawValue)", "spot \(held.spot)", "perp \(held.perp)"]
      + (carry.profit.funding.isZero ? [] : ["funding \(carry.profit.funding)"])
  }
}
