import FixedPoint
import Trading

/// What the checks found out about an order that passed them.
struct OrderTicket {
  /// The instrument's place.
  let place: Int
  /// The purse that pays or sets aside.
  let purse: Int
  /// What it would trade at now.
  let takerPrice: Price
  /// Whether it trades now.
  let takes: Bool
}

extension SimulatedExchange {
  /// Checks an order; the first failure in this order is the reason given.
  ///
  /// 1. `unknownInstrument`: not listed here; `marketHalted`: its status does not allow the order.
  /// 2. `pastDeadline`: acts after the deadline.
  /// 3. `duplicateID`: the id was seen before, accepted or not. 4. `invalidQuantity`: off the lot
  /// or below the minimum. 5. `invalidPrice`: off the tick or not above zero. 6. `marketHalted`:
  /// no price yet. 7. `belowMinimumNotional`, at the limit or else the mid; reduce-only is exempt.
  /// 8. `reduceOnlyViolated`: on spot, flat, wrong direction or more than the position.
  /// 9. `wouldTakeLiquidity`: post-only at or beyond the touch. 10. `leverageTooHigh`: the tier of
  /// the position that would result allows less. 11. `insufficientBalance` on spot,
  /// `insufficientMargin` on a perpetual, at the limit, or at the price traded where that is worse.
  func check(_ order: OrderRequest, at time: Timestamp) throws(Refusal) -> OrderTicket {
    guard let place = universe.index(of: order.instrument)?.position, states[place].isListed else {
      throw Refusal(.unknownInstrument, "\(order.instrument) is not listed on \(venue)")
    }
    let instrument = universe.instruments[place]
    try checkStatus(order, place)
    if time > order.deadline {
      throw Refusal(.pastDeadline, "acts at \(time), after the deadline \(order.deadline)")
    }
    if known[order.id] != nil {
      throw Refusal(.duplicateID, "id \(order.id) was used before")
    }
    try checkFilters(order, instrument, price: states[place].price)
    let taker = takerPrice(place, order.side, at: time)
    let ticket = OrderTicket(
      place: place,
      purse: !states[place].isPerp && order.side == .sell
        ? states[place].basePurse : states[place].quotePurse,
      takerPrice: taker, takes: order.takes(at: taker))
    try checkRestrictions(order, states[place])
    try checkFunds(order, ticket, instrument, at: time)
    return ticket
  }

  /// What an order sets aside or pays at a price, in the asset of its purse.
  ///
  /// Spot: the quote paid with the fee where it is taken in quote, or the base sold. Perpetual:
  /// initial margin and fee of the part that opens; nothing where all of it closes.
  func need(
    _ place: Int, _ side: Side, _ quantity: Quantity, at price: Price, feeRate: Rate
  ) -> Amount {
    let instrument = universe.instruments[place]
    if states[place].isPerp {
      let signed = side.signed(quantity)
      let opening = (signed - states[place].holding.closingPart(of: signed)).magnitude
      if opening.isZero { return .zero }
      let notional = price.notional(of: opening)
      return
        (notional.divided(by: settings[place].leverage)
        + fee(of: notional, rate: feeRate)).amount
    }
    if side == .sell { return quantity.amount }
    let notional = price.notional(of: quantity)
    if instrument.fees.isTakenFromReceivedAsset { return notional.amount }
    return (notional + fee(of: notional, rate: feeRate)).amount
  }

  /// A fee in quote: the product rounded half-even at 18 places, then at the model's places.
  func fee(of notional: Notional, rate: Rate) -> Notional {
    notional.times(rate).rounded(places: models.charges.feePlaces, .halfEven)
  }

  private func checkFilters(
    _ order: OrderRequest, _ instrument: Instrument, price: Price
  ) throws(Refusal) {
    let quantity = order.quantity
    if !quantity.isPositive || quantity < instrument.minimumQuantity {
      throw Refusal(
        .invalidQuantity,
        "quantity \(quantity) is below the minimum \(max(instrument.minimumQuantity, .ulp))")
    }
    if !quantity.isMultiple(of: instrument.lot) {
      throw Refusal(
        .invalidQuantity, "quantity \(quantity) is not a multiple of the lot \(instrument.lot)")
    }
    if let limit = order.kind.limit, !limit.isPositive || !limit.isMultiple(of: instrument.tick) {
      throw Refusal(
        .invalidPrice, "price \(limit) is not a positive multiple of the tick \(instrument.tick)")
    }
    if price.isZero { throw Refusal(.marketHalted, "\(instrument.id) has no price yet") }
    let notional = (order.kind.limit ?? price).notional(of: quantity)
    if !order.reduceOnly, notional < instrument.minimumNotional {
      throw Refusal(
        .belowMinimumNotional,
        "notional \(notional) is below the minimum \(instrument.minimumNotional)")
    }
  }

  private func checkStatus(_ order: OrderRequest, _ place: Int) throws(Refusal) {
    let status = statuses[place]
    if status == .trading { return }
    let signed = order.side.signed(order.quantity)
    let isClosing = states[place].isPerp && states[place].holding.closingPart(of: signed) == signed
    if status == .reduceOnly, isClosing { return }
    throw Refusal(.marketHalted, "\(order.instrument) is \(status.rawValue)")
  }

  private func checkRestrictions(
    _ order: OrderRequest, _ state: InstrumentState
  ) throws(Refusal) {
    if order.reduceOnly {
      let signed = order.side.signed(order.quantity)
      if !state.isPerp || state.holding.closingPart(of: signed) != signed {
        throw Refusal(
          .reduceOnlyViolated,
          "\(order.side) \(order.quantity) does not reduce the position \(state.holding.quantity)")
      }
    }
    if case .postOnly(let limit) = order.kind {
      let touch = order.side == .buy ? state.ask : state.bid
      if order.side == .buy ? limit >= touch : limit <= touch {
        throw Refusal(.wouldTakeLiquidity, "\(order.side) at \(limit) would trade at \(touch)")
      }
    }
  }

  private func checkFunds(
    _ order: OrderRequest, _ ticket: OrderTicket, _ instrument: Instrument, at time: Timestamp
  ) throws(Refusal) {
    let fees = instrument.fees
    let (price, rate) =
      switch order.kind {
      case .market:
        (worstPrice(ticket, order.side, order.quantity, at: time), fees.taker)
      case .postOnly(let limit): (limit, max(fees.maker, .zero))
      case .immediateOrCancel(let limit): (max(limit, ticket.takerPrice), fees.taker)
      case .limit(let limit):
        (ticket.takes ? max(limit, ticket.takerPrice) : limit, max(fees.maker, fees.taker, .zero))
      }
    let need = need(ticket.place, order.side, order.quantity, at: price, feeRate: rate)
    let isPerp = states[ticket.place].isPerp
    if isPerp, need.isPositive {
      let quantity = states[ticket.place].holding.quantity + order.side.signed(order.quantity)
      let notional = price.notional(of: quantity.magnitude)
      let leverage = settings[ticket.place].leverage
      if let tier = instrument.marginTier(for: notional), tier.maximumLeverage < leverage {
        throw Refusal(
          .leverageTooHigh,
          "leverage \(leverage) is above \(tier.maximumLeverage) for a notional of \(notional)")
      }
    }
    let free = spendable(ticket.purse, on: ticket.place)
    if need.isPositive, need > free {
      throw Refusal(
        isPerp ? .insufficientMargin : .insufficientBalance,
        "needs \(need) \(purses[ticket.purse].asset), free are \(free)")
    }
  }
}

extension OrderRequest {
  /// Whether it trades at once at what a taker gets; a post-only order never does.
  fileprivate func takes(at price: Price) -> Bool {
    switch kind {
    case .market: true
    case .postOnly: false
    case .limit(let limit), .immediateOrCancel(let limit):
      side == .buy ? price <= limit : price >= limit
    }
  }
}
