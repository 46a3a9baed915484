import FixedPoint
import Trading
import Wire

/// Reads what the venue says of wallets, positions and orders.
enum BinanceAccount {
  static func spotBalances(_ json: JSON) throws(DialectError) -> [Balance] {
    var balances: [Balance] = []
    for row in try BinanceRow(json).rows("balances") {
      let total: Amount = try row.decimal("free") + row.decimal("locked")
      if total.isZero { continue }
      balances.append(
        Balance(wallet: .spot, asset: AssetID(try row.text("asset")), total: total))
    }
    return balances
  }

  /// `walletBalance` holds isolated collateral too, and no unrealised profit.
  static func futuresBalances(_ json: JSON) throws(DialectError) -> [Balance] {
    var balances: [Balance] = []
    for row in try BinanceRow(json).rows("assets") {
      let total: Amount = try row.decimal("walletBalance")
      if total.isZero { continue }
      balances.append(
        Balance(wallet: .futures, asset: AssetID(try row.text("asset")), total: total))
    }
    return balances
  }

  /// Positions that are not flat, of all symbols.
  static func positions(
    _ json: JSON, _ dialect: BinanceDialect
  ) throws(DialectError) -> [Position] {
    var positions: [Position] = []
    for row in try BinanceRow.list(json) {
      let instrument = dialect.markets.named(
        try row.text("symbol"), in: .perp, venue: dialect.venue)
      let liquidation: Price = try row.decimal("liquidationPrice")
      let position = try position(
        instrument, quantity: try row.decimal("positionAmt"), entry: try row.decimal("entryPrice"),
        margin: try row.decimal("isolatedWallet"),
        // Zero when it is out of reach.
        liquidation: liquidation.isPositive
          ? liquidation.divided(by: instrument.multiplier, rounding: .halfEven) : nil)
      if !position.quantity.isZero { positions.append(position) }
    }
    return positions.sorted { $0.instrument < $1.instrument }
  }

  /// A position out of the venue's units.
  ///
  /// - Parameter liquidation: per base unit.
  static func position(
    _ instrument: BinanceInstrument, quantity: Quantity, entry: Price, margin: Notional,
    liquidation: Price?
  ) throws(DialectError) -> Position {
    Position(
      instrument: instrument.id, quantity: try instrument.quantity(quantity),
      cost: try BinanceProduct.notional(entry, quantity), margin: margin,
      liquidationPrice: quantity.isZero ? nil : liquidation)
  }

  static func openOrders(
    _ json: JSON, in market: Market, _ dialect: BinanceDialect
  ) throws(DialectError) -> [OpenOrder] {
    var orders: [OpenOrder] = []
    for row in try BinanceRow.list(json) {
      let instrument = dialect.markets.named(
        try row.text("symbol"), in: market, venue: dialect.venue)
      orders.append(
        OpenOrder(
          instrument: instrument.id, id: ClientOrderID(try row.text("clientOrderId")),
          venueOrder: VenueOrderID(try row.text("orderId"))))
    }
    return orders
  }
}

/// Rows of the income list that are funding payments.
struct BinanceIncome {
  let payments: [FundingPayment]
  /// Rows on the page, payments or not.
  let rows: Int
  /// Moment of the first row.
  let first: Timestamp?
  /// Moment of the last row.
  let last: Timestamp?

  init(_ json: JSON, _ dialect: BinanceDialect) throws(DialectError) {
    let rows = try BinanceRow.list(json)
    var payments: [FundingPayment] = []
    var moments: [Timestamp] = []
    for row in rows {
      let moment = try row.time("time")
      moments.append(moment)
      guard try row.text("incomeType") == "FUNDING_FEE" else { continue }
      let instrument = dialect.markets.named(
        try row.text("symbol"), in: .perp, venue: dialect.venue)
      payments.append(
        FundingPayment(
          instrument: instrument.id, id: PaymentID(try row.text("tranId")),
          settledAt: BinanceTime.settlement(moment), amount: try row.decimal("income"),
          asset: AssetID(try row.text("asset"))))
    }
    self.payments = payments
    self.rows = rows.count
    first = moments.first
    last = moments.max()
  }

  /// What makes a payment one and the same.
  static func key(_ payment: FundingPayment) -> String {
    "\(payment.id) \(payment.instrument.symbol) \(payment.settledAt.nanoseconds)"
  }
}

/// A row of the transfer history.
struct BinanceTransferRow {
  let id: String
  let asset: AssetID
  let amount: Amount
  let at: Timestamp
  let isConfirmed: Bool
  let isPending: Bool

  /// The rows of a page; the venue leaves the list out when there is none.
  static func list(_ json: JSON) throws(DialectError) -> [BinanceTransferRow] {
    let page = BinanceRow(json)
    if json["rows"] == nil, try page.integer("total") == 0 { return [] }
    var rows: [BinanceTransferRow] = []
    for row in try page.rows("rows") {
      let status = try row.text("status")
      rows.append(
        BinanceTransferRow(
          id: try row.text("tranId"), asset: AssetID(try row.text("asset")),
          amount: try row.decimal("amount"), at: try row.time("timestamp"),
          isConfirmed: status == "CONFIRMED", isPending: status == "PENDING"))
    }
    return rows
  }

  /// The transfer without a number of ours: the venue keeps none, so its own stands in, negative.
  func transfer(_ kind: BinanceTransferKind, venue: VenueID) -> Transfer {
    Transfer(
      id: -(Int64(id) ?? 1), venue: venue, from: kind.wallets.from, to: kind.wallets.to,
      asset: asset, amount: amount)
  }
}
