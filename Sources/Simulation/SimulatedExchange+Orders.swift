import FixedPoint
public import Trading

extension SimulatedExchange {
  /// Checks an order, lets it take what it may and rests or ends the remainder.
  ///
  /// - Parameter fillOrKill: whether it expires without a trade when it cannot trade whole at once.
  public mutating func submit(
    _ request: OrderRequest, fillOrKill: Bool = false, at time: Timestamp,
    into events: inout [VenueEvent]
  ) {
    let ticket: OrderTicket
    do throws(Refusal) {
      ticket = try check(request, at: time)
    } catch {
      if known[request.id] == nil { known[request.id] = .refused(error) }
      events.append(.orderRefused(request.id, error.reason, error.text))
      return
    }
    let index = orders.count
    orders.append(
      OrderRecord(
        request: request, venueOrder: VenueOrderID(String(index + 1)), place: ticket.place,
        remaining: request.quantity, lockedIn: ticket.purse))
    known[request.id] = .accepted(index)
    events.append(.orderAccepted(request.id, orders[index].venueOrder))
    if fillOrKill, takeable(ticket, request, at: time) < request.quantity {
      return finish(index, .expired, into: &events)
    }
    if ticket.takes, rules.book != nil {
      walk(index, at: time, into: &events)
    } else if ticket.takes {
      let quantity = standing(ticket, request, at: time)
      if quantity.isPositive {
        consume(ticket, request.side, quantity, at: time)
        execute(index, quantity, at: ticket.takerPrice, .taker, time, into: &events)
      }
    }
    if orders[index].remaining.isZero { return finish(index, .filled, into: &events) }
    switch request.kind {
    case .market, .immediateOrCancel: finish(index, .expired, into: &events)
    case .limit(let price), .postOnly(let price): rest(index, at: price)
    }
  }

  /// Takes back an order that works; of any other it says what became of it.
  mutating func cancel(_ id: ClientOrderID, into events: inout [VenueEvent]) {
    if case .accepted(let index) = known[id], orders[index].outcome == nil {
      finish(index, .cancelled, into: &events)
    } else {
      report(id, into: &events)
    }
  }

  /// Says again all that was said about an id.
  func report(_ id: ClientOrderID, into events: inout [VenueEvent]) {
    switch known[id] {
    case nil: events.append(.orderNotFound(id))
    case .refused(let refusal): events.append(.orderRefused(id, refusal.reason, refusal.text))
    case .accepted(let index):
      let order = orders[index]
      events.append(.orderAccepted(id, order.venueOrder))
      for fill in order.fills { events.append(.fill(fills[fill])) }
      if let outcome = order.outcome { events.append(.orderFinished(id, outcome)) }
    }
  }

  /// Fills what a new quote has reached, in order of acceptance.
  mutating func matchResting(
    _ place: Int, bid: Price, ask: Price, at time: Timestamp, into events: inout [VenueEvent]
  ) {
    var next = 0
    if statuses[place] == .halted || statuses[place] == .cancelOnly { return }
    while next < resting.count, states[place].restingOrders > 0 {
      let index = resting[next]
      guard orders[index].place == place else {
        next += 1
        continue
      }
      let request = orders[index].request
      guard let limit = request.kind.limit else {
        preconditionFailure("Invariant: what rests has a limit")
      }
      if request.side == .buy ? ask <= limit : bid >= limit {
        fillResting(index, at: limit, time, into: &events)
        // A part of it may go on resting.
        if orders[index].outcome == nil { next += 1 }
      } else {
        next += 1
      }
    }
  }

  /// Ends an order: what it had reserved is free again.
  mutating func finish(_ index: Int, _ outcome: OrderOutcome, into events: inout [VenueEvent]) {
    unlock(index)
    if let position = resting.firstIndex(of: index) {
      resting.remove(at: position)
      states[orders[index].place].restingOrders -= 1
    }
    orders[index].outcome = outcome
    events.append(.orderFinished(orders[index].request.id, outcome))
  }

  /// Fills a resting order and ends it.
  ///
  /// It expires instead where the position it would have reduced is gone, or where it would now
  /// open more than the free collateral covers.
  private mutating func fillResting(
    _ index: Int, at limit: Price, _ time: Timestamp, into events: inout [VenueEvent]
  ) {
    let order = orders[index]
    if rules.book != nil, !standsInBook(order, at: limit, time) { return }
    let signed = order.request.side.signed(order.remaining)
    var quantity = order.remaining
    if order.request.reduceOnly {
      quantity = states[order.place].holding.closingPart(of: signed).magnitude
      if quantity.isZero { return finish(index, .expired, into: &events) }
    }
    unlock(index)
    if rules.book != nil {
      quantity = min(quantity, takeable(order.place, order.request.side, limit: limit, at: time))
    } else if let whole = models.depth.notional {
      let lot = universe.instruments[order.place].lot
      quantity = min(
        quantity, max(lot, whole.quantity(at: limit, .down).rounded(toMultipleOf: lot, .down)))
    }
    if states[order.place].isPerp {
      let fees = universe.instruments[order.place].fees
      let need = need(
        order.place, order.request.side, quantity, at: limit, feeRate: fees.maker)
      if need.isPositive, need > spendable(order.lockedIn, on: order.place) {
        return finish(index, .expired, into: &events)
      }
    }
    execute(index, quantity, at: limit, .maker, time, into: &events)
    if rules.book != nil { eat(order.place, order.request.side, quantity, at: time) }
    if orders[index].remaining.isZero { return finish(index, .filled, into: &events) }
    if order.request.reduceOnly, states[order.place].holding.quantity.isZero {
      return finish(index, .expired, into: &events)
    }
    lock(index, at: limit)
  }

  private mutating func rest(_ index: Int, at price: Price) {
    lock(index, at: price)
    resting.append(index)
    states[orders[index].place].restingOrders += 1
  }

  private mutating func lock(_ index: Int, at price: Price) {
    let order = orders[index]
    let fees = universe.instruments[order.place].fees
    let need = need(
      order.place, order.request.side, order.remaining, at: price, feeRate: max(fees.maker, .zero))
    let locked = min(need, max(spendable(order.lockedIn, on: order.place), .zero))
    orders[index].locked = locked
    purses[order.lockedIn].locked += locked
  }

  private mutating func unlock(_ index: Int) {
    purses[orders[index].lockedIn].locked -= orders[index].locked
    orders[index].locked = .zero
  }

  /// How much of an order stands at the touch, in lots.
  func standing(
    _ ticket: OrderTicket, _ request: OrderRequest, at time: Timestamp
  ) -> Quantity {
    guard let whole = models.depth.notional else { return request.quantity }
    let state = states[ticket.place]
    let left = (request.side == .buy ? state.asks : state.bids).left(of: whole, at: time)
    let lots = left.quantity(at: ticket.takerPrice, .down)
      .rounded(toMultipleOf: universe.instruments[ticket.place].lot, .down)
    return min(request.quantity, lots)
  }

  private mutating func consume(
    _ ticket: OrderTicket, _ side: Side, _ quantity: Quantity, at time: Timestamp
  ) {
    if models.depth.notional == nil { return }
    let notional = ticket.takerPrice.notional(of: quantity)
    let refill = TimeSpan.milliseconds(Int64(models.depth.refillMilliseconds))
    switch side {
    case .buy: states[ticket.place].asks.take(notional, at: time, refill: refill)
    case .sell: states[ticket.place].bids.take(notional, at: time, refill: refill)
    }
  }
}
