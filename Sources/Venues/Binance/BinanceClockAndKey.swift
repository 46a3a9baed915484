import Trading
import Wire

extension BinanceDialect {
  static let clockCall = BinanceCall(
    .spotREST, .get, "/api/v3/time", isSigned: false, urgency: .high, .clock)

  var keyCall: BinanceCall {
    BinanceCall(.spotREST, .get, "/sapi/v1/account/apiRestrictions", [], .key)
  }

  mutating func readClock(
    _ answer: BinanceAnswer, into reaction: inout BinanceReaction
  ) throws(DialectError) {
    guard case .success(let json) = answer else {
      Self.failed(.readClock, answer).map { reaction.messages.append($0) }
      return
    }
    let time = try BinanceRow(json).time("serverTime")
    hear(time)
    reaction.messages.append(.clock(time))
  }

  func readKey(
    _ answer: BinanceAnswer, into reaction: inout BinanceReaction
  ) throws(DialectError) {
    guard case .success(let json) = answer else {
      Self.failed(.readKey, answer).map { reaction.messages.append($0) }
      return
    }
    let row = BinanceRow(json)
    var rights: [String] = []
    for right in ["enableWithdrawals", "enableInternalTransfer"] where try row.bool(right) {
      rights.append(right)
    }
    var expiry: Timestamp?
    if let stamp = json["tradingAuthorityExpirationTime"]?.integer, stamp > 0 {
      expiry = try BinanceTime.reading(stamp)
    }
    let mayRead = try row.bool("enableReading")
    let (spot, perps) = (
      try row.bool("enableSpotAndMarginTrading"), try row.bool("enableFutures")
    )
    reaction.messages.append(
      .key(
        KeyPermissions(
          mayWithdraw: !rights.isEmpty, withdrawalRights: rights,
          mayTradeSpot: mayRead && spot,
          mayTradePerpetuals: mayRead && perps,
          mayTransfer: try row.bool("permitsUniversalTransfer"),
          isBoundToAddress: try row.bool("ipRestrict"), expiresAt: expiry)))
  }
}
