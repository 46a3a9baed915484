import FixedPoint
import Trading
import Wire

/// What was asked of an order beyond what the world keeps.
struct BybitOrderNote: Hashable {
  /// `GTC`, `IOC`, `FOK`, `PostOnly` or `RPI`, as sent.
  var timeInForce: String
  /// The bound of a market order; the limit of others is the world's.
  var marketPrice: Price?
  var closeOnTrigger: Bool
  /// `baseCoin`, `quoteCoin` or empty.
  var marketUnit: String
}

/// An order's two names.
struct BybitOrderName {
  let id: String
  let link: String

  var row: JSON { ["orderId": .string(id), "orderLinkId": .string(link)] }
}

extension BybitFront {
  /// Checks an order, acknowledges it and sends it to the engine after the delay.
  ///
  /// A post-only order of a perpetual that would trade is acknowledged all the same.
  func create(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitOrderName {
    let listing = try listing(parameters)
    let (order, note) = try order(parameters, listing)
    if let refusal = venue.refusal(of: order),
      !(listing.isPerp && refusal.reason == .wouldTakeLiquidity)
    {
      throw BybitRefusal(refusal, listing)
    }
    let open = venue.openOrders(on: listing.isPerp ? listing.index : nil)
    if open.count >= 500 {
      throw listing.isPerp
        ? BybitRefusal(110020, "Not allowed to have more than 500 active orders.")
        : BybitRefusal(170810, "Cannot exceed maximum of 500 orders.")
    }
    let number = venue.submit(order, after: settings.engineDelay)
    notes[number] = note
    return BybitOrderName(
      id: BybitID.order(number, listing.category), link: parameters.text("orderLinkId") ?? "")
  }

  private func order(
    _ parameters: BybitParameters, _ listing: ListedInstrument
  ) throws(BybitRefusal) -> (NewOrder, BybitOrderNote) {
    guard let side = Side(bybit: try parameters.required("side")) else {
      throw .parameter("Side invalid")
    }
    let type = try parameters.required("orderType")
    guard type == "Limit" || type == "Market" else { throw .parameter("OrderType invalid") }
    let isOneWay = try parameters.integer("positionIdx") ?? 0 == 0
    if listing.isPerp, !isOneWay || venue.isHedgeMode {
      throw .parameter("position idx not match position mode")
    }
    let price = type == "Limit" ? try limit(parameters, side, listing) : nil
    let given = parameters.text("timeInForce") ?? (type == "Market" ? "IOC" : "GTC")
    let unit = parameters.text("marketUnit") ?? ""
    var note = BybitOrderNote(
      timeInForce: type == "Market" ? "IOC" : given, marketPrice: nil,
      closeOnTrigger: parameters.flag("closeOnTrigger"), marketUnit: unit)
    var order = NewOrder(
      clientID: try link(parameters), instrument: listing.index, side: side, quantity: .zero,
      price: price, timeInForce: try Self.timeInForce(given),
      reduceOnly: listing.isPerp && parameters.flag("reduceOnly"), isCutToPosition: true)
    if price == nil {
      let limits = priceLimits(listing)
      note.marketPrice = side == .buy ? limits.highest : limits.lowest
    }
    let isByValue =
      !listing.isPerp && price == nil && (unit == "quoteCoin" || unit.isEmpty && side == .buy)
    if isByValue {
      guard let value = try parameters.decimal("qty", Unit.Quote.self), value.isPositive else {
        throw .missing("qty")
      }
      order.quoteQuantity = value
    } else {
      order.quantity = try quantity(parameters, listing, note, order)
    }
    return (order, note)
  }

  /// The client's own id; one that no client can send where there is none.
  private func link(_ parameters: BybitParameters) throws(BybitRefusal) -> String {
    guard let link = parameters.text("orderLinkId") else {
      sequence += 1
      return "#\(sequence)"
    }
    let isPlain = link.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    guard isPlain, link.utf8.count <= 36 else { throw .parameter("OrderLinkedID invalid") }
    return link
  }

  private func limit(
    _ parameters: BybitParameters, _ side: Side, _ listing: ListedInstrument
  ) throws(BybitRefusal) -> Price {
    guard let wire = try parameters.decimal("price", Unit.QuotePerBase.self) else {
      throw .missing("price")
    }
    guard let price = listing.neutral(wire), price.isPositive,
      price.isMultiple(of: listing.instrument.tick)
    else { throw BybitRefusal(OrderRefusal(.invalidPrice, ""), listing) }
    try checkPriceLimit(price, side, listing)
    return price
  }

  /// Buys may not be far above and sells not far below the market.
  private func checkPriceLimit(
    _ price: Price, _ side: Side, _ listing: ListedInstrument
  ) throws(BybitRefusal) {
    guard venue.hasPrice(listing.index) else { return }
    let limits = priceLimits(listing)
    if side == .buy, price > limits.highest {
      throw listing.isPerp
        ? BybitRefusal(30208, "The order price is higher than the maximum buying price.")
        : BybitRefusal(170193, "Buy order price cannot be higher than \(limits.highest).")
    }
    if side == .sell, price < limits.lowest {
      throw listing.isPerp
        ? BybitRefusal(30209, "The order price is lower than the minimum selling price.")
        : BybitRefusal(170194, "Sell order price cannot be lower than \(limits.lowest).")
    }
  }

  /// Base units; "0" closes the whole position where that was asked for.
  private func quantity(
    _ parameters: BybitParameters, _ listing: ListedInstrument, _ note: BybitOrderNote,
    _ order: NewOrder
  ) throws(BybitRefusal) -> Quantity {
    guard let wire = try parameters.decimal("qty", Unit.Base.self), !wire.isNegative else {
      throw .missing("qty")
    }
    if wire.isZero, order.reduceOnly, note.closeOnTrigger {
      let held = venue.position(order.instrument).quantity
      if held.isZero { throw BybitRefusal(OrderRefusal(.reduceOnlyViolated, ""), listing) }
      return held.magnitude
    }
    let quantity = listing.neutral(wire)
    let lot = listing.instrument.lot
    if wire.isZero || !quantity.isMultiple(of: lot) || wire > listing.maximumQuantity {
      throw BybitRefusal(OrderRefusal(.invalidQuantity, ""), listing)
    }
    // The venue says "too small in value" before "too small in number".
    let value = (order.price ?? venue.lastPrice(order.instrument)).notional(of: quantity)
    if !order.reduceOnly, value < listing.instrument.minimumNotional {
      throw BybitRefusal(OrderRefusal(.belowMinimumNotional, ""), listing)
    }
    return quantity
  }

  private static func timeInForce(_ text: String) throws(BybitRefusal) -> TimeInForce {
    switch text {
    case "GTC": .goodTillCancelled
    case "IOC": .immediateOrCancel
    case "FOK": .fillOrKill
    case "PostOnly", "RPI": .postOnly
    default: throw .parameter("TimeInForce invalid")
    }
  }
}
