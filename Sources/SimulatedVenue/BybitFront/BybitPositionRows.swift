import FixedPoint
import Trading
import Wire

extension BybitFront {
  /// A position by REST: one row for each perpetual, also when it is flat.
  ///
  /// - Parameter side: `positionIdx`: 0, or in hedge mode, in which nothing trades, 1 and 2.
  func positionRow(_ listing: ListedInstrument, side: Int64 = 0) -> JSON {
    let position = venue.position(listing.index)
    let entry = position.quantity.isZero ? "0" : listing.wire(position.entryPrice).shortText
    return .object(
      [
        .init(name: "positionIdx", value: .number(String(side))), .init("avgPrice", entry),
      ] + positionMembers(position, listing))
  }

  /// A position on the topic `position`, as it was right after a change.
  func positionEvent(_ position: WorldPosition) -> JSON {
    let listing = venue.listing(position.instrument)
    let entry = position.quantity.isZero ? "0" : listing.wire(position.entryPrice).shortText
    return .object(
      [
        .init(name: "positionIdx", value: 0), .init("category", "linear"),
        .init("entryPrice", entry),
      ] + positionMembers(position, listing))
  }

  private func positionMembers(
    _ position: WorldPosition, _ listing: ListedInstrument
  ) -> [JSONMember] {
    let isFlat = position.quantity.isZero
    let tiers = listing.instrument.marginTiers
    let tier = tiers.lastIndex { position.notional.magnitude >= $0.floor } ?? 0
    let ceiling = tier + 1 < tiers.count ? tiers[tier + 1].floor : Notional(1_000_000_000)
    return [
      .init(name: "tradeMode", value: 0),
      .init(name: "riskId", value: .number(String(tier + 1))),
      .init("riskLimitValue", ceiling.description), .init("symbol", listing.name),
      .init("side", isFlat ? "" : position.quantity.isNegative ? "Sell" : "Buy"),
      .init("size", listing.text(position.quantity.magnitude)),
      .init("positionValue", position.cost.magnitude.description),
      .init("positionStatus", "Normal"),
      .init(name: "autoAddMargin", value: 0),
      .init(name: "adlRankIndicator", value: isFlat ? 0 : 2),
      .init("leverage", position.leverage.description),
      .init("positionBalance", isFlat ? "0" : position.margin.description),
      .init("markPrice", listing.text(position.mark)),
      .init("breakEvenPrice", isFlat ? "" : listing.wire(position.entryPrice).shortText),
      .init("liqPrice", liquidationText(position, listing)), .init("bustPrice", ""),
    ] + moneyMembers(position) + [
      .init("takeProfit", ""), .init("stopLoss", ""), .init("trailingStop", "0"),
      .init("tpslMode", "Full"), .init("sessionAvgPrice", ""),
      .init(name: "seq", value: .number(String(venue.updateIDs(listing.index).current))),
      .init(name: "isReduceOnly", value: .bool(listing.status == .reduceOnly)),
      .init("mmrSysUpdatedTime", ""), .init("leverageSysUpdatedTime", ""),
      .init("createdTime", String(venue.plan.range.lowerBound.milliseconds)),
      .init(
        "updatedTime", String(max(position.updatedAt, venue.plan.range.lowerBound).milliseconds)),
    ]
  }

  private func moneyMembers(_ position: WorldPosition) -> [JSONMember] {
    tally.read(venue)
    let result = tally.result(of: position.instrument)
    let initial = position.initialMargin.rounded(places: 8, .halfEven).description
    let maintenance = position.maintenanceMargin.rounded(places: 8, .halfEven).description
    return [
      .init("positionIM", initial), .init("positionIMByMp", initial),
      .init("positionMM", maintenance), .init("positionMMByMp", maintenance),
      .init("unrealisedPnl", position.unrealized.description),
      .init("curRealisedPnl", position.quantity.isZero ? "0" : result.ofPosition.description),
      .init("cumRealisedPnl", result.ever.description),
    ]
  }

  private func liquidationText(_ position: WorldPosition, _ listing: ListedInstrument) -> String {
    guard let limit = position.liquidationPrice else { return "" }
    let tick = listing.instrument.tick
    return listing.text(
      limit.rounded(toMultipleOf: tick, position.quantity.isNegative ? .floor : .ceiling))
  }
}
