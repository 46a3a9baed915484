import Trading

extension BinanceRefusal {
  /// The reason in words common to all venues.
  var reason: RefusalReason {
    switch code {
    case -1013, -1111: filterReason
    case -2010: rejectionReason
    case -1121, -4144: .unknownInstrument
    case -4001, -4002, -4006, -4007, -4013, -4014, -4016, -4024, -4029, -4131: .invalidPrice
    case -4003, -4004, -4005, -4023, -4030: .invalidQuantity
    case -4164: .belowMinimumNotional
    case -4050, -4051, -3041, -5013, -5002: .insufficientBalance
    case -2018, -2019: .insufficientMargin
    case -5022: .wouldTakeLiquidity
    case -2022, -4118: .reduceOnlyViolated
    case -4116, -4111: .duplicateID
    case -2011, -2013: .notFound
    case -4087, -4108, -4140, -4141, -4400, -4401: .marketHalted
    case -1021, -5028: .pastDeadline
    case -2027, -2028, -4028: .leverageTooHigh
    default: .other
    }
  }

  private var filterReason: RefusalReason {
    if text.contains("NOTIONAL") { return .belowMinimumNotional }
    if text.contains("LOT_SIZE") || text.contains("quantity") { return .invalidQuantity }
    if text.contains("PRICE") || text.contains("price") { return .invalidPrice }
    return code == -1111 ? .invalidQuantity : .other
  }

  /// One code stands for whatever the matching engine rejects; only its text tells why.
  private var rejectionReason: RefusalReason {
    if text.contains("insufficient balance") { return .insufficientBalance }
    if text.contains("immediately match") { return .wouldTakeLiquidity }
    if text.hasPrefix("Duplicate order") { return .duplicateID }
    if text.contains("Market is closed") || text.contains("not yet listed") { return .marketHalted }
    return .other
  }
}
