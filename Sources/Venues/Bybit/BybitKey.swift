import FixedPoint
import Trading
import Wire

/// Clock, key and type of account.
extension BybitDialect {
  func finishClock(
    _ answer: BybitAnswer, at time: Timestamp, _ reaction: inout Reaction<BybitPurpose>
  ) {
    do throws(BybitFailure) {
      let result = try answer.result()
      let nanoseconds = result["timeNano"]?.integer ?? 0
      let seconds = result["timeSecond"]?.integer ?? 0
      if BybitField.timestamp(nanoseconds / 1_000_000) != nil {
        reaction.messages.append(.clock(Timestamp(nanoseconds: nanoseconds)))
      } else if (0...4_102_444_800).contains(seconds),
        let second = BybitField.timestamp(seconds * 1000)
      {
        reaction.messages.append(.clock(second))
      } else {
        throw BybitFailure(.unavailable("the clock is not understood"))
      }
    } catch {
      reaction.messages.append(.failed(.readClock, error.failure))
    }
  }

  /// Rights with which money can leave the account or somebody else's orders enter it.
  private static let dangerous: [(group: String, rights: Set<String>?)] = [
    ("Wallet", ["Withdraw", "SubMemberTransfer", "SubMemberTransferList"]),
    ("FiatP2P", nil), ("FiatBitPay", nil), ("FiatConvertBroker", nil), ("BitCard", nil),
    ("Affiliate", nil), ("CopyTrading", nil),
  ]

  func finishKey(_ answer: BybitAnswer, _ reaction: inout Reaction<BybitPurpose>) {
    do throws(BybitFailure) {
      let result = try answer.result()
      guard let readOnly = result["readOnly"]?.integer, let permissions = result["permissions"]
      else { throw BybitFailure(.unavailable("the key's permissions are not understood")) }
      func rights(_ group: String) -> [String] {
        permissions[group]?.elements.compactMap(\.text) ?? []
      }
      var forbidden: [String] = []
      for (group, rights) in Self.dangerous {
        forbidden += (permissions[group]?.elements ?? []).compactMap(\.text)
          .filter { rights?.contains($0) ?? true }.map { "\(group): \($0)" }
      }
      forbidden += rights("Exchange").filter { $0 != "ExchangeHistory" }.map { "Exchange: \($0)" }
      let canWrite = readOnly == 0
      let addresses = result["ips"]?.elements.compactMap(\.text) ?? []
      let key = KeyPermissions(
        mayWithdraw: !forbidden.isEmpty, withdrawalRights: forbidden,
        mayTradeSpot: canWrite && rights("Spot").contains("SpotTrade"),
        mayTradePerpetuals: canWrite
          && Set(rights("ContractTrade")).isSuperset(of: ["Order", "Position"]),
        mayTransfer: canWrite && rights("Wallet").contains("AccountTransfer"),
        isBoundToAddress: !addresses.isEmpty && !addresses.contains("*"),
        expiresAt: Self.expiry(result))
      reaction.calls.append(
        get("/v5/account/info", signed: true, BybitPurpose(.accountType(key))))
    } catch {
      reaction.messages.append(.failed(.readKey, error.failure))
    }
  }

  /// A key bound to addresses does not end; its field is empty or the year 1970.
  private static func expiry(_ result: JSON) -> Timestamp? {
    guard let time = try? Timestamp(BybitField.optionalText(result, "expiredAt")),
      time > Timestamp(milliseconds: 946_684_800_000)
    else { return nil }
    return time
  }

  func finishAccountType(
    _ answer: BybitAnswer, _ key: KeyPermissions, _ reaction: inout Reaction<BybitPurpose>
  ) {
    do throws(BybitFailure) {
      let status = try answer.result()["unifiedMarginStatus"]?.integer
      guard let status, (3...6).contains(status) else {
        let text = status.map { "unifiedMarginStatus is \($0)" } ?? "the account type is unknown"
        throw BybitFailure(
          .refused(code: "10028", text: "only unified accounts can be used: \(text)"))
      }
      reaction.messages.append(.key(key))
    } catch {
      reaction.messages.append(.failed(.readKey, error.failure))
    }
  }
}
