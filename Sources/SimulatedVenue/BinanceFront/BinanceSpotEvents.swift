import FixedPoint
import Trading
import Wire

// Account events of the spot market.
extension BinanceSpotFront {
  /// What an event says to the account's streams; nil when it concerns no spot account.
  func userEvent(_ event: WorldEvent) -> [JSON] {
    let at = stamp(event.at)
    switch event.change {
    case .order(let order, let change):
      let symbol = symbol(at: order.request.instrument)
      return symbol.isPerp ? [] : [executionReport(order, change, symbol, at: at)]
    case .balances(let balances, _):
      let own = balances.filter { $0.wallet == .spot }
      return own.isEmpty ? [] : [Self.accountPosition(own, at: at)]
    case .transferred(let record):
      var moves: [JSON] = []
      if record.from == .spot { moves.append(Self.balanceUpdate(record, -record.amount, at: at)) }
      if record.to == .spot { moves.append(Self.balanceUpdate(record, record.amount, at: at)) }
      return moves
    default: return []
    }
  }

  private static func accountPosition(_ balances: [WalletBalance], at time: JSON) -> JSON {
    [
      "e": "outboundAccountPosition", "E": time, "u": time,
      "B": .array(
        balances.map {
          ["a": .string($0.asset.rawValue), "f": $0.free.eightJSON, "l": $0.locked.eightJSON]
        }),
    ]
  }

  private static func balanceUpdate(
    _ record: TransferRecord, _ delta: Amount, at time: JSON
  ) -> JSON {
    [
      "e": "balanceUpdate", "E": time, "a": .string(record.asset.rawValue),
      "d": delta.eightJSON, "T": time,
    ]
  }

  private func executionReport(
    _ order: WorldOrder, _ change: OrderChange, _ symbol: BinanceSymbol, at time: JSON
  ) -> JSON {
    var execution: JSON = "NEW"
    var fill: WorldFill?
    var (id, original) = (order.request.clientID, "")
    switch change {
    case .accepted: break
    case .traded(let place):
      execution = "TRADE"
      fill = venue.fills[place]
    case .cancelled:
      execution = "CANCELED"
      original = order.request.clientID
      id = cancelIDs[order.number] ?? id
    case .expired: execution = "EXPIRED"
    case .rejected: execution = "REJECTED"
    }
    let quantity = fill?.fill.quantity ?? .zero
    let price = fill?.fill.price ?? .zero
    let head: [(String, JSON)] = [
      ("e", "executionReport"), ("E", time), ("s", symbol.nameJSON), ("c", .string(id)),
      ("S", order.binanceSide), ("o", order.spotType), ("f", order.spotTimeInForce),
      ("q", symbol.quantity(order.quantity)), ("p", symbol.price(order.request.price ?? .zero)),
      ("P", "0.00000000"), ("F", "0.00000000"), ("g", -1), ("C", .string(original)),
      ("x", execution), ("X", order.binanceStatus),
      ("r", .string(change == .rejected ? "ORDER_REJECTED" : "NONE")),
      ("i", .whole(order.number)), ("l", symbol.quantity(quantity)),
      ("z", symbol.quantity(order.executed)), ("L", symbol.price(price)),
      ("n", fill.map { $0.fill.fee.eightJSON } ?? "0"),
      ("N", fill.map { .string($0.fill.feeAsset.rawValue) } ?? .null), ("T", time),
      ("t", fill.map { .whole($0.number) } ?? -1),
    ]
    let tail: [(String, JSON)] = [
      ("I", .whole(order.number * 2)), ("w", .bool(order.state.isOpen)),
      ("m", .bool(fill?.fill.liquidity == .maker)), ("M", false),
      ("O", stamp(order.createdAt)), ("Z", symbol.value(order.executedValue)),
      ("Y", symbol.value(price.notional(of: quantity))),
      ("Q", (order.request.quoteQuantity ?? .zero).eightJSON), ("W", stamp(order.createdAt)),
      ("V", "EXPIRE_MAKER"),
    ]
    return .members(head + tail)
  }
}
