public import FixedPoint
public import Trading

/// What one wallet holds of one asset.
public struct AccountState: Hashable, Sendable {
  /// The wallet.
  public let wallet: Wallet
  /// The asset.
  public let asset: AssetID
  /// All of it, without unrealised profit.
  public let total: Amount
  /// Reserved for resting orders.
  public let locked: Amount
  /// Set aside as collateral of isolated positions.
  public let isolated: Amount
}

/// A position and its settings.
public struct PositionState: Hashable, Sendable {
  /// Base units, signed.
  public let quantity: Quantity
  /// Sum of price × signed quantity of what is open, quote units.
  public let cost: Notional
  /// Collateral of its own, quote units; zero in cross margin.
  public let margin: Notional
  /// The mark now.
  public let mark: Price
  /// Notional over initial margin.
  public let leverage: Rate
  /// Whether the whole wallet stands for it.
  public let isCross: Bool
}

/// The wallet behind the perpetuals that settle in one asset.
public struct MarginState: Hashable, Sendable {
  /// All of it, without unrealised profit.
  public let total: Amount
  /// Reserved for resting orders.
  public let locked: Amount
  /// Set aside as collateral of isolated positions.
  public let isolated: Amount
  /// What other assets of a unified account count.
  public let collateral: Amount
  /// What new margin can be taken from; may be below zero.
  public let available: Amount
}

extension SimulatedExchange {
  /// All purses that were ever used, in a fixed order.
  public var accounts: [AccountState] {
    purses.all.map {
      AccountState(
        wallet: $0.wallet, asset: $0.asset, total: $0.total, locked: $0.locked,
        isolated: $0.isolated)
    }
  }

  /// The mid; zero before the first price.
  public func price(of instrument: InstrumentIndex) -> Price { states[instrument.position].price }

  /// The mark; zero before the first price.
  public func mark(of instrument: InstrumentIndex) -> Price { states[instrument.position].mark }

  /// The position in a perpetual and its settings.
  public func positionState(of instrument: InstrumentIndex) -> PositionState {
    let state = states[instrument.position]
    let setting = settings[instrument.position]
    return PositionState(
      quantity: state.holding.quantity, cost: state.holding.cost, margin: state.holding.margin,
      mark: state.mark, leverage: setting.leverage, isCross: setting.isCross)
  }

  /// The perpetuals with a position, in universe order.
  public var openPositions: [InstrumentIndex] {
    states.indices.filter { !states[$0].holding.quantity.isZero }.map(InstrumentIndex.init)
  }

  /// The wallet behind the perpetuals that settle in an asset.
  public func marginState(of asset: AssetID) -> MarginState {
    guard let place = purses.existing(asset, in: layout.wallet(of: .perp)) else {
      return MarginState(
        total: .zero, locked: .zero, isolated: .zero, collateral: .zero, available: .zero)
    }
    let purse = purses[place]
    return MarginState(
      total: purse.total, locked: purse.locked, isolated: purse.isolated,
      collateral: crossAccount(place).collateral, available: available(place))
  }

  /// Initial margin of a notional on a perpetual.
  public func initialMargin(of notional: Notional, on instrument: InstrumentIndex) -> Notional {
    notional.divided(by: settings[instrument.position].leverage)
  }

  /// The mark at which a position would be liquidated; nil when flat or out of reach.
  public func liquidationPrice(of instrument: InstrumentIndex) -> Price? {
    settings[instrument.position].isCross
      ? crossLiquidationPrice(instrument.position) : states[instrument.position].liquidationPrice
  }

  /// Checks an order as `submit` would, apart from its id, and changes nothing.
  public func examine(_ order: OrderRequest, at time: Timestamp) throws(Refusal) {
    _ = try check(order, at: time)
  }

  /// Changes notional over initial margin of a perpetual.
  ///
  /// Refusals: `leverageTooHigh` above what the tier of the position allows; `insufficientMargin`
  /// where an isolated position is open and the new leverage is lower, or where the wallet would
  /// not cover the cross positions.
  public mutating func setLeverage(
    _ leverage: Rate, of instrument: InstrumentIndex
  ) throws(Refusal) {
    let place = instrument.position
    let holding = states[place].holding
    let before = settings[place]
    let notional = states[place].mark.notional(of: holding.quantity.magnitude)
    let largest = universe.instruments[place].marginTier(for: notional)?.maximumLeverage
    guard leverage >= .one, leverage <= largest ?? leverage else {
      throw Refusal(.leverageTooHigh, "leverage \(leverage) is not in 1 to \(largest ?? .one)")
    }
    if !holding.quantity.isZero, leverage < before.leverage, !before.isCross {
      throw Refusal(.insufficientMargin, "an isolated position is open at \(before.leverage)")
    }
    settings[place].leverage = leverage
    if !holding.quantity.isZero, leverage < before.leverage,
      available(states[place].quotePurse).isNegative
    {
      settings[place].leverage = before.leverage
      throw Refusal(.insufficientMargin, "the wallet does not cover leverage \(leverage)")
    }
  }

  /// Lets the whole wallet stand for a perpetual's position, or not.
  ///
  /// Refusals: `other` while there is a position or an order.
  public mutating func setCross(
    _ isCross: Bool, of instrument: InstrumentIndex
  ) throws(Refusal) {
    let place = instrument.position
    if settings[place].isCross == isCross { return }
    guard states[place].holding.quantity.isZero else {
      throw Refusal(.other, "there is a position")
    }
    guard states[place].restingOrders == 0 else { throw Refusal(.other, "there are open orders") }
    settings[place].isCross = isCross
  }

  /// Lets an instrument trade or not.
  public mutating func setStatus(_ status: ListingStatus, of instrument: InstrumentIndex) {
    statuses[instrument.position] = status
  }

  /// Gives to a wallet of the layout, or takes when negative.
  public mutating func deposit(_ amount: Amount, of asset: AssetID, in wallet: Wallet) {
    precondition(purses.has(wallet), "Invariant: deposits go to wallets of the layout")
    purses[purses.place(of: asset, in: wallet)].total += amount
  }

  /// Fills what rests again, where the book was refilled since the last price.
  public mutating func rematch(at time: Timestamp, into events: inout [VenueEvent]) {
    if resting.isEmpty { return }
    for place in states.indices where states[place].restingOrders > 0 {
      let state = states[place]
      matchResting(place, bid: state.bid, ask: state.ask, at: time, into: &events)
    }
  }

  /// Closes a fraction of a position at mark without a fee, in lots, one at least.
  public mutating func deleverage(
    _ instrument: InstrumentIndex, fraction: Rate, at time: Timestamp,
    into events: inout [VenueEvent]
  ) {
    let place = instrument.position
    let held = states[place].holding.quantity
    if held.isZero { return }
    let lot = universe.instruments[place].lot
    let part = max(
      held.magnitude.times(fraction, .down).rounded(toMultipleOf: lot, .down),
      min(lot, held.magnitude))
    let closing = min(part, held.magnitude)
    force(
      place, held.isNegative ? closing : -closing, feeRate: .zero, .autoDeleveraging, at: time,
      into: &events)
  }

  /// Ends a contract: takes back what rests and settles the position at mark with the taker's fee.
  public mutating func endContract(
    _ instrument: InstrumentIndex, at time: Timestamp, into events: inout [VenueEvent]
  ) {
    let place = instrument.position
    statuses[place] = .delisted
    for index in resting where orders[index].place == place {
      finish(index, .cancelled, into: &events)
    }
    let held = states[place].holding.quantity
    if held.isZero { return }
    force(
      place, -held, feeRate: universe.instruments[place].fees.taker, .settlement, at: time,
      into: &events)
  }

  /// Closes a part of a position at mark by the venue's own will.
  ///
  /// In a separate futures wallet the loss and the fee of a liquidation are at most what is there.
  mutating func force(
    _ place: Int, _ signed: Quantity, feeRate: Rate, _ cause: Fill.Cause, at time: Timestamp,
    into events: inout [VenueEvent]
  ) {
    let instrument = universe.instruments[place]
    let mark = states[place].mark
    let purse = states[place].quotePurse
    let value = mark.notional(of: signed.magnitude)
    var charge = Charge(amount: fee(of: value, rate: feeRate).amount, purse: purse)
    var realized = tradePerp(place, signed, at: mark, Charge(amount: .zero, purse: purse))
    if cause == .liquidation, layout == .separate {
      let left = purses[purse].total - purses[purse].isolated
      if left.isNegative {
        // The insurance fund bears what the wallet cannot.
        purses[purse].total -= left
        realized -= left.reinterpreted(as: Unit.Quote.self)
      }
      charge = Charge(amount: min(charge.amount, max(left, .zero)), purse: purse)
    }
    purses[purse].total -= charge.amount
    coverShortfall(place)
    let trade = nextTrade
    append(
      Fill(
        instrument: instrument.id, trade: trade, order: nil,
        venueOrder: VenueOrderID("\(cause.rawValue)-\(trade)"), at: time,
        side: signed.isNegative ? .sell : .buy, quantity: signed.magnitude, price: mark,
        fee: charge.amount, feeAsset: instrument.quote, realized: realized, liquidity: .taker,
        cause: cause),
      into: &events)
    events.append(.position(position(place)))
  }
}
