import FixedPoint
public import Trading

extension SimulatedExchange {
  /// All balances that are not zero.
  public var balances: [Balance] { purses.balances }

  /// All positions that are not flat, in universe order.
  public var positions: [Position] {
    states.indices.lazy.filter { !states[$0].holding.quantity.isZero }.map { position($0) }
  }

  /// The position in the instrument at a place, as the venue states it.
  func position(_ place: Int) -> Position {
    let holding = states[place].holding
    return Position(
      instrument: universe.instruments[place].id, quantity: holding.quantity, cost: holding.cost,
      margin: holding.margin, liquidationPrice: liquidationPrice(of: InstrumentIndex(place)))
  }

  /// The account, with what happened at or after a moment.
  func snapshot(since: Timestamp) -> AccountSnapshot {
    AccountSnapshot(
      venue: venue, balances: balances, positions: positions,
      openOrders: resting.map {
        OpenOrder(
          instrument: orders[$0].request.instrument, id: orders[$0].request.id,
          venueOrder: orders[$0].venueOrder)
      },
      fills: Array(fills[(fills.lastIndex { $0.at < since } ?? -1).advanced(by: 1)...]),
      payments: payments.filter { $0.settledAt >= since },
      transfers: transfers.lazy.filter { $0.at >= since }.map(\.transfer))
  }

  /// Moves an asset between two wallets of the layout.
  ///
  /// Refusals: `duplicateID` for an id seen before, `other` for a foreign venue or wallet,
  /// `invalidQuantity` for an amount not above zero, `insufficientBalance`.
  mutating func move(
    _ transfer: Transfer, at time: Timestamp, into events: inout [VenueEvent]
  ) {
    let reason = refusal(of: transfer)
    seenTransfers.insert(transfer.id)
    if let reason { return events.append(.transferRefused(transfer, reason)) }
    purses[purses.place(of: transfer.asset, in: transfer.from)].total -= transfer.amount
    purses[purses.place(of: transfer.asset, in: transfer.to)].total += transfer.amount
    transfers.append(PerformedTransfer(at: time, transfer: transfer))
    events.append(.transferred(transfer))
  }

  /// Moves collateral between the free part of the wallet and a position.
  ///
  /// What is given back must leave margin, less any unrealised loss, of at least notional over
  /// leverage at mark. Refusals: `unknownInstrument`, `notFound` when flat, `insufficientMargin`.
  mutating func adjustMargin(
    of id: InstrumentID, by amount: Notional, into events: inout [VenueEvent]
  ) {
    guard let place = universe.index(of: id)?.position, states[place].isListed,
      states[place].isPerp
    else { return events.append(.marginRefused(id, .unknownInstrument)) }
    let holding = states[place].holding
    if holding.quantity.isZero { return events.append(.marginRefused(id, .notFound)) }
    let mark = states[place].mark
    let initial = mark.notional(of: holding.quantity.magnitude)
      .divided(by: settings[place].leverage)
    let kept = holding.margin + amount + min(holding.unrealized(at: mark), .zero)
    if amount.isPositive
      ? amount.amount > available(states[place].quotePurse)
      : amount.isNegative && kept < initial
    {
      return events.append(.marginRefused(id, .insufficientMargin))
    }
    setMargin(place, to: holding.margin + amount)
    events.append(.position(position(place)))
  }

  /// Pays a settlement to the position held: −quantity × mark × rate.
  ///
  /// Quantity × mark is rounded half-even at 18 places, and so is its product with the rate; both
  /// are exact for the decimals that venues use, until the wallet's places cut it. What the free part of the wallet cannot pay comes
  /// out of the position's margin.
  mutating func settle(
    _ index: InstrumentIndex, _ rate: FundingRate, mark: Price, into events: inout [VenueEvent]
  ) {
    let place = index.position
    guard states[place].isListed, states[place].isPerp else { return }
    events.append(.fundingSettled(index, rate, mark: mark))
    let quantity = states[place].holding.quantity
    if quantity.isZero { return }
    let amount = -mark.notional(of: quantity).times(rate.rate)
      .rounded(places: rules.cashPlaces, .halfEven)
    purses[states[place].quotePurse].total += amount.amount
    coverShortfall(place)
    defer { if !crossPlaces.isEmpty { liquidateCross(at: rate.settlesAt, into: &events) } }
    let payment = FundingPayment(
      instrument: universe.instruments[place].id, id: PaymentID(String(payments.count + 1)),
      settledAt: rate.settlesAt, amount: amount.amount, asset: universe.instruments[place].quote)
    payments.append(payment)
    events.append(.fundingPaid(payment))
    events.append(.position(position(place)))
  }

  /// Takes from a position's margin what is missing in the free part of its wallet, as far as it
  /// goes, and computes the liquidation price anew.
  mutating func coverShortfall(_ place: Int) {
    if settings[place].isCross { return standOnWallet(place) }
    let free = purses[states[place].quotePurse].free
    let margin = states[place].holding.margin
    // The collateral is kept in the quote asset, so its amount is a notional.
    let missing = free.isNegative ? -free.reinterpreted(as: Unit.Quote.self) : .zero
    setMargin(place, to: margin - min(margin, missing))
  }

  private mutating func setMargin(_ place: Int, to margin: Notional) {
    let before = states[place].holding.margin
    states[place].holding.margin = margin
    purses[states[place].quotePurse].isolated += (margin - before).amount
    states[place].refresh(tiers: universe.instruments[place].marginTiers)
  }

  private mutating func refusal(of transfer: Transfer) -> RefusalReason? {
    if seenTransfers.contains(transfer.id) { return .duplicateID }
    if transfer.venue != venue || transfer.from == transfer.to || !purses.has(transfer.from)
      || !purses.has(transfer.to)
    {
      return .other
    }
    if !transfer.amount.isPositive { return .invalidQuantity }
    let place = purses.place(of: transfer.asset, in: transfer.from)
    return transfer.amount > purses[place].free ? .insufficientBalance : nil
  }
}
