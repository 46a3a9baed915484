import FixedPoint
import Trading
import Wire

// Orders of perpetuals.
extension BinanceFuturesFront {
  func placeFuturesOrder(_ call: BinanceCall) throws(BinanceError) -> JSON {
    try place(call.parameters)
  }

  func testFuturesOrder(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let entry = try futuresOrderEntry(call.parameters)
    if let refusal = venue.refusal(of: entry.order) {
      throw Self.futuresError(of: refusal, entry.symbol)
    }
    return [:]
  }

  func cancelFuturesOrder(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    return try cancel(venue.order(named: call.parameters, of: symbol), symbol)
  }

  func futuresOrder(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    guard let order = try venue.order(named: call.parameters, of: symbol) else {
      throw .noSuchOrder
    }
    return futuresOrderJSON(order, symbol)
  }

  func futuresOpenOrder(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    guard let order = try venue.order(named: call.parameters, of: symbol), order.state.isOpen
    else { throw .noSuchOrder }
    return futuresOrderJSON(order, symbol)
  }

  func futuresOpenOrders(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let chosen = try optionalSymbol(call)
    return .array(
      venue.openOrders(on: chosen?.index).compactMap { order in
        let symbol = symbol(at: order.request.instrument)
        return symbol.isPerp && !venue.isHidden(order)
          ? futuresOrderJSON(order, symbol) : JSON?.none
      })
  }

  func cancelFuturesOrders(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    _ = venue.cancelAll(on: symbol.index)
    return ["code": 200, "msg": "The operation of cancel all open order is done."]
  }

  func placeBatch(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let rows = try Self.list(try call.parameters.mandatory("batchOrders"), "batchOrders")
    if rows.isEmpty || rows.count > 5 { throw .invalid("batchOrders") }
    var results: [JSON] = []
    for row in rows {
      do throws(BinanceError) {
        try gate.limits.chargeOrder(at: venue.world.meterTime)
        let pairs = row.members.map { member in
          (name: member.name, value: member.value.text ?? member.value.description)
        }
        results.append(try place(try BinanceParameters(pairs)))
      } catch {
        results.append(error.json)
      }
    }
    return .array(results)
  }

  func cancelBatch(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    var found: [WorldOrder?] = []
    if let text = try call.parameters.text("orderIdList") {
      found += try Self.list(text, "orderIdList").map { $0.integer.flatMap(venue.order) }
    }
    if let text = try call.parameters.text("origClientOrderIdList") {
      found += try Self.list(text, "origClientOrderIdList").map {
        venue.order(clientID: $0.text ?? "", on: symbol.index)
      }
    }
    if found.isEmpty || found.count > 10 { throw .invalid("orderIdList") }
    return .array(
      found.map { order in
        do throws(BinanceError) {
          return try cancel(order, symbol)
        } catch {
          return error.json
        }
      })
  }

  /// Takes back all orders of a symbol unless it is asked again in time; zero stops it.
  func startCountdown(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    guard let span = try call.parameters.integer("countdownTime") else {
      throw .missing("countdownTime")
    }
    guard (0...9_000_000_000).contains(span) else { throw .invalid("countdownTime") }
    let place = symbol.index.position
    countdowns[place] = nil
    if span > 0 {
      let end = venue.now + .milliseconds(span)
      countdowns[place] = end
      venue.world.schedule(at: end) { [weak self] in
        guard let self, countdowns[place] == end else { return }
        countdowns[place] = nil
        _ = venue.cancelAll(on: InstrumentIndex(place))
      }
    }
    return ["symbol": symbol.nameJSON, "countdownTime": .string(String(span))]
  }

  private func place(_ parameters: BinanceParameters) throws(BinanceError) -> JSON {
    let (order, symbol, isResult) = try futuresOrderEntry(parameters)
    if order.price != nil, order.timeInForce == .fillOrKill,
      !venue.isTakeable(order.quantity, order.side, on: symbol.index, limit: order.price)
    {
      throw .fillOrKill
    }
    do throws(OrderRefusal) {
      let placed = try venue.submit(order)
      return placedJSON(placed, symbol, isResult: isResult)
    } catch {
      throw Self.futuresError(of: error, symbol)
    }
  }

  private func cancel(
    _ order: WorldOrder?, _ symbol: BinanceSymbol
  ) throws(BinanceError) -> JSON {
    guard let order, order.request.instrument == symbol.index, !venue.isHidden(order) else {
      throw .cancelUnknown
    }
    do throws(OrderRefusal) {
      return placedJSON(try venue.cancel(order.number), symbol, isResult: true)
    } catch {
      throw .cancelUnknown
    }
  }

  private static func list(_ text: String, _ name: String) throws(BinanceError) -> [JSON] {
    guard let list = try? JSON(Array(text.utf8)), case .array(let rows) = list else {
      throw .invalid(name)
    }
    return rows
  }

  /// The venue's words for a refusal.
  static func futuresError(of refusal: OrderRefusal, _ symbol: BinanceSymbol) -> BinanceError {
    switch refusal.reason {
    case .insufficientMargin, .insufficientBalance: .insufficientMargin
    case .wouldTakeLiquidity: .postOnly
    case .duplicateID: .duplicateClientID
    case .reduceOnlyViolated: .reduceOnly
    case .leverageTooHigh: .positionTooLarge
    case .invalidPrice: .offTick
    case .invalidQuantity: .offLot
    case .belowMinimumNotional: .notional(symbol.instrument.minimumNotional.description)
    case .marketHalted: .symbolClosed
    case .unknownInstrument: .symbol
    default: BinanceError(-2010, "New order rejected.")
    }
  }
}
