import Trading
import Wire

/// A refusal as this venue words it.
struct BinanceError: Error, Hashable {
  /// The HTTP status.
  var status = 400
  /// The venue's code; negative.
  let code: Int
  /// The venue's text.
  let message: String
  /// Seconds to wait, where the venue says so.
  var retryAfter: Int64?

  init(_ code: Int, _ message: String, status: Int = 400, retryAfter: Int64? = nil) {
    self.status = status
    self.code = code
    self.message = message
    self.retryAfter = retryAfter
  }

  /// The body of the answer.
  var json: JSON { ["code": .whole(code), "msg": .string(message)] }
}

// Keys, signatures and time.
extension BinanceError {
  static let unauthorised = Self(
    -1002, "You are not authorized to execute this request.", status: 401)
  static let timestampBehind = Self(
    -1021, "Timestamp for this request is outside of the recvWindow.")
  static let timestampAhead = Self(
    -1021, "Timestamp for this request was 1000ms ahead of the server's time.")
  static let signature = Self(-1022, "Signature for this request is not valid.")
  static let keyFormat = Self(-2014, "API-key format invalid.", status: 401)
  static let key = Self(
    -2015, "Invalid API-key, IP, or permissions for action.", status: 401)
}

// Parameters.
extension BinanceError {
  static func missing(_ name: String) -> Self {
    Self(-1102, "Mandatory parameter '\(name)' was not sent, was empty/null, or malformed.")
  }
  static func illegal(_ name: String, range: String) -> Self {
    Self(-1100, "Illegal characters found in parameter '\(name)'; legal range is '\(range)'.")
  }
  static func duplicate(_ name: String) -> Self {
    Self(-1101, "Duplicate values for parameter '\(name)' detected.")
  }
  static func unread(read: Int, sent: Int) -> Self {
    Self(
      -1104,
      "Not all sent parameters were read; read '\(read)' parameter(s) but was sent '\(sent)'.")
  }
  static func empty(_ name: String) -> Self { Self(-1105, "Parameter '\(name)' was empty.") }
  static func notRequired(_ name: String) -> Self {
    Self(-1106, "Parameter '\(name)' sent when not required.")
  }
  static func invalid(_ name: String) -> Self {
    Self(-1130, "Data sent for parameter '\(name)' is not valid.")
  }
  static func tooPrecise(_ name: String) -> Self {
    Self(-1111, "Parameter '\(name)' has too much precision.")
  }
  static let precision = Self(
    -1111, "Precision is over the maximum defined for this asset.")
  static let timeInForce = Self(-1115, "Invalid timeInForce.")
  static let orderType = Self(-1116, "Invalid orderType.")
  static let side = Self(-1117, "Invalid side.")
  static let interval = Self(-1120, "Invalid interval.")
  static let symbol = Self(-1121, "Invalid symbol.")
  static let listenKey = Self(-1125, "This listenKey does not exist.")
  static let combination = Self(-1128, "Combination of optional parameters invalid.")
  static let receiveWindow = Self(-1131, "recvWindow must be less than 60000.")
}

// Orders and accounts.
extension BinanceError {
  static func filter(_ name: String) -> Self { Self(-1013, "Filter failure: \(name)") }
  static let insufficientBalance = Self(
    -2010, "Account has insufficient balance for requested action.")
  static let wouldTake = Self(-2010, "Order would immediately match and take.")
  static let duplicateOrder = Self(-2010, "Duplicate order sent.")
  static let marketClosed = Self(-1013, "Market is closed.")
  static let cancelUnknown = Self(-2011, "Unknown order sent.")
  static let noSuchOrder = Self(-2013, "Order does not exist.")
  static let insufficientMargin = Self(-2019, "Margin is insufficient.")
  static let reduceOnly = Self(-2022, "ReduceOnly Order is rejected.")
  static let positionTooLarge = Self(
    -2027, "Exceeded the maximum allowable position at current leverage.")
  static let leverageTooSmall = Self(
    -2028, "Leverage is smaller than permitted: insufficient margin balance.")
  static let quantityNotPositive = Self(-4003, "Quantity less than or equal to zero.")
  static let quantityTooSmall = Self(-4004, "Quantity less than min quantity.")
  static let quantityTooLarge = Self(-4005, "Quantity greater than max quantity.")
  static let offTick = Self(-4014, "Price not increased by tick size.")
  static let clientIDNotValid = Self(-4015, "Client order id is not valid.")
  static let offLot = Self(-4023, "Quantity not increased by step size.")
  static let duplicateClientID = Self(-4116, "ClientOrderId is duplicated.")
  static let onlyReduceOnly = Self(
    -4400, "Futures Trading Quantitative Rules violated, only reduceOnly order is allowed.")
  static let symbolClosed = Self(-4141, "Symbol is closed.")
  static let postOnly = Self(
    -5022,
    "Due to the order could not be executed as maker, the Post Only order will be rejected. "
      + "The order will not be recorded in the order history.")
  static let fillOrKill = Self(
    -5021,
    "Due to the order could not be filled immediately, the FOK order has been rejected. "
      + "The order will not be recorded in the order history.")
  static func notional(_ least: String) -> Self {
    Self(
      -4164, "Order's notional must be no smaller than \(least) (unless you choose reduce only).")
  }
  static func priceTooHigh(_ limit: String) -> Self {
    Self(-4016, "Limit price can't be higher than \(limit).")
  }
  static func priceTooLow(_ limit: String) -> Self {
    Self(-4024, "Limit price can't be lower than \(limit).")
  }
}

// Settings of the futures account.
extension BinanceError {
  static func leverage(_ value: Int64) -> Self { Self(-4028, "Leverage \(value) is not valid") }
  static let sameMarginType = Self(-4046, "No need to change margin type.")
  static let marginTypeWithOrders = Self(
    -4047, "Margin type cannot be changed if there exists open orders.")
  static let marginTypeWithPosition = Self(
    -4048, "Margin type cannot be changed if there exists position.")
  static let marginNeedsIsolated = Self(-4049, "Add margin only support for isolated position.")
  static let crossBalance = Self(-4050, "Cross balance insufficient.")
  static let isolatedBalance = Self(-4051, "Isolated balance insufficient.")
  static let noPosition = Self(-4054, "Cannot add position margin: position is 0.")
  static let amountNotPositive = Self(-4055, "Amount must be positive.")
  static let samePositionSide = Self(-4059, "No need to change position side.")
  static let positionSide = Self(
    -4061, "Order's position side does not match user's setting.")
  static let positionSideWithOrders = Self(
    -4067, "Position side cannot be changed if there exists open orders.")
  static let positionSideWithPosition = Self(
    -4068, "Position side cannot be changed if there exists position.")
  static let sameAssetMode = Self(
    -4171, "Adjusted asset mode is currently set and does not need to be adjusted repeatedly.")
  static let transferBalance = Self(-5013, "Asset transfer failed: insufficient balance")
  static let transferAsset = Self(-5002, "You have insufficient balance.")
}
