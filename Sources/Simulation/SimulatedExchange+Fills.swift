import FixedPoint
import Trading

extension SimulatedExchange {
  /// Trades a part of an order and settles it in the wallets.
  mutating func execute(
    _ index: Int, _ quantity: Quantity, at price: Price, _ liquidity: Fill.Liquidity,
    _ time: Timestamp, into events: inout [VenueEvent]
  ) {
    let order = orders[index]
    let instrument = universe.instruments[order.place]
    let rate = liquidity == .maker ? instrument.fees.maker : instrument.fees.taker
    let side = order.request.side
    let isPerp = states[order.place].isPerp
    let charge = charge(order.place, side, quantity, at: price, rate: rate)
    var realized = Notional.zero
    if isPerp {
      realized = tradePerp(order.place, side.signed(quantity), at: price, charge)
    } else {
      tradeSpot(order.place, side.signed(quantity), at: price, charge)
    }
    orders[index].remaining -= quantity
    orders[index].fills.append(fills.count)
    append(
      Fill(
        instrument: instrument.id, trade: nextTrade, order: order.request.id,
        venueOrder: order.venueOrder, at: time, side: side, quantity: quantity, price: price,
        fee: charge.amount, feeAsset: purses[charge.purse].asset, realized: realized,
        liquidity: liquidity, cause: .order),
      into: &events)
    if isPerp { events.append(.position(position(order.place))) }
  }

  /// Closes a whole position at the mark and cancels what rests on the instrument.
  ///
  /// The loss is at most the position's margin, and the fee at most what the loss leaves of it, so
  /// the rest of the wallet is untouched.
  mutating func liquidate(_ place: Int, at time: Timestamp, into events: inout [VenueEvent]) {
    let instrument = universe.instruments[place]
    let mark = states[place].mark
    let margin = states[place].holding.margin
    let quantity = states[place].holding.quantity
    let profit = states[place].holding.trade(
      -quantity, at: mark, leverage: settings[place].leverage)
    let realized = max(profit, -margin).rounded(places: rules.cashPlaces, .down)
    let charge = fee(
      of: mark.notional(of: quantity.magnitude), rate: models.charges.liquidationFee)
    let fee = min(charge, margin + realized)
    purses[states[place].quotePurse].isolated -= margin.amount
    purses[states[place].quotePurse].total += (realized - fee).amount
    states[place].refresh(tiers: instrument.marginTiers)
    let trade = nextTrade
    append(
      Fill(
        instrument: instrument.id, trade: trade, order: nil,
        venueOrder: VenueOrderID("liquidation-\(trade)"), at: time,
        side: quantity.isNegative ? .buy : .sell, quantity: quantity.magnitude, price: mark,
        fee: fee.amount, feeAsset: instrument.quote, realized: realized, liquidity: .taker,
        cause: .liquidation),
      into: &events)
    events.append(.position(position(place)))
    for index in resting where orders[index].place == place {
      finish(index, .cancelled, into: &events)
    }
  }

  private mutating func tradeSpot(
    _ place: Int, _ signed: Quantity, at price: Price, _ charge: Charge
  ) {
    purses[states[place].basePurse].total += signed.amount
    purses[states[place].quotePurse].total -= price.notional(of: signed).amount
    purses[charge.purse].total -= charge.amount
  }

  /// Trades a perpetual; what the wallet's free part cannot bear comes out of the margin.
  mutating func tradePerp(
    _ place: Int, _ signed: Quantity, at price: Price, _ charge: Charge
  ) -> Notional {
    let before = states[place].holding.margin
    let realized = states[place].holding.trade(
      signed, at: price, leverage: settings[place].leverage
    ).rounded(places: rules.cashPlaces, .halfEven)
    if settings[place].isCross { states[place].holding.margin = .zero }
    let after = states[place].holding.margin
    purses[states[place].quotePurse].isolated += (after - before).amount
    purses[states[place].quotePurse].total += realized.amount
    purses[charge.purse].total -= charge.amount
    coverShortfall(place)
    return realized
  }

  var nextTrade: TradeID { TradeID(String(fills.count + 1)) }

  mutating func append(_ fill: Fill, into events: inout [VenueEvent]) {
    fills.append(fill)
    events.append(.fill(fill))
  }
}
