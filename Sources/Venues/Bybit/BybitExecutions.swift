import FixedPoint
import Trading
import Wire

/// One record of the executions, as REST and the topic `execution` state it.
enum BybitExecution: Sendable {
  /// A trade.
  ///
  /// `needsProfit` says that it closed a position and the record does not say with what profit.
  case fill(Fill, needsProfit: Bool)
  /// A funding payment with the mark price and rate it was computed from.
  case payment(FundingPayment, mark: Price)
  /// Nothing that is booked, with a notice where one is due.
  case other(String?)
}

extension BybitExecution {
  /// Whether it is an execution of a leg of a combination.
  static func isLeg(_ row: JSON) -> Bool { row["execType"]?.text == "FutureSpread" }

  /// Reads a record of an attached instrument.
  init(_ row: JSON, of market: BybitMarket) throws(DialectError) {
    switch try BybitField.text(row, "execType") {
    case "Funding":
      self = try Self.payment(row, of: market)
    case "Trade", "AdlTrade", "BustTrade", "Delivery", "Settle", "BlockTrade", "MovePosition",
      "FutureSpread":
      self = try Self.fill(row, of: market)
    case let type:
      self = .other("an execution of type \(type.prefix(20)) in \(market.id) is not booked")
    }
  }

  /// Funding in the terms of the books: `execFee` is above zero when it was paid.
  ///
  /// The id of the execution is the same in the stream and in the history, whose windows leave no
  /// gap; the record of the transaction log has no stream.
  private static func payment(
    _ row: JSON, of market: BybitMarket
  ) throws(DialectError) -> BybitExecution {
    let fee: Amount = try BybitField.decimal(row, "execFee")
    let payment = FundingPayment(
      instrument: market.id, id: PaymentID(rawValue: try BybitField.text(row, "execId")),
      settledAt: try BybitField.time(row, "execTime").floored(to: .hours(1)), amount: -fee,
      asset: feeAsset(row, market, .buy, fee))
    return .payment(payment, mark: try market.price(BybitField.positive(row, "execPrice")))
  }

  private static func fill(
    _ row: JSON, of market: BybitMarket
  ) throws(DialectError) -> BybitExecution {
    let side = try BybitField.side(row)
    let cause = cause(row)
    let fee = try fee(row, market)
    let profit = try profit(row, market)
    let fill = Fill(
      instrument: market.id, trade: TradeID(rawValue: try BybitField.text(row, "execId")),
      order: cause == .order ? ClientOrderID(BybitField.optionalText(row, "orderLinkId")) : nil,
      venueOrder: VenueOrderID(rawValue: BybitField.optionalText(row, "orderId")),
      at: try BybitField.time(row, "execTime"), side: side,
      quantity: try market.quantity(BybitField.positive(row, "execQty")),
      price: try market.price(BybitField.positive(row, "execPrice")), fee: fee,
      feeAsset: feeAsset(row, market, side, fee), realized: profit ?? .zero,
      liquidity: row["isMaker"]?.bool == true ? .maker : .taker, cause: cause)
    return .fill(fill, needsProfit: profit == nil)
  }

  /// Why there was a trade: its type, or who created the order behind it.
  private static func cause(_ row: JSON) -> Fill.Cause {
    switch (row["execType"]?.text, row["createType"]?.text) {
    case ("AdlTrade", _), (_, "CreateByAdl_PassThrough"): .autoDeleveraging
    case ("BustTrade", _), (_, "CreateByLiq"), (_, "CreateByTakeOver_PassThrough"): .liquidation
    case ("Delivery", _), ("Settle", _), (_, "CreateBySettle"): .settlement
    default: .order
    }
  }

  /// The fee with those extra fees that some regions take in the same asset.
  private static func fee(_ row: JSON, _ market: BybitMarket) throws(DialectError) -> Amount {
    let usual: Amount? = try BybitField.optionalDecimal(row, "execFee")
    // The spot leg of a combination has its fee in a field of its own.
    let leg: Amount? =
      isLeg(row) && market.category == .spot
      ? try BybitField.optionalDecimal(row, "execFeeV2") : nil
    guard var fee = leg ?? usual else { throw DialectError("execFee is missing") }
    let coin = feeCoin(row)
    for extra in row["extraFees"]?.elements ?? [] {
      guard extra["feeCoin"]?.text == coin else {
        throw DialectError("an extra fee is taken in another asset")
      }
      fee += try BybitField.decimal(extra, "fee")
    }
    return fee
  }

  /// What the venue credited on closing; nil when the record does not say.
  ///
  /// `execPnl` is documented to be the cash flow of the transaction log; only the stream has it.
  private static func profit(
    _ row: JSON, _ market: BybitMarket
  ) throws(DialectError) -> Notional? {
    guard market.category == .linear else { return .zero }
    if let profit: Notional = try BybitField.optionalDecimal(row, "execPnl") { return profit }
    let closed: Quantity? = try BybitField.optionalDecimal(row, "closedSize")
    return closed?.isZero == true ? .zero : nil
  }

  /// As stated; the topic `spread.execution` has a name of its own for it.
  private static func feeCoin(_ row: JSON) -> String {
    BybitField.optionalText(row, row["feeCurrency"] == nil ? "feeCoin" : "feeCurrency")
  }

  /// The settle coin of a perpetual; on spot what the order receives, and for a rebate the other.
  private static func feeAsset(
    _ row: JSON, _ market: BybitMarket, _ side: Side, _ fee: Amount
  ) -> AssetID {
    let coin = feeCoin(row)
    if !coin.isEmpty { return AssetID(rawValue: coin) }
    guard market.category == .spot else { return market.quote }
    return (side == .buy) != fee.isNegative ? market.base : market.quote
  }
}

extension Fill {
  /// The same execution with the profit that was learnt from elsewhere.
  func withProfit(_ profit: Notional) -> Fill {
    Fill(
      instrument: instrument, trade: trade, order: order, venueOrder: venueOrder, at: at,
      side: side, quantity: quantity, price: price, fee: fee, feeAsset: feeAsset,
      realized: profit, liquidity: liquidity, cause: cause)
  }
}

/// Finds in the transaction log what executions realized.
///
/// The log's `tradeId` is the id of the execution; a row that differs in it but not in order, side,
/// quantity and price has the same profit, since closing does not move the average entry.
struct BybitProfits: Sendable {
  private struct Row: Sendable {
    let trade: String
    let order: String
    let symbol: String
    let quantity: Quantity
    let price: Price
    let profit: Notional
  }
  private var rows: [Row] = []

  mutating func add(_ row: JSON) throws(DialectError) {
    // Funding has no trade behind it.
    guard row["type"]?.text != "SETTLEMENT" else { return }
    guard let quantity: Quantity = try BybitField.optionalDecimal(row, "qty"),
      let price: Price = try BybitField.optionalDecimal(row, "tradePrice"),
      let profit: Notional = try BybitField.optionalDecimal(row, "cashFlow")
    else { return }
    rows.append(
      Row(
        trade: BybitField.optionalText(row, "tradeId"),
        order: BybitField.optionalText(row, "orderId"),
        symbol: BybitField.optionalText(row, "symbol"), quantity: quantity.magnitude,
        price: price, profit: profit))
  }

  /// The profit of an execution; nil while the log does not have it.
  ///
  /// Each row is used once.
  mutating func take(_ fill: Fill, of market: BybitMarket) -> Notional? {
    let place =
      rows.firstIndex { $0.trade == fill.trade.rawValue && $0.symbol == market.name }
      ?? rows.firstIndex { row in
        row.symbol == market.name && row.order == fill.venueOrder.rawValue
          && market.text(fill.quantity) == row.quantity.description
          && market.text(fill.price) == row.price.description
      }
    guard let place else { return nil }
    return rows.remove(at: place).profit
  }
}
