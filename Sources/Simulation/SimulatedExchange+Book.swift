public import FixedPoint
public import Trading

extension SimulatedExchange {
  /// What an order could trade against, best price first: asks for a buyer, bids for a seller.
  ///
  /// Without a book model all of the depth stands at the touch.
  ///
  /// - Parameter depth: at most so many levels, 200 at most.
  /// - Returns: nothing before the first price.
  public func ladder(
    _ side: Side, on instrument: InstrumentIndex, depth: Int, at time: Timestamp
  ) -> [LadderStep] {
    var steps: [LadderStep] = []
    climb(instrument.position, side, at: time) { step in
      steps.append(step)
      return steps.count < depth
    }
    return steps
  }

  /// How much could trade at once at the limit or better; at any price without one.
  public func takeable(
    _ side: Side, on instrument: InstrumentIndex, limit: Price?, at time: Timestamp
  ) -> Quantity {
    takeable(instrument.position, side, limit: limit, at: time)
  }

  /// What a taker would get first.
  func takerPrice(_ place: Int, _ side: Side, at time: Timestamp) -> Price {
    guard rules.book != nil else {
      return states[place].takerPrice(
        side, tick: universe.instruments[place].tick, rule: models.slippage.tickRule)
    }
    var price = side == .buy ? states[place].ask : states[place].bid
    climb(place, side, at: time) { step in
      price = step.price
      return false
    }
    return price
  }

  /// What a market order would get last.
  func worstPrice(
    _ ticket: OrderTicket, _ side: Side, _ quantity: Quantity, at time: Timestamp
  ) -> Price {
    if rules.book == nil { return ticket.takerPrice }
    var price = ticket.takerPrice
    var left = quantity
    climb(ticket.place, side, at: time) { step in
      price = step.price
      left -= step.quantity
      return left.isPositive
    }
    return price
  }

  /// How much of an order could trade at once.
  func takeable(_ ticket: OrderTicket, _ request: OrderRequest, at time: Timestamp) -> Quantity {
    if !ticket.takes { return .zero }
    if rules.book == nil { return standing(ticket, request, at: time) }
    return takeable(ticket.place, request.side, limit: request.kind.limit, at: time)
  }

  func takeable(_ place: Int, _ side: Side, limit: Price?, at time: Timestamp) -> Quantity {
    var sum = Quantity.zero
    climb(place, side, at: time) { step in
      if let limit, side == .buy ? step.price > limit : step.price < limit { return false }
      sum += step.quantity
      return true
    }
    return sum
  }

  /// Trades along the book until the order, its limit or the book is at an end.
  mutating func walk(_ index: Int, at time: Timestamp, into events: inout [VenueEvent]) {
    let request = orders[index].request
    let place = orders[index].place
    var parts: [LadderStep] = []
    var left = orders[index].remaining
    climb(place, request.side, at: time) { step in
      if let limit = request.kind.limit,
        request.side == .buy ? step.price > limit : step.price < limit
      {
        return false
      }
      let quantity = min(left, step.quantity)
      parts.append(LadderStep(price: step.price, quantity: quantity))
      left -= quantity
      return left.isPositive
    }
    for part in parts {
      eat(place, request.side, part.quantity, at: time)
      execute(index, part.quantity, at: part.price, .taker, time, into: &events)
    }
  }

  /// Whether anything stands where a resting order would trade.
  func standsInBook(_ order: OrderRecord, at limit: Price, _ time: Timestamp) -> Bool {
    takeable(order.place, order.request.side, limit: limit, at: time).isPositive
  }

  /// Takes a quantity out of the book, from the best price on.
  mutating func eat(_ place: Int, _ side: Side, _ quantity: Quantity, at time: Timestamp) {
    consumed[2 * place + (side == .buy ? 1 : 0)]
      .take(
        quantity, at: time, refill: .milliseconds(Int64(models.depth.refillMilliseconds)))
  }

  /// Walks through what is left of a side until told to stop.
  private func climb(
    _ place: Int, _ side: Side, at time: Timestamp, _ visit: (LadderStep) -> Bool
  ) {
    let state = states[place]
    if state.price.isZero { return }
    let instrument = universe.instruments[place]
    guard let book = rules.book else {
      let price = takerPrice(place, side, at: time)
      let whole = models.depth.notional.map { whole in
        (side == .buy ? state.asks : state.bids).left(of: whole, at: time)
          .quantity(at: price, .down).rounded(toMultipleOf: instrument.lot, .down)
      }
      _ = visit(LadderStep(price: price, quantity: whole ?? instrument.lot.times(1_000_000)))
      return
    }
    let best = side == .buy ? state.ask : state.bid
    let gap = max(
      state.price.times(book.gap).rounded(toMultipleOf: instrument.tick, .down), instrument.tick)
    var missing = consumed[2 * place + (side == .buy ? 1 : 0)].missing(at: time)
    for level in 0..<200 {
      let price = side == .buy ? best + gap.times(level) : best - gap.times(level)
      if !price.isPositive { return }
      let whole = book.quantity(level: level, place: place, best, instrument)
      if missing >= whole {
        missing -= whole
        continue
      }
      if !visit(LadderStep(price: price, quantity: whole - missing)) { return }
      missing = .zero
    }
  }
}

extension BookModel {
  /// What stands at a level, in lots: at least the smallest order, more at each further level, and
  /// up to a fifth more or less by a hash of level and price, so that a book looks like one.
  fileprivate func quantity(
    level: Int, place: Int, _ price: Price, _ instrument: Instrument
  ) -> Quantity {
    let ticks = UInt64(truncatingIfNeeded: price.raw / instrument.tick.raw)
    var chance = SeededRandom(seed: ticks &* 0x1F1_F1F1 &+ UInt64(level << 20 | place))
    let weight = (Rate.one + growth.times(level)).times(800 + chance.below(401))
      .divided(by: 1000, rounding: .down)
    let lots = best.times(weight, .down).quantity(at: price, .down)
      .rounded(toMultipleOf: instrument.lot, .down)
    return max(lots, instrument.minimumQuantity.rounded(toMultipleOf: instrument.lot, .up))
  }
}
