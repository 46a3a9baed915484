import FixedPoint
import Trading
import Wire

extension BybitFront {
  /// Tells the sockets what happened, prices once for each instrument.
  public func publish(_ events: [WorldEvent], into sink: inout FrameSink) {
    var priced: [InstrumentIndex] = []
    for event in events {
      switch event.change {
      case .quote(let index), .funding(let index), .terms(let index):
        if !priced.contains(index) { priced.append(index) }
      case .order(let order, let change): publish(order, change, into: &sink)
      case .balances(let balances, _): publish(balances, into: &sink)
      case .position(let position, _):
        tell("position", .linear, positionEvent(position), into: &sink)
      case .fundingPaid(let entry): publish(entry, into: &sink)
      case .leverageChanged(let index, _):
        tell("position", .linear, positionEvent(venue.position(index)), into: &sink)
      case .restarted: restartBooks(into: &sink)
      case .settled, .transferred, .listenKeyExpired: break
      }
    }
    for index in priced {
      publishMarket(venue.listing(index), into: &sink)
      matchSpreads(venue.listing(index), into: &sink)
    }
  }

  private func publish(
    _ order: WorldOrder, _ change: OrderChange, into sink: inout FrameSink
  ) {
    let listing = venue.listing(order.request.instrument)
    if case .traded(let place) = change {
      let fill = venue.fills[place]
      publishTrade(fill, into: &sink)
      let row = executionRow(.fill(fill), withCategory: true)
      tell("execution", listing.category, row, into: &sink)
      tell("execution.fast", listing.category, fastRow(fill, listing), into: &sink)
    }
    // A form of an order that another replaced ended only for the engine.
    let isReplaced = isSuperseded(order.number) && !order.state.isOpen && change == .cancelled
    if isReplaced || spreads.isLeg(order.number) { return }
    tell("order", listing.category, orderRow(view(order), withCategory: true), into: &sink)
  }

  private func fastRow(_ world: WorldFill, _ listing: ListedInstrument) -> JSON {
    let order = venue.order(amendments.current(of: world.order)).map(view)
    return [
      "category": .string(listing.category.rawValue), "symbol": .string(listing.name),
      "execId": .string(BybitID.id(.execution, world.number)),
      "execPrice": .string(listing.text(world.fill.price)),
      "execQty": .string(listing.text(world.fill.quantity)),
      "orderId": .string(BybitID.order(amendments.first(of: world.order), listing.category)),
      "isMaker": .bool(world.fill.liquidity == .maker),
      "orderLinkId": .string(order?.link ?? ""), "side": .string(world.fill.side.bybit),
      "execTime": .stamp(world.fill.at), "seq": .number(String(world.number)),
    ]
  }

  private func publish(_ entry: LedgerEntry, into sink: inout FrameSink) {
    guard let detail = entry.funding, let index = entry.instrument else { return }
    let row = executionRow(.funding(entry, detail, index), withCategory: true)
    tell("execution", .linear, row, into: &sink)
  }

  /// The account's sums with the coins that changed.
  private func publish(_ balances: [WalletBalance], into sink: inout FrameSink) {
    let coins = balances.filter { $0.wallet == .unified }.map(\.asset)
    if coins.isEmpty { return }
    tell("wallet", nil, walletRow(coins: coins), into: &sink)
  }

  /// Sends a row to everybody who follows a topic, for all categories or for this one.
  func tell(
    _ topic: String, _ category: BybitCategory?, _ row: @autoclosure () -> JSON,
    into sink: inout FrameSink
  ) {
    let names = [topic] + (category.map { ["\(topic).\($0.rawValue)"] } ?? [])
    var written: JSON?
    for id in sockets.keys.sorted() {
      guard let socket = sockets[id], socket.kind == .account, socket.key != nil else { continue }
      for name in socket.topics where names.contains(name) {
        let content = written ?? row()
        written = content
        sequence += 1
        let message: JSON = [
          "id": "592324_\(sequence)", "topic": .string(name),
          "creationTime": .milliseconds(venue.clock), "data": [content],
        ]
        sink.send(message, to: id, isPrivate: true)
      }
    }
  }
}
