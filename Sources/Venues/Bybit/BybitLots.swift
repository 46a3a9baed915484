import FixedPoint
import Trading
import Wire

/// Names and steps of pairs, each market read on its own.
struct BybitLots: Sendable {
  let symbols: [Symbol]
  var pending: Int
  var spots: [JSON] = []
  var perps: [JSON] = []
  var unread: [Market: String] = [:]
}

extension BybitDialect {
  mutating func beginLots(_ symbols: [Symbol]) -> [Call<BybitPurpose>] {
    let job = newJob()
    let calls = [BybitCategory.linear, .spot].map { category in
      get(
        "/v5/market/instruments-info",
        [Parameter("category", category.rawValue)]
          + (category == .linear ? [Parameter("limit", "1000")] : []), signed: false,
        urgency: .high, BybitPurpose(.instruments(category), job: job))
    }
    lots[job] = BybitLots(symbols: symbols, pending: calls.count)
    return calls
  }

  /// Takes in a page; a market that cannot be read is noted and nothing else.
  mutating func finishLots(
    _ call: Call<BybitPurpose>, _ answer: BybitAnswer, _ reaction: inout Reaction<BybitPurpose>
  ) {
    guard var job = lots[call.purpose.job],
      case .instruments(let category) = call.purpose.step
    else { return }
    job.pending -= 1
    do throws(BybitFailure) {
      let result = try answer.result()
      do throws(DialectError) {
        let rows = try BybitField.list(result)
        if category == .spot { job.spots += rows } else { job.perps += rows }
        if let cursor = BybitField.cursor(result) {
          reaction.calls.append(page(call, cursor))
          job.pending += 1
        }
      } catch {
        throw BybitFailure(error)
      }
    } catch {
      job.unread[category.market] = error.failure.description
    }
    lots[call.purpose.job] = job.pending == 0 ? nil : job
    if job.pending == 0 { reaction.messages.append(.lots(job.result)) }
  }

  /// The call that takes an order back by the venue's own id, whoever sent it.
  func takeBackCalls(_ order: OpenOrder) -> [Call<BybitPurpose>] {
    let id = Parameter("orderId", order.venueOrder.rawValue)
    let purpose = BybitPurpose(.takeBack(order))
    if openCombos.contains(order.venueOrder) {
      return [post("/v5/spread/order/cancel", [id], urgency: .high, purpose)]
    }
    let category = BybitCategory(order.instrument.market)
    let name = markets.market(order.instrument)?.name ?? order.instrument.symbol.rawValue
    let filter = category == .spot ? [Parameter("orderFilter", "Order")] : []
    return [
      post(
        "/v5/order/cancel",
        [Parameter("category", category.rawValue), Parameter("symbol", name), id] + filter,
        urgency: .high, purpose)
    ]
  }

  /// An order that is not there any more needs no word.
  func finishTakeBack(
    _ order: OpenOrder, _ answer: BybitAnswer, _ reaction: inout Reaction<BybitPurpose>
  ) {
    switch answer {
    case .done: return
    case .refused(let code, _) where BybitCodes.ended.contains(code): return
    case .refused, .notSent, .unknown:
      reaction.messages.append(.failed(.takeBack(order), answer.failure))
    }
  }
}

extension BybitLots {
  fileprivate var result: TradableLots {
    var lots = TradableLots()
    lots.unread = unread
    for symbol in symbols {
      let (spot, perp, multiplier) = legs(of: symbol)
      do throws(DialectError) {
        lots.add(
          symbol,
          spot: try spot.map { (row) throws(DialectError) in
            try Self.leg(row, .spot, steps: "basePrecision", most: "maxMarketOrderQty", 1)
          },
          perp: try perp.map { (row) throws(DialectError) in
            try Self.leg(row, .perp, steps: "qtyStep", most: "maxMktOrderQty", multiplier)
          }, multiplier: multiplier, venue: "bybit")
      } catch {
        lots.unread[.perp] = "\(symbol): \(error)"
      }
    }
    return lots
  }

  /// Both legs where they are a pair, else what has the pair's name, the perpetual before the spot.
  private func legs(of symbol: Symbol) -> (spot: JSON?, perp: JSON?, multiplier: Int) {
    let name = symbol.rawValue
    let survey = BybitSurvey(symbols: symbols, spots: spots, perps: perps)
    if let (spot, perp, multiplier) = survey.legs(of: symbol) { return (spot, perp, multiplier) }
    if let perp = perps.first(where: { $0["symbol"]?.text == name }) { return (nil, perp, 1) }
    return (spots.first { $0["symbol"]?.text == name }, nil, 1)
  }

  private static func leg(
    _ row: JSON, _ market: Market, steps: String, most: String, _ multiplier: Int
  ) throws(DialectError) -> TradableLeg {
    let name = try BybitField.text(row, "symbol")
    guard let lots = row["lotSizeFilter"], let prices = row["priceFilter"] else {
      throw DialectError("filters of \(name) are missing")
    }
    let lot = try BybitArithmetic.quantity(BybitField.positive(lots, steps), of: multiplier)
    func size(_ name: String) throws(DialectError) -> Quantity? {
      guard let size: Quantity = try BybitField.optionalDecimal(lots, name) else { return nil }
      return try BybitArithmetic.quantity(size, of: multiplier)
    }
    // The venue no longer checks `minOrderQty` of spot, only the amount.
    let least = market == .spot ? nil : try size("minOrderQty")
    var largest = try size(most)
    if largest == nil { largest = try size("maxOrderQty") }
    let instrument = Instrument(
      id: InstrumentID(venue: "bybit", market: market, symbol: Symbol(rawValue: name)),
      base: AssetID(rawValue: try BybitField.text(row, "baseCoin")),
      quote: AssetID(rawValue: try BybitField.text(row, "quoteCoin")),
      tick: try BybitArithmetic.price(BybitField.positive(prices, "tickSize"), of: multiplier),
      lot: lot, minimumQuantity: least ?? lot, minimumNotional: .zero, fees: TradableLeg.noFees)
    return TradableLeg(instrument: instrument, name: name, largest: largest)
  }
}
