import FixedPoint
public import Wire
import Trading

/// The whole true state as JSON; decimals are strings, times RFC 3339.
extension VenueWorld {
  /// Every venue's clock, prices, orders, fills, balances, positions, payments and ledger.
  public var truth: JSON {
    .record(
      ("now", .string("\(now)")),
      ("ends", until == .distantFuture ? .null : .string("\(until)")),
      ("venues", .record(venues.map { ($0.id.rawValue, $0.truth) })))
  }
}

extension Venue {
  fileprivate var truth: JSON {
    .record(
      ("clock", .string("\(clock)")), ("layout", .string(layout.rawValue)),
      ("instruments", .array(listings.map(json))), ("orders", .array(orders.map(json))),
      ("fills", .array(fills.map(json))), ("balances", .array(balances.map(json))),
      ("positions", .array(positions.map(json))),
      ("payments", .array(ledger.filter { $0.kind == .funding }.map(json))),
      ("transfers", .array(transfers.map(json))), ("ledger", .array(ledger.map(json))))
  }

  private func json(_ listing: ListedInstrument) -> JSON {
    let index = listing.index
    var members: [(String, JSON)] = [
      ("name", .string(listing.name)), ("symbol", .string(symbol(index))),
      ("market", .string(listing.instrument.id.market.rawValue)),
      ("multiplier", .number(String(listing.multiplier))),
      ("status", .string(listing.status.rawValue)),
    ]
    if let top = top(index) {
      members += [
        ("bid", decimal(top.bid.price)), ("ask", decimal(top.ask.price)),
        ("last", decimal(lastPrice(index))), ("mark", decimal(mark(index))),
      ]
    }
    if listing.isPerp {
      let funding = funding(index)
      members += [
        ("index", decimal(funding.index)), ("funding_rate", decimal(funding.rate)),
        ("next_settlement", .string("\(funding.nextSettlement)")),
        ("interval_hours", .number(String(funding.intervalHours))),
        ("leverage", decimal(leverage(of: index))), ("is_cross", .bool(isCross(index))),
      ]
    }
    return .record(members)
  }

  private func json(_ order: WorldOrder) -> JSON {
    .record(
      ("number", number(order.number)), ("client_id", .string(order.request.clientID)),
      ("symbol", .string(symbol(order.request.instrument))),
      ("market", .string(market(order.request.instrument))),
      ("side", .string(order.request.side.rawValue)),
      ("type", .string(order.request.price == nil ? "market" : "limit")),
      ("time_in_force", .string(order.request.timeInForce.rawValue)),
      ("price", order.request.price.map(decimal) ?? .null),
      ("quantity", decimal(order.quantity)), ("executed", decimal(order.executed)),
      ("value", decimal(order.executedValue)), ("reduce_only", .bool(order.request.reduceOnly)),
      ("state", .string(order.state.rawValue)), ("origin", .string(order.origin.rawValue)),
      ("refusal", order.refusal.map { .string($0.description) } ?? .null),
      ("created_at", .string("\(order.createdAt)")), ("updated_at", .string("\(order.updatedAt)")))
  }

  private func json(_ fill: WorldFill) -> JSON {
    .record(
      ("number", number(fill.number)), ("order", number(fill.order)),
      ("client_id", self.order(fill.order).map { .string($0.request.clientID) } ?? .null),
      ("symbol", .string(symbol(fill.instrument))), ("market", .string(market(fill.instrument))),
      ("at", .string("\(fill.fill.at)")), ("side", .string(fill.fill.side.rawValue)),
      ("quantity", decimal(fill.fill.quantity)), ("price", decimal(fill.fill.price)),
      ("fee", decimal(fill.fill.fee)), ("fee_asset", .string(fill.fill.feeAsset.rawValue)),
      ("realized", decimal(fill.fill.realized)),
      ("liquidity", .string(fill.fill.liquidity.rawValue)),
      ("cause", .string(fill.fill.cause.rawValue)))
  }

  private func json(_ balance: WalletBalance) -> JSON {
    .record(
      ("wallet", .string(balance.wallet.rawValue)), ("asset", .string(balance.asset.rawValue)),
      ("total", decimal(balance.total)), ("locked", decimal(balance.locked)),
      ("isolated", decimal(balance.isolated)))
  }

  private func json(_ position: WorldPosition) -> JSON {
    .record(
      ("symbol", .string(symbol(position.instrument))), ("quantity", decimal(position.quantity)),
      ("cost", decimal(position.cost)), ("entry_price", decimal(position.entryPrice)),
      ("margin", decimal(position.margin)), ("mark", decimal(position.mark)),
      ("unrealized", decimal(position.unrealized)), ("is_cross", .bool(position.isCross)),
      ("leverage", decimal(position.leverage)),
      ("maintenance_margin", decimal(position.maintenanceMargin)),
      ("liquidation_price", position.liquidationPrice.map(decimal) ?? .null))
  }

  private func json(_ entry: LedgerEntry) -> JSON {
    var members: [(String, JSON)] = [
      ("number", number(entry.number)), ("at", .string("\(entry.at)")),
      ("kind", .string(entry.kind.rawValue)), ("wallet", .string(entry.wallet.rawValue)),
      ("asset", .string(entry.asset.rawValue)), ("amount", decimal(entry.amount)),
      ("balance", decimal(entry.balance)),
      ("symbol", entry.instrument.map { .string(symbol($0)) } ?? .null),
      ("fill", entry.fill.map { number(fills[$0].number) } ?? .null),
    ]
    if let funding = entry.funding {
      members += [
        ("rate", decimal(funding.rate.rate)), ("mark", decimal(funding.mark)),
        ("quantity", decimal(funding.quantity)),
      ]
    }
    return .record(members)
  }

  private func json(_ transfer: TransferRecord) -> JSON {
    .record(
      ("number", number(transfer.number)), ("key", transfer.key.map { .string($0) } ?? .null),
      ("at", .string("\(transfer.at)")), ("from", .string(transfer.from.rawValue)),
      ("to", .string(transfer.to.rawValue)), ("asset", .string(transfer.asset.rawValue)),
      ("amount", decimal(transfer.amount)))
  }

  private func decimal<U>(_ value: Fixed<U>) -> JSON { .string(value.description) }
  private func number(_ value: Int64) -> JSON { .number(String(value)) }
  private func symbol(_ index: InstrumentIndex) -> String {
    listing(index).instrument.id.symbol.rawValue
  }
  private func market(_ index: InstrumentIndex) -> String {
    listing(index).instrument.id.market.rawValue
  }
}

extension JSON {
  static func record(_ members: (String, JSON)...) -> JSON { record(members) }
  static func record(_ members: [(String, JSON)]) -> JSON {
    .object(members.map { JSONMember(name: $0.0, value: $0.1) })
  }
}
