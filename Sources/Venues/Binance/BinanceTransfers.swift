import FixedPoint
import Trading
import Wire

extension BinanceDialect {
  /// The call that moves an asset between the two wallets.
  func transfer(_ transfer: Transfer, at time: Timestamp) -> BinanceCall {
    guard let kind = BinanceTransferKind(transfer) else {
      return impossible(.request(.transfer(transfer)), "no such move between wallets")
    }
    return BinanceCall(
      .spotREST, .post, "/sapi/v1/asset/transfer",
      [
        Parameter("asset", transfer.asset.rawValue),
        Parameter("amount", transfer.amount.description), Parameter("type", kind.rawValue),
      ], urgency: .high, isMutating: true, deadline: time + Self.usualWindow,
      .transfer(transfer, begunAt: time))
  }

  mutating func transferAnswered(
    _ transfer: Transfer, begunAt begun: Timestamp, _ answer: BinanceAnswer, at time: Timestamp,
    into reaction: inout BinanceReaction
  ) throws(DialectError) {
    switch answer {
    case .success(let json):
      confirmedTransfers.insert(try BinanceRow(json).text("tranId"))
      reaction.messages.append(.event(.transferred(transfer)))
    case .refused(let refusal):
      reaction.messages.append(.notice("transfer \(transfer.id) refused: \(refusal.words)"))
      reaction.messages.append(.event(.transferRefused(transfer, refusal.reason)))
    case .unknown(let why):
      // There is no key that would make a repetition harmless: look, never repeat.
      reaction.messages.append(
        .notice("nobody knows what became of transfer \(transfer.id): \(why); looking"))
      reaction.calls.append(look(for: transfer, begunAt: begun, attempt: 0))
    }
  }

  private func look(
    for transfer: Transfer, begunAt begun: Timestamp, attempt: Int
  ) -> BinanceCall {
    let kind = BinanceTransferKind(transfer) ?? .toFutures
    return BinanceCall(
      .spotREST, .get, "/sapi/v1/asset/transfer",
      [
        Parameter("type", kind.rawValue),
        Parameter("startTime", String((begun - Self.clockTolerance).milliseconds)),
        Parameter("current", "1"), Parameter("size", "100"),
      ], urgency: .high, .transferLook(transfer, begunAt: begun, attempt: attempt))
  }

  /// How much earlier than our stamp the venue may have stamped the same moment.
  private static let clockTolerance = TimeSpan.seconds(1)

  mutating func transferLooked(
    _ transfer: Transfer, _ call: BinanceCall, _ answer: BinanceAnswer, at time: Timestamp,
    into reaction: inout BinanceReaction
  ) throws(DialectError) {
    guard case .transferLook(_, let begun, let attempt) = call.purpose.step else { return }
    let again = look(for: transfer, begunAt: begun, attempt: attempt + 1)
    guard case .success(let json) = answer else {
      // Without a look it is neither moved nor not moved.
      agenda.add(again, at: time + .seconds(min(60, Int64(attempt) * 2 + 2)))
      return
    }
    let rows = try BinanceTransferRow.list(json).filter {
      $0.asset == transfer.asset && $0.amount == transfer.amount
        && $0.at >= begun - Self.clockTolerance && !confirmedTransfers.contains($0.id)
    }
    if let row = rows.first(where: \.isConfirmed) {
      confirmedTransfers.insert(row.id)
      reaction.messages.append(.event(.transferred(transfer)))
      return
    }
    // The request is refused by the venue itself once its window is over; until then it may arrive.
    let end = begun + Self.usualWindow + Self.clockTolerance
    if time < end || rows.contains(where: \.isPending) {
      agenda.add(again, at: max(end, time + .seconds(2)))
    } else {
      reaction.messages.append(.event(.transferRefused(transfer, .other)))
    }
  }

  /// The call that sets collateral aside for a position or gives it back.
  func marginChange(_ id: InstrumentID, _ amount: Notional) -> BinanceCall {
    guard markets.contains(id), id.market == .perp, !amount.isZero else {
      return impossible(.request(.adjustMargin(id, amount)), "no such change of margin")
    }
    return BinanceCall(
      .futuresREST, .post, "/fapi/v1/positionMargin",
      [
        Parameter("symbol", markets[id].name), Parameter("amount", amount.magnitude.description),
        Parameter("type", amount.isPositive ? "1" : "2"),
      ], urgency: .high, isMutating: true, .margin(id))
  }

  func marginAnswered(
    _ id: InstrumentID, _ answer: BinanceAnswer, into reaction: inout BinanceReaction
  ) {
    switch answer {
    case .success: reaction.calls.append(positionCall(id))
    case .refused(let refusal):
      reaction.messages.append(.notice("margin of \(id) was not changed: \(refusal.words)"))
      reaction.messages.append(.event(.marginRefused(id, refusal.reason)))
    case .unknown(let why):
      // The position tells whether it happened.
      reaction.messages.append(
        .notice("nobody knows whether the margin of \(id) changed: \(why); looking"))
      reaction.calls.append(positionCall(id))
    }
  }

  func positionCall(_ id: InstrumentID) -> BinanceCall {
    BinanceCall(
      .futuresREST, .get, "/fapi/v3/positionRisk", [Parameter("symbol", markets[id].name)],
      weight: 5, urgency: .high, .position(id))
  }

  mutating func positionRead(
    _ id: InstrumentID, _ answer: BinanceAnswer, into reaction: inout BinanceReaction
  ) throws(DialectError) {
    guard case .success(let json) = answer else {
      reaction.messages.append(.resynchronise("the position of \(id) could not be read"))
      return
    }
    // A flat position is left out of the answer.
    let position =
      try BinanceAccount.positions(json, self).first { $0.instrument == id }
      ?? Position(
        instrument: id, quantity: .zero, cost: .zero, margin: .zero, liquidationPrice: nil)
    books.hear([position])
    reaction.messages.append(.event(.position(position)))
  }
}
