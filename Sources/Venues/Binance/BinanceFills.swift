import FixedPoint
import Trading
import Wire

extension BinanceDialect {
  /// Executions of `myTrades` or `userTrades`, which do not say whose order it was.
  func fills(
    _ rows: [BinanceRow], of instrument: BinanceInstrument
  ) throws(DialectError) -> [Fill] {
    var fills: [Fill] = []
    for row in rows {
      fills.append(
        instrument.id.market == .spot
          ? try Self.spotFill(row, instrument) : try Self.perpFill(row, instrument))
    }
    return fills
  }

  private static func spotFill(
    _ row: BinanceRow, _ instrument: BinanceInstrument
  ) throws(DialectError) -> Fill {
    Fill(
      instrument: instrument.id, trade: TradeID(try row.text("id")), order: nil,
      venueOrder: VenueOrderID(try row.text("orderId")), at: try row.time("time"),
      side: try row.bool("isBuyer") ? .buy : .sell,
      quantity: try instrument.quantity(try row.positive("qty")),
      price: try instrument.price(try row.positive("price")), fee: try row.decimal("commission"),
      feeAsset: AssetID(try row.text("commissionAsset")), realized: .zero,
      liquidity: try row.bool("isMaker") ? .maker : .taker, cause: .order)
  }

  private static func perpFill(
    _ row: BinanceRow, _ instrument: BinanceInstrument
  ) throws(DialectError) -> Fill {
    Fill(
      instrument: instrument.id, trade: TradeID(try row.text("id")), order: nil,
      venueOrder: VenueOrderID(try row.text("orderId")), at: try row.time("time"),
      side: try side(try row.text("side")),
      quantity: try instrument.quantity(try row.positive("qty")),
      price: try instrument.price(try row.positive("price")), fee: try row.decimal("commission"),
      feeAsset: AssetID(try row.text("commissionAsset")),
      realized: try row.decimal("realizedPnl"),
      liquidity: try row.bool("maker") ? .maker : .taker, cause: .order)
  }

  static func side(_ text: String) throws(DialectError) -> Side {
    switch text {
    case "BUY": .buy
    case "SELL": .sell
    default: throw DialectError("a side that is neither BUY nor SELL")
    }
  }

  /// Why there was an execution, by the id of the order: the venue's own orders have names.
  static func cause(of clientOrder: String) -> Fill.Cause {
    if clientOrder.hasPrefix("autoclose-") { return .liquidation }
    if clientOrder.hasPrefix("adl_autoclose") { return .autoDeleveraging }
    if clientOrder.hasPrefix("settlement_autoclose") { return .settlement }
    return .order
  }
}

extension Fill {
  /// The same execution, known to be of an order.
  func of(_ order: ClientOrderID?, _ cause: Cause = .order) -> Fill {
    Fill(
      instrument: instrument, trade: trade, order: order, venueOrder: venueOrder, at: at,
      side: side, quantity: quantity, price: price, fee: fee, feeAsset: feeAsset,
      realized: realized, liquidity: liquidity, cause: cause)
  }
}
