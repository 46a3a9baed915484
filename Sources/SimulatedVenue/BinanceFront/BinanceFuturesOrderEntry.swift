import FixedPoint
import Trading
import Wire

// Reading and checking orders of perpetuals.
extension BinanceFuturesFront {
  /// An order as a request states it, in neutral units, checked against the symbol's filters.
  func futuresOrderEntry(
    _ parameters: BinanceParameters
  ) throws(BinanceError) -> (order: NewOrder, symbol: BinanceSymbol, isResult: Bool) {
    let symbol = try symbol(named: parameters.mandatory("symbol"))
    guard let side = Side(rawValue: try parameters.mandatory("side").lowercased()) else {
      throw .side
    }
    let isLimit = try isLimitOrder(parameters)
    try checkPositionSide(parameters)
    let quantity: Quantity = try number("quantity", of: parameters, symbol.quantityPrecision)
    var order = NewOrder(
      clientID: try futuresClientID(parameters), instrument: symbol.index, side: side,
      quantity: symbol.listed.neutral(quantity))
    order.reduceOnly = try parameters.flag("reduceOnly") ?? false
    order.isCutToPosition = order.reduceOnly
    var limit: Price?
    if isLimit {
      order.timeInForce = try timeInForce(parameters)
      let price: Price = try number("price", of: parameters, symbol.pricePrecision)
      limit = price
      try check(price, side, symbol)
      guard let neutral = symbol.listed.neutral(price) else { throw .precision }
      order.price = neutral
    }
    try check(quantity, isLimit: isLimit, symbol)
    try checkStatus(order, symbol)
    let value =
      limit.map { $0.notional(of: quantity) }
      ?? venue.mark(symbol.index).notional(of: order.quantity)
    if !order.reduceOnly, value < symbol.instrument.minimumNotional {
      throw .notional(symbol.instrument.minimumNotional.description)
    }
    return (order, symbol, try parameters.text("newOrderRespType") == "RESULT")
  }

  private func isLimitOrder(_ parameters: BinanceParameters) throws(BinanceError) -> Bool {
    switch try parameters.mandatory("type") {
    case "LIMIT": return true
    case "MARKET":
      for name in ["price", "timeInForce"] where try parameters.text(name) != nil {
        throw .notRequired(name)
      }
      return false
    case "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET":
      throw BinanceError(
        -4120,
        "Order type not supported for this endpoint. Please use the Algo Order API endpoints "
          + "instead.")
    default: throw .orderType
    }
  }

  /// Only one-way positions are traded here.
  private func checkPositionSide(_ parameters: BinanceParameters) throws(BinanceError) {
    let side = try parameters.text("positionSide") ?? "BOTH"
    guard ["BOTH", "LONG", "SHORT"].contains(side) else { throw .invalid("positionSide") }
    if side != "BOTH" || isHedgeMode { throw .positionSide }
  }

  private func timeInForce(_ parameters: BinanceParameters) throws(BinanceError) -> TimeInForce {
    switch try parameters.mandatory("timeInForce") {
    case "GTC": .goodTillCancelled
    case "IOC": .immediateOrCancel
    case "FOK": .fillOrKill
    case "GTX": .postOnly
    default: throw .timeInForce
    }
  }

  private func futuresClientID(_ parameters: BinanceParameters) throws(BinanceError) -> String {
    guard let id = try parameters.text("newClientOrderId") else { return venue.madeUpID() }
    guard id.utf8.count <= 36, id.utf8.allSatisfy({ BinanceClientID.isLegal($0) }) else {
      throw .clientIDNotValid
    }
    return id
  }

  private func number<U>(
    _ name: String, of parameters: BinanceParameters, _ places: Int
  ) throws(BinanceError) -> Fixed<U> {
    _ = try parameters.mandatory(name)
    guard let value = try parameters.decimal(name, as: U.self) else { throw .missing(name) }
    if BinanceSymbol.places(value) > places { throw .precision }
    return value
  }

  private func check(
    _ price: Price, _ side: Side, _ symbol: BinanceSymbol
  ) throws(BinanceError) {
    if !price.isPositive { throw BinanceError(-4001, "Price less than or equal to zero.") }
    if price < symbol.lowestPrice { throw BinanceError(-4013, "Price less than min price.") }
    if price > symbol.highestPrice {
      throw BinanceError(-4002, "Price greater than max price.")
    }
    if !price.isMultiple(of: symbol.listed.wireTick) { throw .offTick }
    let mark = symbol.listed.wire(venue.mark(symbol.index))
    if mark.isZero { return }
    let (highest, lowest) = (mark.times(symbol.band.up), mark.times(symbol.band.down))
    let places = symbol.tickPlaces
    if side == .buy, price > highest {
      throw .priceTooHigh(highest.rounded(places: places, .down).text(minimumPlaces: places))
    }
    if side == .sell, price < lowest {
      throw .priceTooLow(lowest.rounded(places: places, .up).text(minimumPlaces: places))
    }
  }

  private func check(
    _ quantity: Quantity, isLimit: Bool, _ symbol: BinanceSymbol
  ) throws(BinanceError) {
    if !quantity.isPositive { throw .quantityNotPositive }
    if quantity < symbol.listed.wireMinimum { throw .quantityTooSmall }
    if quantity > (isLimit ? symbol.largest : symbol.largestAtMarket) { throw .quantityTooLarge }
    if !quantity.isMultiple(of: symbol.listed.wireLot) { throw .offLot }
  }

  private func checkStatus(_ order: NewOrder, _ symbol: BinanceSymbol) throws(BinanceError) {
    switch symbol.listed.status {
    case .trading: break
    case .halted, .delisted, .cancelOnly: throw .symbolClosed
    case .reduceOnly:
      if !order.reduceOnly { throw .onlyReduceOnly }
    }
  }
}
