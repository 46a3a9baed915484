import Trading

/// A refusal in the venue's own words: `retCode` and `retMsg`.
struct BybitRefusal: Error, Hashable {
  let code: Int
  let text: String

  init(_ code: Int, _ text: String) {
    self.code = code
    self.text = text
  }

  static func parameter(_ text: String) -> Self { Self(10001, text) }
  static func missing(_ name: String) -> Self { Self(10001, "params error: \(name) is required") }
  static let timestamp = Self(
    10002, "invalid request, please check your server timestamp or recv_window param")
  static let key = Self(10003, "API key is invalid.")
  static let signature = Self(
    10004, "Error sign, please check your signature generation algorithm.")
  static let permission = Self(
    10005, "Permission denied, please check your API key permissions.")
  static let tooManyVisits = Self(10006, "Too many visits. Exceeded the API Rate Limit.")
  static let serverError = Self(10016, "Internal System Error.")
  static let unknownPath = Self(10404, "op type is not found")
  static let isolatedOnUnified = Self(
    100028, "The API cannot be accessed by unified account users.")

  static func unknownSymbol(_ category: BybitCategory) -> Self {
    category == .spot
      ? Self(170121, "Invalid symbol.") : Self(10001, "params error: symbol invalid")
  }

  static func unknownOrder(_ category: BybitCategory) -> Self {
    category == .spot
      ? Self(170213, "Order does not exist.")
      : Self(110001, "order not exists or too late to cancel")
  }

  static func duplicateLink(_ category: BybitCategory) -> Self {
    category == .spot
      ? Self(170141, "Duplicate clientOrderId") : Self(110072, "OrderLinkedID is duplicate")
  }
}

extension BybitRefusal {
  /// Translates the matching engine's reason for refusing an order.
  init(_ refusal: OrderRefusal, _ listing: ListedInstrument) {
    let isSpot = !listing.isPerp
    self =
      switch refusal.reason {
      case .unknownInstrument: .unknownSymbol(listing.category)
      case .invalidPrice:
        isSpot ? Self(170134, "Order price decimal too long.") : .parameter("Price invalid")
      case .invalidQuantity:
        isSpot ? Self(170137, "Order volume decimal too long") : .parameter("Qty invalid")
      case .belowMinimumNotional:
        isSpot
          ? Self(170140, "Order value exceeded lower limit.")
          : Self(
            110094,
            "Order does not meet minimum order value \(listing.instrument.minimumNotional)USDT")
      case .insufficientBalance, .insufficientMargin:
        isSpot
          ? Self(170131, "Insufficient balance.") : Self(110007, "ab not enough for new order")
      case .wouldTakeLiquidity:
        Self(170218, "The LIMIT-MAKER order is rejected due to invalid price.")
      case .reduceOnlyViolated:
        Self(110017, "Reduce-only rule not satisfied: orderQty will be truncated to zero")
      case .duplicateID: .duplicateLink(listing.category)
      case .notFound: .unknownOrder(listing.category)
      case .marketHalted:
        if listing.status == .reduceOnly || listing.endsAt != nil {
          Self(30228, "No new positions during delisting")
        } else if isSpot {
          Self(170151, "The trading pair is not open yet")
        } else {
          Self(110074, "This contract is not live")
        }
      case .leverageTooHigh:
        Self(110090, "Order placement failed as your position may exceed the max limit")
      case .pastDeadline, .other: .parameter("params error: \(refusal.reason.rawValue)")
      }
  }
}

/// The two product types served.
enum BybitCategory: String, Hashable, CaseIterable {
  case spot
  case linear

  var market: Market { self == .spot ? .spot : .perp }

  init(_ market: Market) { self = market == .spot ? .spot : .linear }
}
