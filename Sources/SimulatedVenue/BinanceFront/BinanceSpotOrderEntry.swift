import FixedPoint
import Trading
import Wire

/// What an order's answer contains.
enum BinanceResponseType: String { case acknowledge = "ACK", result = "RESULT", full = "FULL" }

// Reading and checking orders of the spot market.
extension BinanceSpotFront {
  /// An order as a request states it, checked against the symbol's filters.
  func spotOrderEntry(
    _ parameters: BinanceParameters
  ) throws(BinanceError) -> (order: NewOrder, symbol: BinanceSymbol, type: BinanceResponseType) {
    let symbol = try symbol(named: parameters.mandatory("symbol"))
    guard let side = Side(rawValue: try parameters.mandatory("side").lowercased()) else {
      throw .side
    }
    let id = try clientID(parameters, "newClientOrderId")
    let type = try parameters.mandatory("type")
    var order: NewOrder
    switch type {
    case "LIMIT", "LIMIT_MAKER":
      let price: Price = try spotDecimal("price", of: parameters)
      order = NewOrder(
        clientID: id, instrument: symbol.index, side: side,
        quantity: try spotDecimal("quantity", of: parameters), price: price)
      order.timeInForce = try Self.timeInForce(parameters, isMaker: type == "LIMIT_MAKER")
    case "MARKET": order = try marketOrder(parameters, id, symbol, side)
    default: throw .orderType
    }
    order.tag = type
    try checkFilters(order, symbol)
    return (order, symbol, try Self.responseType(parameters, of: type))
  }

  /// A client id, made up when none is given.
  func clientID(_ parameters: BinanceParameters, _ name: String) throws(BinanceError) -> String {
    guard let id = try parameters.text(name) else { return venue.madeUpID() }
    let isLegal =
      id.utf8.count <= 36
      && id.utf8.allSatisfy { BinanceClientID.isLegal($0) }
    if !isLegal { throw .illegal(name, range: #"^[\.A-Z\:/a-z0-9_-]{1,36}$"#) }
    return id
  }

  private func marketOrder(
    _ parameters: BinanceParameters, _ id: String, _ symbol: BinanceSymbol, _ side: Side
  ) throws(BinanceError) -> NewOrder {
    for name in ["price", "timeInForce"] where try parameters.text(name) != nil {
      throw .notRequired(name)
    }
    let quantity = try parameters.decimal("quantity", as: Unit.Base.self)
    let value = try parameters.decimal("quoteOrderQty", as: Unit.Quote.self)
    if quantity != nil, value != nil { throw .combination }
    guard quantity != nil || value != nil else {
      throw BinanceError(
        -1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!")
    }
    try Self.checkPlaces(quantity, "quantity")
    try Self.checkPlaces(value, "quoteOrderQty")
    return NewOrder(
      clientID: id, instrument: symbol.index, side: side, quantity: quantity ?? .zero,
      quoteQuantity: value)
  }

  private func spotDecimal<U>(
    _ name: String, of parameters: BinanceParameters
  ) throws(BinanceError) -> Fixed<U> {
    _ = try parameters.mandatory(name)
    guard let value = try parameters.decimal(name, as: U.self) else { throw .missing(name) }
    try Self.checkPlaces(value, name)
    return value
  }

  private static func checkPlaces<U>(
    _ value: Fixed<U>?, _ name: String
  ) throws(BinanceError) {
    if let value, BinanceSymbol.places(value) > 8 { throw .tooPrecise(name) }
  }

  private static func timeInForce(
    _ parameters: BinanceParameters, isMaker: Bool
  ) throws(BinanceError) -> TimeInForce {
    if isMaker {
      if try parameters.text("timeInForce") != nil { throw .notRequired("timeInForce") }
      return .postOnly
    }
    return switch try parameters.mandatory("timeInForce") {
    case "GTC": .goodTillCancelled
    case "IOC": .immediateOrCancel
    case "FOK": .fillOrKill
    default: throw .timeInForce
    }
  }

  private static func responseType(
    _ parameters: BinanceParameters, of type: String
  ) throws(BinanceError) -> BinanceResponseType {
    guard let text = try parameters.text("newOrderRespType") else {
      return type == "LIMIT_MAKER" ? .acknowledge : .full
    }
    guard let type = BinanceResponseType(rawValue: text) else {
      throw .invalid("newOrderRespType")
    }
    return type
  }

  /// Checks the symbol's filters in the venue's order.
  private func checkFilters(_ order: NewOrder, _ symbol: BinanceSymbol) throws(BinanceError) {
    let reference = reference(symbol)
    if let price = order.price {
      if !price.isPositive { throw BinanceError(-1013, "Invalid price.") }
      guard price >= symbol.lowestPrice, price <= symbol.highestPrice,
        price.isMultiple(of: symbol.listed.wireTick)
      else { throw .filter("PRICE_FILTER") }
      if !reference.isZero,
        price > reference.times(symbol.band.up)
          || price < reference.times(symbol.band.down)
      {
        throw .filter("PERCENT_PRICE_BY_SIDE")
      }
    }
    if let value = order.quoteQuantity {
      if value < symbol.instrument.minimumNotional { throw .filter("NOTIONAL") }
      return
    }
    if !order.quantity.isPositive { throw BinanceError(-1013, "Invalid quantity.") }
    guard order.quantity >= symbol.listed.wireMinimum, order.quantity <= symbol.largest,
      order.quantity.isMultiple(of: symbol.listed.wireLot)
    else { throw .filter("LOT_SIZE") }
    if order.price == nil, order.quantity > symbol.largestAtMarket {
      throw .filter("MARKET_LOT_SIZE")
    }
    let value = (order.price ?? reference).notional(of: order.quantity)
    if value < symbol.instrument.minimumNotional
      || (order.price != nil && value > "9000000")
    {
      throw .filter("NOTIONAL")
    }
  }
}

/// Rules of client ids.
enum BinanceClientID {
  /// Letters, digits and `.:/_-`.
  static func isLegal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: ":"),
      UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}

extension Venue {
  /// An id for an order whose client gave none: unique, for the next order has another number.
  func madeUpID() -> String {
    let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    var state = UInt64(orders.count) &* 2_654_435_761 &+ 88_172_645_463_325_252
    let bytes = (0..<22).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return alphabet[Int((state >> 33) % UInt64(alphabet.count))]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
