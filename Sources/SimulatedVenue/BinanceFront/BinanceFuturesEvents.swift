import FixedPoint
import Trading
import Wire

/// Balances and positions that one event of the account tells together.
private struct BinanceAccountChange {
  let reason: JSON
  let at: Timestamp
  var balances: [Row] = []
  var positions: [WorldPosition] = []

  /// An asset: all of it, what is not set aside, and what changed beside trading.
  struct Row {
    let asset: AssetID
    var wallet: Amount
    var cross: Amount
    var change: Amount
  }

  mutating func add(_ row: Row) {
    guard let place = balances.firstIndex(where: { $0.asset == row.asset }) else {
      return balances.append(row)
    }
    balances[place].wallet = row.wallet
    balances[place].cross = row.cross
    balances[place].change += row.change
  }

  mutating func add(_ position: WorldPosition) {
    positions.removeAll { $0.instrument == position.instrument }
    positions.append(position)
  }
}

// Account events of the futures market.
extension BinanceFuturesFront {
  /// What a batch of events says to the account's streams.
  ///
  /// Balances and positions that change for one reason at one moment are told in one event. Of
  /// funding, cross positions are told as one sum per asset without a symbol, isolated ones each.
  func accountEvents(_ events: [WorldEvent]) -> [JSON] {
    var told: [JSON] = []
    var open: BinanceAccountChange?
    func close() {
      if let change = open { told.append(accountUpdate(change)) }
      open = nil
    }
    func add(_ reason: JSON, at time: Timestamp, _ body: (inout BinanceAccountChange) -> Void) {
      if open?.reason != reason || open?.at != time { close() }
      var change = open ?? BinanceAccountChange(reason: reason, at: time)
      body(&change)
      open = change
    }
    for event in events {
      switch event.change {
      case .balances(let balances, let reason):
        guard let name = Self.reason(reason) else { continue }
        for balance in balances where balance.wallet == .futures {
          let row = BinanceAccountChange.Row(
            asset: balance.asset, wallet: balance.total, cross: balance.total - balance.isolated,
            change: .zero)
          add(name, at: event.at) { $0.add(row) }
        }
      case .position(let position, let reason):
        guard let name = Self.reason(reason) else { continue }
        add(name, at: event.at) { $0.add(position) }
      case .fundingPaid(let entry):
        guard entry.wallet == .futures else { continue }
        let isIsolated = entry.funding?.isCross == false
        if isIsolated { close() }
        add("FUNDING_FEE", at: event.at) { change in
          change.add(row(of: entry.asset, change: entry.amount))
          if isIsolated, let index = entry.instrument { change.add(venue.position(index)) }
        }
        if isIsolated { close() }
      case .transferred(let record):
        if record.from == .futures {
          add("WITHDRAW", at: event.at) { $0.add(row(of: record.asset, change: -record.amount)) }
        } else if record.to == .futures {
          add("DEPOSIT", at: event.at) { $0.add(row(of: record.asset, change: record.amount)) }
        }
      case .order(let order, let change):
        close()
        if let update = orderUpdate(order, change, at: event.at) { told.append(update) }
      case .leverageChanged(let index, let leverage):
        close()
        told.append(leverageUpdate(index, leverage, at: event.at))
      case .listenKeyExpired(let key):
        close()
        told.append(
          ["e": "listenKeyExpired", "E": stamp(event.at), "listenKey": .string(key)])
      default: continue
      }
    }
    close()
    return told
  }

  /// Calls for positions whose equity is less than a quarter above their maintenance margin; once
  /// until they are well again.
  func marginCalls() -> [JSON] {
    let weak = venue.positions.filter(isWeak)
    let fresh = weak.filter { !called.contains($0.instrument.position) }
    called = Set(weak.map(\.instrument.position))
    if fresh.isEmpty { return [] }
    let asset = symbol(at: fresh[0].instrument).instrument.quote
    let rows = fresh.map { position -> JSON in
      let symbol = symbol(at: position.instrument)
      return [
        "s": symbol.nameJSON, "ps": "BOTH", "pa": symbol.quantity(position.quantity),
        "mt": position.isCross ? "CROSSED" : "ISOLATED",
        "iw": position.isCross ? "0" : position.margin.eightJSON, "mp": symbol.mark(position.mark),
        "up": position.unrealized.eightJSON, "mm": position.maintenanceMargin.eightJSON,
      ]
    }
    return [
      [
        "e": "MARGIN_CALL", "E": .millis(venue.clock),
        "cw": venue.margin(in: asset).crossWallet.eightJSON, "p": .array(rows),
      ]
    ]
  }

  private func isWeak(_ position: WorldPosition) -> Bool {
    let maintenance: Notional
    let equity: Notional
    if position.isCross {
      let margin = venue.margin(in: symbol(at: position.instrument).instrument.quote)
      maintenance = margin.crossMaintenance.reinterpreted(as: Unit.Quote.self)
      equity = (margin.crossWallet + margin.crossUnrealized).reinterpreted(as: Unit.Quote.self)
    } else {
      maintenance = position.maintenanceMargin
      equity = position.margin + position.unrealized
    }
    return equity < maintenance.times("1.25")
  }

  /// The venue's word; nil for what it does not tell of the account.
  private static func reason(_ reason: BalanceReason) -> JSON? {
    switch reason {
    case .trade, .forced: "ORDER"
    case .margin: "MARGIN_TRANSFER"
    case .deposit: "DEPOSIT"
    // Told with the amount by events of their own.
    case .funding, .transfer, .order: nil
    }
  }

  /// What the wallet holds of an asset now.
  private func row(of asset: AssetID, change: Amount) -> BinanceAccountChange.Row {
    let balance = venue.balance(of: asset, in: .futures)
    return BinanceAccountChange.Row(
      asset: asset, wallet: balance.total, cross: balance.total - balance.isolated,
      change: change)
  }

  private func accountUpdate(_ change: BinanceAccountChange) -> JSON {
    let balances = change.balances.map { row -> JSON in
      [
        "a": .string(row.asset.rawValue), "wb": row.wallet.eightJSON, "cw": row.cross.eightJSON,
        "bc": row.change.eightJSON,
      ]
    }
    let positions = change.positions.map { position -> JSON in
      let symbol = symbol(at: position.instrument)
      let entry: JSON = position.quantity.isZero ? "0" : symbol.price(position.entryPrice)
      return [
        "s": symbol.nameJSON, "pa": symbol.quantity(position.quantity), "ep": entry, "bep": entry,
        "cr": realized(on: position.instrument).eightJSON, "up": position.unrealized.eightJSON,
        "mt": position.isCross ? "cross" : "isolated",
        "iw": position.isCross ? "0" : position.margin.eightJSON, "ps": "BOTH",
      ]
    }
    return [
      "e": "ACCOUNT_UPDATE", "E": stamp(change.at), "T": stamp(change.at),
      "a": ["B": .array(balances), "P": .array(positions), "m": change.reason],
    ]
  }

  /// All profit that closing positions in an instrument ever gave.
  private func realized(on index: InstrumentIndex) -> Amount {
    for entry in venue.ledger[realizedUntil...] where entry.kind == .realized {
      if let place = entry.instrument?.position { realized[place, default: .zero] += entry.amount }
    }
    realizedUntil = venue.ledger.count
    return realized[index.position, default: .zero]
  }

  private func leverageUpdate(
    _ index: InstrumentIndex, _ leverage: Rate, at time: Timestamp
  ) -> JSON {
    let number = JSON.number(leverage.rounded(places: 0, .down).description)
    return [
      "e": "ACCOUNT_CONFIG_UPDATE", "E": stamp(time), "T": stamp(time),
      "ac": ["s": symbol(at: index).nameJSON, "l": number],
    ]
  }

  private func orderUpdate(
    _ order: WorldOrder, _ change: OrderChange, at time: Timestamp
  ) -> JSON? {
    let symbol = symbol(at: order.request.instrument)
    guard symbol.isPerp else { return nil }
    var execution: JSON = "NEW"
    var fill: WorldFill?
    switch change {
    case .accepted: break
    case .traded(let place):
      execution = order.origin == .liquidation ? "CALCULATED" : "TRADE"
      fill = venue.fills[place]
    case .cancelled: execution = "CANCELED"
    case .expired, .rejected: execution = "EXPIRED"
    }
    let head: [(String, JSON)] = [
      ("s", symbol.nameJSON), ("c", .string(order.futuresClientID)), ("S", order.binanceSide),
      ("o", order.futuresType), ("f", order.futuresTimeInForce),
      ("q", symbol.quantity(order.quantity)), ("p", symbol.price(order.request.price ?? .zero)),
      ("ap", symbol.price(order.averagePrice)), ("sp", "0"), ("x", execution),
      ("X", order.state == .rejected ? "EXPIRED" : order.binanceStatus),
      ("i", .whole(order.number)), ("l", symbol.quantity(fill?.fill.quantity ?? .zero)),
      ("z", symbol.quantity(order.executed)), ("L", symbol.price(fill?.fill.price ?? .zero)),
    ]
    let commission: [(String, JSON)] =
      fill.map {
        [("n", $0.fill.fee.eightJSON), ("N", .string($0.fill.feeAsset.rawValue))]
      } ?? []
    let tail: [(String, JSON)] = [
      ("T", stamp(time)), ("t", fill.map { .whole($0.number) } ?? 0), ("b", "0"), ("a", "0"),
      ("m", .bool(fill?.fill.liquidity == .maker)),
      ("R", .bool(order.request.reduceOnly || order.origin != .client)),
      ("wt", "CONTRACT_PRICE"), ("ot", order.futuresType), ("ps", "BOTH"), ("cp", false),
      ("rp", (fill?.fill.realized ?? .zero).eightJSON), ("pP", false), ("si", 0), ("ss", 0),
      ("V", "EXPIRE_MAKER"), ("pm", "NONE"), ("gtd", 0), ("er", "0"),
    ]
    return [
      "e": "ORDER_TRADE_UPDATE", "T": stamp(time), "E": stamp(time),
      "o": .members(head + commission + tail),
    ]
  }
}
