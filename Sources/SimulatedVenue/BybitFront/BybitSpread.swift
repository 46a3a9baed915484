import FixedPoint
import Trading

/// A combination of a perpetual and its spot: buying it buys the perpetual and sells spot.
struct BybitCombo {
  let perp: ListedInstrument
  let spot: ListedInstrument
  /// Whole lots on both legs, base units.
  let lot: Quantity

  /// As in `SOLUSDT_SOL/USDT`.
  var symbol: String { "\(perp.name)_\(spot.baseName)/\(spot.quoteName)" }
  var tick: Price { max(perp.instrument.tick, spot.instrument.tick) }
  var minimum: Quantity {
    max(perp.instrument.minimumQuantity, spot.instrument.minimumQuantity)
      .rounded(toMultipleOf: lot, .ceiling)
  }
  var places: Int { tick.places }
}

/// One price of a combination with what both legs have there.
struct BybitSpreadLevel {
  /// Perpetual less spot.
  let price: Price
  let quantity: Quantity
}

/// An order for a combination.
struct BybitSpreadOrder {
  enum State: String {
    case new = "New"
    case partiallyFilled = "PartiallyFilled"
    case filled = "Filled"
    case cancelled = "Cancelled"
    case rejected = "Rejected"

    var isOpen: Bool { self == .new || self == .partiallyFilled }
  }

  let number: Int64
  /// Empty when the client gave none.
  let link: String
  let combo: BybitCombo
  let side: Side
  /// Perpetual less spot, may be negative; nil for a market order.
  let price: Price?
  let quantity: Quantity
  let timeInForce: String
  let createdAt: Timestamp
  var updatedAt: Timestamp
  var state = State.new
  var executed = Quantity.zero
  /// Whether the engine knows it.
  var isEngaged = false
  var trades: [BybitSpreadTrade] = []

  var id: String { BybitID.id(.spread, number) }
  var remaining: Quantity { state.isOpen ? quantity - executed : .zero }
}

/// One execution of a combination: an execution of each leg, of the same quantity.
struct BybitSpreadTrade {
  let number: Int64
  let at: Timestamp
  let quantity: Quantity
  /// Perpetual less spot.
  let price: Price
  /// Orders of the legs.
  let perpOrder: Int64
  let spotOrder: Int64
}

/// All orders for combinations.
struct BybitSpreads {
  /// Oldest first; the place is the number less one.
  var orders: [BybitSpreadOrder] = []
  var trades: Int64 = 0
  /// Numbers of the legs' orders.
  private var legs: Set<Int64> = []
  /// Places of orders whose change nobody was told of yet.
  var untold: [(place: Int, trade: BybitSpreadTrade?)] = []

  /// Whether an order of the world is a leg.
  func isLeg(_ number: Int64) -> Bool { legs.contains(number) }
  mutating func addLeg(_ number: Int64) { legs.insert(number) }
}

extension BybitFront {
  /// One combination for each pair whose legs trade in the same unit.
  var combos: [BybitCombo] {
    venue.universe.pairs.compactMap { pair in
      let perp = venue.listing(pair.perp)
      guard perp.multiplier == 1 else { return nil }
      return BybitCombo(perp: perp, spot: venue.listing(pair.spot), lot: pair.jointLot)
    }
  }

  /// The prices of a combination; nil before there are prices.
  func top(_ combo: BybitCombo) -> (bid: BybitSpreadLevel, ask: BybitSpreadLevel)? {
    guard let perp = venue.top(combo.perp.index), let spot = venue.top(combo.spot.index) else {
      return nil
    }
    func size(_ left: BookLevel, _ right: BookLevel) -> Quantity {
      min(left.quantity, right.quantity).rounded(toMultipleOf: combo.lot, .down)
    }
    return (
      BybitSpreadLevel(price: perp.bid.price - spot.ask.price, quantity: size(perp.bid, spot.ask)),
      BybitSpreadLevel(price: perp.ask.price - spot.bid.price, quantity: size(perp.ask, spot.bid))
    )
  }

  /// Matches what rests on a pair of which a leg has a new price.
  func matchSpreads(_ listing: ListedInstrument, into sink: inout FrameSink) {
    for place in spreads.orders.indices
    where spreads.orders[place].isEngaged && spreads.orders[place].state.isOpen {
      let combo = spreads.orders[place].combo
      if combo.perp.index == listing.index || combo.spot.index == listing.index {
        trade(place)
      }
    }
    tellSpreads(into: &sink)
  }

  /// The engine takes an order: it trades, rests or ends.
  func engage(_ place: Int) {
    guard spreads.orders[place].state.isOpen else { return }
    spreads.orders[place].isEngaged = true
    let order = spreads.orders[place]
    if order.timeInForce == "PostOnly", isMarketable(order) { return end(place, .cancelled) }
    if order.timeInForce == "FOK", !isWhole(order) { return end(place, .cancelled) }
    spreads.untold.append((place, nil))
    trade(place)
    let rests = order.price != nil && ["GTC", "PostOnly"].contains(order.timeInForce)
    if !rests, spreads.orders[place].state.isOpen { end(place, .cancelled) }
  }

  func end(_ place: Int, _ state: BybitSpreadOrder.State) {
    spreads.orders[place].state = state
    spreads.orders[place].updatedAt = venue.now
    spreads.untold.append((place, nil))
  }

  private func isMarketable(_ order: BybitSpreadOrder) -> Bool {
    guard let top = top(order.combo) else { return false }
    guard let price = order.price else { return true }
    return order.side == .buy ? price >= top.ask.price : price <= top.bid.price
  }

  private func isWhole(_ order: BybitSpreadOrder) -> Bool {
    guard isMarketable(order), let top = top(order.combo) else { return false }
    return (order.side == .buy ? top.ask : top.bid).quantity >= order.quantity
  }

  /// Trades what stands at the best prices of both legs, both or none.
  private func trade(_ place: Int) {
    let order = spreads.orders[place]
    guard isMarketable(order), let top = top(order.combo) else { return }
    let level = order.side == .buy ? top.ask : top.bid
    let quantity = min(order.remaining, level.quantity)
    guard quantity >= order.combo.minimum, let legs = legs(order.combo, order.side, quantity) else {
      return
    }
    guard venue.refusal(of: legs.spot) == nil, venue.refusal(of: legs.perp) == nil,
      isAffordable(legs, order.combo), let spot = try? venue.submit(legs.spot),
      let perp = try? venue.submit(legs.perp)
    else { return end(place, order.executed.isZero ? .rejected : .cancelled) }
    spreads.addLeg(spot.number)
    spreads.addLeg(perp.number)
    venue.halveFees(of: spot)
    venue.halveFees(of: perp)
    spreads.trades += 1
    let trade = BybitSpreadTrade(
      number: spreads.trades, at: venue.now, quantity: quantity,
      price: perp.averagePrice - spot.averagePrice, perpOrder: perp.number,
      spotOrder: spot.number)
    spreads.orders[place].trades.append(trade)
    spreads.orders[place].executed += quantity
    spreads.orders[place].updatedAt = venue.now
    let isDone = spreads.orders[place].executed == order.quantity
    spreads.orders[place].state = isDone ? .filled : .partiallyFilled
    spreads.untold.append((place, trade))
  }

  /// Orders for both legs at the best prices; nil before there are prices.
  func legs(
    _ combo: BybitCombo, _ side: Side, _ quantity: Quantity
  ) -> (spot: NewOrder, perp: NewOrder)? {
    func leg(_ listing: ListedInstrument, _ side: Side) -> NewOrder? {
      guard let top = venue.top(listing.index) else { return nil }
      sequence += 1
      return NewOrder(
        clientID: "#\(sequence)", instrument: listing.index, side: side, quantity: quantity,
        price: side == .buy ? top.ask.price : top.bid.price, timeInForce: .immediateOrCancel)
    }
    guard let spot = leg(combo.spot, side.opposite), let perp = leg(combo.perp, side) else {
      return nil
    }
    return (spot, perp)
  }

  /// Whether the account can bear both legs together.
  func isAffordable(_ legs: (spot: NewOrder, perp: NewOrder), _ combo: BybitCombo) -> Bool {
    let held = venue.position(combo.perp.index).quantity
    let after = held + legs.perp.side.signed(legs.perp.quantity)
    let opens = max(after.magnitude - held.magnitude, .zero)
    let margin = (legs.perp.price ?? .zero).notional(of: opens)
    let leverage = venue.leverage(of: combo.perp.index)
    var need = Amount(raw: Wide.ratio(margin.raw, leverage.raw, .ceiling))
    if legs.spot.side == .buy {
      need += (legs.spot.price ?? .zero).notional(of: legs.spot.quantity).amount
    }
    return need <= venue.margin(in: combo.perp.instrument.quote).available
  }
}

extension Venue {
  /// Gives half of an order's fees back, as for the legs of a combination.
  func halveFees(of order: WorldOrder) {
    for place in order.fills {
      let world = fills[place]
      let fill = world.fill
      let half = fill.fee.divided(by: 2, rounding: .halfEven)
      let purse = wallet(of: fill.instrument.market)
      fills[place] = WorldFill(
        number: world.number, order: world.order,
        fill: Fill(
          instrument: fill.instrument, trade: fill.trade, order: fill.order,
          venueOrder: fill.venueOrder, at: fill.at, side: fill.side, quantity: fill.quantity,
          price: fill.price, fee: fill.fee - half, feeAsset: fill.feeAsset,
          realized: fill.realized, liquidity: fill.liquidity, cause: fill.cause),
        instrument: world.instrument, closed: world.closed, position: world.position)
      put(half, of: fill.feeAsset, in: purse)
      enter(.commission, purse, fill.feeAsset, half, instrument: world.instrument, fill: place)
      tellBalances(.trade, [(purse, fill.feeAsset)])
    }
  }
}
