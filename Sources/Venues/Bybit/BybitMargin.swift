import FixedPoint
import Trading
import Wire

/// Collateral of a position, and transfers into and out of the unified account.
extension BybitDialect {
  /// The venue takes four decimals; more is cut off, so that nothing grows by rounding.
  ///
  /// In cross margin the whole account stands behind every position: there is nothing to add to.
  func marginCalls(_ id: InstrumentID, _ amount: Notional) -> [Call<BybitPurpose>] {
    guard let market = markets.market(id), market.category == .linear else {
      return refused(.marginRefused(id, .unknownInstrument))
    }
    guard margin == .isolated else { return refused(.marginRefused(id, .other)) }
    let rounded = amount.rounded(places: 4, .down)
    guard !rounded.isZero else { return refused(.marginRefused(id, .invalidQuantity)) }
    return [
      post(
        "/v5/position/add-margin",
        [
          Parameter("category", "linear"), Parameter("symbol", market.name),
          Parameter("margin", rounded.description), Parameter("positionIdx", "0", isBare: true),
        ], urgency: rounded.isPositive ? .high : .normal,
        BybitPurpose(.addMargin(id, amount)))
    ]
  }

  /// The position is read back in every case but a clear refusal.
  func finishMargin(
    _ id: InstrumentID, _ amount: Notional, _ answer: BybitAnswer,
    _ reaction: inout Reaction<BybitPurpose>
  ) {
    guard let market = markets.market(id) else { return }
    switch answer {
    case .refused(let code, let text):
      reaction.messages += [
        .event(.marginRefused(id, BybitCodes.reason(code))),
        .notice("bybit refuses \(amount) of margin for \(id): \(code) \(text)"),
      ]
      return
    case .notSent(let text):
      reaction.messages += [
        .event(.marginRefused(id, .other)),
        .notice("bybit: \(amount) of margin for \(id) were not sent: \(text)"),
      ]
      return
    case .unknown(let text):
      reaction.messages.append(
        .notice("bybit: what became of \(amount) of margin for \(id) is unknown: \(text)"))
    case .done: break
    }
    reaction.calls.append(
      get(
        "/v5/position/list",
        [Parameter("symbol", market.name), Parameter("category", "linear")], signed: true,
        BybitPurpose(.readMargin(id))))
  }

  mutating func finishReadMargin(
    _ id: InstrumentID, _ answer: BybitAnswer, _ reaction: inout Reaction<BybitPurpose>
  ) {
    guard let market = markets.market(id) else { return }
    do throws(BybitFailure) {
      let result = try answer.result()
      do throws(DialectError) {
        for row in try BybitField.list(result)
        where row["symbol"]?.text == market.name && row["positionIdx"]?.integer == 0 {
          let position = try BybitPositionRow.position(
            row, id: id, multiplier: market.multiplier, margin: margin)
          reaction.messages.append(.event(.position(position)))
          tellRank(row, of: id, into: &reaction.messages)
        }
      } catch {
        throw BybitFailure(error)
      }
    } catch {
      reaction.messages.append(
        .resynchronise("the position of \(id) cannot be read: \(error.failure)"))
    }
  }

  // MARK: - Transfers

  /// The account types between which a transfer goes; nil when it is none of this venue.
  ///
  /// Trading needs no transfers in one pool. What lies in the funding account is reached under the
  /// name of the spot wallet, which a unified venue does not have otherwise.
  private static func accounts(of transfer: Transfer) -> (from: String, to: String)? {
    switch (transfer.from, transfer.to) {
    case (.spot, .unified): ("FUND", "UNIFIED")
    case (.unified, .spot): ("UNIFIED", "FUND")
    default: nil
    }
  }

  /// The venue's key of a transfer: the same one is carried out once.
  static func uuid(of transfer: Transfer) -> String {
    let text = [
      "transfer", String(transfer.id), transfer.from.rawValue, transfer.to.rawValue,
      transfer.asset.rawValue, transfer.amount.description,
    ].joined(separator: "/")
    // Not a secret: a fixed key makes the hash a name.
    var bytes = Array(
      Signature.hmacSHA256(Array(text.utf8), key: Secret("harvester")).prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x80
    bytes[8] = bytes[8] & 0x3F | 0x80
    let hex = Array(Hex.encode(bytes))
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(hex[$0]) }
      .joined(separator: "-")
  }

  func transferCalls(_ transfer: Transfer) -> [Call<BybitPurpose>] {
    guard let accounts = Self.accounts(of: transfer), transfer.amount.isPositive else {
      return refused(.transferRefused(transfer, .other))
    }
    return [
      post(
        "/v5/asset/transfer/inter-transfer",
        [
          Parameter("transferId", Self.uuid(of: transfer)),
          Parameter("coin", transfer.asset.rawValue),
          Parameter("amount", transfer.amount.description),
          Parameter("fromAccountType", accounts.from), Parameter("toAccountType", accounts.to),
        ], BybitPurpose(.transfer(transfer)))
    ]
  }

  mutating func finishTransfer(
    _ transfer: Transfer, _ answer: BybitAnswer, at time: Timestamp,
    _ reaction: inout Reaction<BybitPurpose>
  ) {
    switch answer {
    case .done(let result):
      conclude(transfer, status: BybitField.optionalText(result, "status"), at: time, &reaction)
    case .refused(let code, let text):
      reaction.messages += [
        .event(.transferRefused(transfer, BybitCodes.reason(code))),
        .notice("bybit refuses transfer \(transfer.id): \(code) \(text)"),
      ]
    case .notSent:
      reaction.messages.append(.event(.transferRefused(transfer, .other)))
    case .unknown(let text):
      reaction.messages.append(
        .notice("bybit: what became of transfer \(transfer.id) is unknown: \(text)"))
      openTransfers.append((transfer, time + .seconds(2)))
    }
  }

  mutating func dueTransfers(at time: Timestamp) -> [Call<BybitPurpose>] {
    let due = openTransfers.filter { $0.at <= time }.map(\.transfer)
    openTransfers.removeAll { $0.at <= time }
    return due.map { transfer in
      get(
        "/v5/asset/transfer/query-inter-transfer-list",
        [Parameter("transferId", Self.uuid(of: transfer))], signed: true,
        BybitPurpose(.transferRecord(transfer)))
    }
  }

  mutating func finishTransferRecord(
    _ transfer: Transfer, _ answer: BybitAnswer, at time: Timestamp,
    _ reaction: inout Reaction<BybitPurpose>
  ) {
    var status = ""
    if case .done(let result) = answer {
      let row = result["list"]?.elements.first { $0["transferId"]?.text == Self.uuid(of: transfer) }
      status = row.map { BybitField.optionalText($0, "status") } ?? ""
    }
    conclude(transfer, status: status, at: time, &reaction)
  }

  private mutating func conclude(
    _ transfer: Transfer, status: String, at time: Timestamp,
    _ reaction: inout Reaction<BybitPurpose>
  ) {
    switch status {
    case "SUCCESS": reaction.messages.append(.event(.transferred(transfer)))
    case "FAILED": reaction.messages.append(.event(.transferRefused(transfer, .other)))
    default: openTransfers.append((transfer, time + .seconds(5)))
    }
  }
}
