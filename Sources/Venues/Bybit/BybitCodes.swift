import Trading

/// What Bybit's return codes and reject reasons mean, in words common to all venues.
enum BybitCodes {
  /// Nobody knows whether the request was executed.
  static let unknown: Set<Int64> = [
    10000, 10016, 170_001, 170_007, 170_032, 170_146, 170_147,
  ]
  /// A request with this client id got through before.
  static let duplicate: Set<Int64> = [10014, 110_072, 170_141]
  /// The order that is to be cancelled has ended, or is not there yet.
  static let ended: Set<Int64> = [
    110_001, 110_008, 110_010, 110_079, 170_139, 170_142, 170_143, 170_190, 170_191, 170_213,
  ]
  /// Over a limit of requests: nothing was executed.
  static let limited: Set<Int64> = [10006, 10018, 10429]
  /// The clock differs too much, or the request came after its deadline.
  static let late: Int64 = 10002
  /// What was asked for is so already.
  static let unchanged: Set<Int64> = [110_025, 110_026, 110_043]

  /// Whether the code says surely that an order was not executed.
  ///
  /// A code of no known family is treated as an unknown outcome: the order is looked up.
  static func isRefusal(_ code: Int64) -> Bool {
    guard !unknown.contains(code), !duplicate.contains(code) else { return false }
    return (10001...10030).contains(code) || limited.contains(code)
      || (30000...30999).contains(code) || (110_000...110_999).contains(code)
      || (170_000...170_999).contains(code)
  }

  /// Why a request was refused.
  static func reason(_ code: Int64) -> RefusalReason {
    switch code {
    case 10002: .pastDeadline
    case 10029, 170_121: .unknownInstrument
    case 110_003, 110_120, 110_121, 30208, 30209, 170_132...170_134, 170_192...170_194:
      .invalidPrice
    case 110_004, 110_045, 110_051...110_053, 170_131: .insufficientBalance
    case 110_006, 110_007, 110_012, 110_014, 110_044, 110_078, 110_131, 30256:
      .insufficientMargin
    case 110_017, 110_022: .reduceOnlyViolated
    case 110_021, 110_086, 110_087, 110_089, 110_090: .leverageTooHigh
    case 110_094, 170_140: .belowMinimumNotional
    case 170_124, 170_135...170_137, 170_148: .invalidQuantity
    case 110_023, 110_042, 110_063, 110_066, 110_074, 110_118, 30228, 170_151, 170_157, 170_159:
      .marketHalted
    case 170_218: .wouldTakeLiquidity
    case 10014, 110_072, 170_141: .duplicateID
    case 110_001, 170_213: .notFound
    default: .other
    }
  }

  /// Words for refusals whose own text may repeat the key, or what was signed.
  static func words(_ code: Int64?) -> String? {
    switch code {
    case 10003: "the API key is not valid"
    case 10004: "the signature is not valid"
    case 10005: "the API key does not have the right"
    default: nil
    }
  }

  /// Why the matching engine refused an order; nil when it ended by a rule of its own.
  static func rejection(_ reason: String) -> RefusalReason? {
    switch reason {
    case "", "EC_NoError", "EC_PerCancelRequest", "EC_NoImmediateQtyToFill",
      "EC_NoEnoughQtyToFill", "EC_CancelForNoFullFill", "EC_ReachMaxTradeNum", "EC_BySelfMatch",
      "EC_StopBySelfMatch", "EC_OrigClOrdIDDoesNotExist", "EC_TooLateToCancel",
      "EC_LoadOrderCancel", "EC_CancelReplaceOrder", "EC_CancelByMMP":
      nil
    case "EC_PostOnlyWillTakeLiquidity": .wouldTakeLiquidity
    case "EC_ReachRiskPriceLimit", "EC_ReachMarketPriceLimit", "EC_LimitOrderInvalidPrice",
      "EC_InvalidPriceScale":
      .invalidPrice
    case "EC_QtyCannotBeZero", "EC_EcInvalidQty", "EC_InvalidAmount", "EC_InvalidBaseValue":
      .invalidQuantity
    case "EC_DuplicatedClOrdID": .duplicateID
    case "EC_InvalidSymbolStatus", "EC_SecurityStatusFail", "EC_InCallAuctionStatus":
      .marketHalted
    case let text where text.contains("ReduceOnly"): .reduceOnlyViolated
    case let text where text.uppercased().contains("MARGIN"): .insufficientMargin
    case let text where text.uppercased().contains("BALANCE"): .insufficientBalance
    default: .other
    }
  }
}
