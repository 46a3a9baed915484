import FixedPoint
import Trading
import Wire

/// One row of the transaction log: what one event did to one asset of the unified account.
struct BybitTransaction {
  /// Of its first entry.
  var number: Int64
  var at: Timestamp
  var asset: AssetID
  var type: String
  var instrument: InstrumentIndex?
  var fill: Int?
  var funding: FundingDetail?
  var transfer: Int64?
  /// What came in or went out beside fee and funding.
  var cashFlow = Amount.zero
  /// Above zero when it was taken.
  var fee = Amount.zero
  /// Received is positive.
  var payment = Amount.zero
  /// The asset's total after it.
  var balance = Amount.zero

  var change: Amount { cashFlow + payment - fee }
}

extension BybitFront {
  /// Changes of the unified account, newest first; of the last day unless a window is given.
  func transactionLog(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let window = try BybitWindow(parameters, now: venue.now, default: .days(1))
    let category = parameters.text("category")
    let type = parameters.text("type")
    let currency = parameters.text("currency")
    let base = parameters.text("baseCoin")
    let rows = transactions(since: window.from).reversed().filter { row in
      let listing = row.instrument.map { venue.listing($0) }
      return window.contains(row.at) && (type ?? row.type) == row.type
        && (currency ?? row.asset.rawValue) == row.asset.rawValue
        && (category == nil || listing?.category.rawValue == category)
        && (base == nil || listing?.baseName == base)
    }
    let page = try BybitPage(Array(rows), parameters, default: 20, maximum: 50, number: \.number)
    return .list(page.rows.map(transactionRow), cursor: page.cursor)
  }

  /// Puts the entries of the ledger together that one event made in one asset, oldest first.
  private func transactions(since: Timestamp) -> [BybitTransaction] {
    var rows: [BybitTransaction] = []
    let start = venue.ledger.firstPlace { $0.at >= since }
    for entry in venue.ledger[start...] where entry.wallet == .unified {
      let known = entry.fill.flatMap { fill in
        rows.suffix(4).lastIndex { $0.fill == fill && $0.asset == entry.asset }
      }
      if known == nil {
        rows.append(
          BybitTransaction(
            number: entry.number, at: entry.at, asset: entry.asset, type: type(of: entry),
            instrument: entry.instrument, fill: entry.fill, funding: entry.funding,
            transfer: entry.transfer))
      }
      let place = known ?? rows.count - 1
      rows[place].balance = entry.balance
      switch entry.kind {
      case .commission, .liquidationFee: rows[place].fee -= entry.amount
      case .funding: rows[place].payment += entry.amount
      case .realized, .trade, .transfer, .deposit: rows[place].cashFlow += entry.amount
      }
    }
    return rows
  }

  private func type(of entry: LedgerEntry) -> String {
    switch entry.kind {
    case .funding: return "SETTLEMENT"
    case .transfer, .deposit: return entry.amount.isNegative ? "TRANSFER_OUT" : "TRANSFER_IN"
    case .realized, .commission, .liquidationFee, .trade:
      switch entry.fill.map({ venue.fills[$0].fill.cause }) {
      case .liquidation: return "LIQUIDATION"
      case .autoDeleveraging: return "ADL"
      case .settlement: return "DELIVERY"
      case .order, nil: return "TRADE"
      }
    }
  }

  private func transactionRow(_ row: BybitTransaction) -> JSON {
    var members: [JSONMember] = [
      .init("id", "592324_\(row.number)"), .init("transSubType", ""),
      .init("transactionTime", String(row.at.milliseconds)), .init("type", row.type),
      .init("currency", row.asset.rawValue), .init("cashFlow", row.cashFlow.description),
      .init("change", row.change.description), .init("cashBalance", row.balance.description),
      .init("fee", row.fee.description), .init("bonusChange", ""), .init("extraFees", ""),
      .init("funding", row.funding == nil ? "" : row.payment.description),
    ]
    if let fill = row.fill {
      members += tradeMembers(venue.fills[fill])
    } else if let detail = row.funding, let instrument = row.instrument {
      members += fundingMembers(detail, venue.listing(instrument), row)
    } else {
      members += [
        .init("symbol", ""), .init("category", ""), .init("side", "None"), .init("qty", "0"),
        .init("size", "0"), .init("tradePrice", ""), .init("feeRate", ""),
        .init("orderId", ""), .init("orderLinkId", ""),
        .init("tradeId", row.transfer.map { String($0) } ?? ""),
      ]
    }
    return .object(members)
  }

  private func tradeMembers(_ world: WorldFill) -> [JSONMember] {
    let listing = venue.listing(world.instrument)
    let order = venue.order(amendments.current(of: world.order)).map(view)
    let fees = listing.instrument.fees
    return [
      .init("symbol", listing.name), .init("category", listing.category.rawValue),
      .init("side", world.fill.side.bybit), .init("qty", listing.text(world.fill.quantity)),
      .init("size", world.position.map { listing.text($0.magnitude) } ?? "0"),
      .init("tradePrice", listing.text(world.fill.price)),
      .init("feeRate", (world.fill.liquidity == .maker ? fees.maker : fees.taker).description),
      .init("orderId", BybitID.order(amendments.first(of: world.order), listing.category)),
      .init("orderLinkId", order?.link ?? ""),
      .init("tradeId", BybitID.id(.execution, world.number)),
    ]
  }

  private func fundingMembers(
    _ detail: FundingDetail, _ listing: ListedInstrument, _ row: BybitTransaction
  ) -> [JSONMember] {
    let side: Side = detail.quantity.isNegative ? .sell : .buy
    let id = BybitID.id(.funding, row.number)
    return [
      .init("symbol", listing.name), .init("category", "linear"), .init("side", side.bybit),
      .init("qty", listing.text(detail.quantity.magnitude)),
      .init("size", listing.text(detail.quantity.magnitude)),
      .init("tradePrice", listing.text(detail.mark)),
      .init("feeRate", (side == .buy ? detail.rate.rate : -detail.rate.rate).description),
      .init("orderId", id), .init("orderLinkId", ""), .init("tradeId", id),
    ]
  }
}
