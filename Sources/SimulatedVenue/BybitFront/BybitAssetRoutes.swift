import FixedPoint
import Trading
import Wire

extension BybitFront {
  /// `/v5/asset`.
  func assetAnswer(_ call: BybitCall) throws(BybitRefusal) -> BybitAnswer? {
    let parameters = call.parameters
    switch call.route {
    case "GET /v5/asset/coin/query-info": return coins(parameters)
    case "POST /v5/asset/transfer/inter-transfer": return try transfer(parameters)
    case "GET /v5/asset/transfer/query-inter-transfer-list": return try transfers(parameters)
    case "GET /v5/asset/transfer/query-account-coins-balance": return try coinBalances(parameters)
    default: return nil
    }
  }

  private func coins(_ parameters: BybitParameters) -> BybitAnswer {
    var assets: [AssetID] = []
    for listing in venue.listings {
      for asset in [listing.instrument.quote, listing.instrument.base]
      where !assets.contains(asset) {
        assets.append(asset)
      }
    }
    if let coin = parameters.text("coin") { assets = assets.filter { $0.rawValue == coin } }
    let rows = assets.map { asset -> JSON in
      let name = JSON.string(asset.rawValue)
      let chain: JSON = [
        "chainType": name, "confirmation": "6", "withdrawFee": "1", "depositMin": "0",
        "withdrawMin": "10", "chain": name, "chainDeposit": "1", "chainWithdraw": "0",
        "minAccuracy": "8", "withdrawPercentageFee": "0", "contractAddress": "",
        "safeConfirmNumber": "12", "withdrawMax": "10000000",
      ]
      return ["name": name, "coin": name, "remainAmount": "10000000", "chains": [chain]]
    }
    return BybitAnswer(["rows": .array(rows)], text: "success")
  }

  /// Moves an asset between the funding and the unified wallet; the id makes it unique.
  private func transfer(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let id = try parameters.required("transferId")
    guard Self.isUUID(id) else { throw BybitRefusal(131203, "transferId must be a UUID") }
    let from = try Self.wallet(try parameters.required("fromAccountType"))
    let to = try Self.wallet(try parameters.required("toAccountType"))
    guard from != to else {
      throw BybitRefusal(131211, "fromAccountType can't be the same as toAccountType")
    }
    guard let amount = try parameters.decimal("amount", Unit.Asset.self), amount.isPositive else {
      throw BybitRefusal(131215, "Amount error")
    }
    let coin = AssetID(try parameters.required("coin"))
    do throws(OrderRefusal) {
      _ = try venue.transfer(amount, of: coin, from: from, to: to, key: id)
    } catch {
      throw switch error.reason {
      case .duplicateID: BybitRefusal(131214, "TransferId exist")
      case .insufficientBalance: BybitRefusal(131212, "Insufficient balance")
      default: BybitRefusal(131206, "cannot be transfer")
      }
    }
    return BybitAnswer(["transferId": .string(id), "status": "SUCCESS"], text: "success")
  }

  private func transfers(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let window = try BybitWindow(parameters, now: venue.now)
    let id = parameters.text("transferId")
    let coin = parameters.text("coin")
    if let status = parameters.text("status"), status != "SUCCESS" { return .list([], cursor: "") }
    let rows = venue.transfers.reversed().filter {
      (id == nil ? window.contains($0.at) : $0.key == id)
        && (coin ?? $0.asset.rawValue) == $0.asset.rawValue
    }
    let page = try BybitPage(Array(rows), parameters, default: 20, maximum: 50, number: \.number)
    var answer = BybitAnswer.list(page.rows.map(transferRow), cursor: page.cursor)
    answer.text = "success"
    return answer
  }

  private func transferRow(_ record: TransferRecord) -> JSON {
    [
      "transferId": .string(record.key ?? "transfer-\(record.number)"),
      "coin": .string(record.asset.rawValue), "amount": .text(record.amount),
      "fromAccountType": .string(Self.name(of: record.from)),
      "toAccountType": .string(Self.name(of: record.to)), "timestamp": .stamp(record.at),
      "status": "SUCCESS",
    ]
  }

  private func coinBalances(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let type = try parameters.required("accountType")
    let wallet = try Self.wallet(type)
    var balances = venue.balances(in: wallet)
    if let coins = parameters.text("coin")?.split(separator: ",").map({ AssetID($0) }) {
      balances = coins.map { venue.balance(of: $0, in: wallet) }
    }
    let rows = balances.map { balance -> JSON in
      [
        "coin": .string(balance.asset.rawValue),
        "transferBalance": .text(venue.transferable(balance.asset, from: wallet)),
        "walletBalance": .text(balance.total), "bonus": "",
      ]
    }
    return BybitAnswer(
      ["memberId": "1448939", "accountType": .string(type), "balance": .array(rows)],
      text: "success")
  }

  private static func wallet(_ type: String) throws(BybitRefusal) -> AccountWallet {
    switch type {
    case "UNIFIED": .unified
    case "FUND": .funding
    default: throw BybitRefusal(131204, "Account info error")
    }
  }

  private static func name(of wallet: AccountWallet) -> String {
    wallet == .funding ? "FUND" : "UNIFIED"
  }

  private static func isUUID(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    return parts.map(\.utf8.count) == [8, 4, 4, 4, 12]
      && parts.joined().allSatisfy { $0.isHexDigit }
  }
}
