import Trading
import Wire

extension BybitFront {
  /// `/v5/user`, `/v5/announcements` and `/v5/system`.
  func serviceAnswer(_ call: BybitCall) throws(BybitRefusal) -> BybitAnswer? {
    switch call.route {
    case "GET /v5/user/query-api":
      guard let key = call.key.flatMap({ venue.world.key($0) }) else { throw .key }
      return BybitAnswer(keyRow(key), text: "")
    case "GET /v5/announcements/index":
      let rows = announcements(type: call.parameters.text("type"))
      return BybitAnswer(["total": .number(String(rows.count)), "list": .array(rows)])
    case "GET /v5/system/status":
      return BybitAnswer(["list": []], text: "")
    default:
      return nil
    }
  }

  private func keyRow(_ key: APIKey) -> JSON {
    let mayTrade = key.mayTradeSpot || key.mayTradePerpetuals
    let wallet: [JSON] =
      (key.mayTransfer ? ["AccountTransfer"] : []) + (key.mayWithdraw ? ["Withdraw"] : [])
    let permissions: JSON = [
      "ContractTrade": key.mayTradePerpetuals ? ["Order", "Position"] : [],
      "Spot": key.mayTradeSpot ? ["SpotTrade"] : [], "Wallet": .array(wallet), "Options": [],
      "Derivatives": key.mayTradePerpetuals ? ["DerivativesTrade"] : [], "CopyTrading": [],
      "BlockTrade": [], "Exchange": [], "NFT": [], "Affiliate": [], "Earn": [],
    ]
    let expiry = key.expiresAt ?? venue.now + .days(90)
    let daysLeft = (expiry - venue.now).nanoseconds / TimeSpan.days(1).nanoseconds
    return [
      "id": "2208369", "note": "simulated", "apiKey": .string(key.name),
      "readOnly": mayTrade ? 0 : 1, "secret": "", "permissions": permissions,
      "ips": key.isBoundToAddress ? ["127.0.0.1"] : ["*"], "type": 1,
      "deadlineDay": key.isBoundToAddress && key.expiresAt == nil
        ? -2 : .number(String(daysLeft)),
      "expiredAt": key.isBoundToAddress && key.expiresAt == nil
        ? "1970-01-01T00:00:00Z" : .string(expiry.wholeSeconds),
      "createdAt": "2025-01-01T00:00:00Z", "unified": 0, "uta": 1, "userID": 1_448_939,
      "inviterID": 0, "vipLevel": "No VIP", "mktMakerLevel": "0", "affiliateID": 0,
      "rsaPublicKey": "", "isMaster": true, "parentUid": "0", "kycLevel": "LEVEL_1",
      "kycRegion": "",
    ]
  }

  /// One article for each contract that will end.
  private func announcements(type: String?) -> [JSON] {
    if let type, type != "delistings" { return [] }
    return venue.listings.compactMap { listing in
      guard let end = listing.endsAt else { return nil }
      return [
        "title": "Delisting of \(listing.name) Perpetual Contract",
        "description": "Bybit will delist the \(listing.name) Perpetual Contract.",
        "type": ["title": "Delistings", "key": "delistings"], "tags": ["Derivatives"],
        "url": "", "dateTimestamp": .milliseconds(venue.clock),
        "startDateTimestamp": .milliseconds(venue.clock), "endDateTimestamp": .milliseconds(end),
      ]
    }
  }
}

extension Timestamp {
  /// ISO 8601 with whole seconds.
  fileprivate var wholeSeconds: String {
    floored(to: .seconds(1)).description
  }
}
