import FixedPoint
import Trading
import Wire

/// How an order ended at Bybit, and how much of it had traded by then.
struct BybitEnding: Hashable, Sendable {
  /// Base units; the ending is told only after executions of so much.
  var executed: Quantity
  var outcome: OrderOutcome
  /// Set when the matching engine refused the order.
  var reason: RefusalReason?
  /// The venue's own words.
  var text: String

  /// As the engine hears it: an order that traded in part was not refused.
  func event(of id: ClientOrderID) -> VenueEvent {
    if let reason, executed.isZero { return .orderRefused(id, reason, text) }
    return .orderFinished(id, outcome)
  }
}

/// One order, as REST and the topic `order` state it.
struct BybitOrderRow: Sendable {
  let venueOrder: VenueOrderID
  let link: String
  let symbol: String
  /// Base units.
  let executed: Quantity
  /// Nil while it works.
  let ending: BybitEnding?

  /// Our id; nil when somebody else sent the order.
  var id: ClientOrderID? { ClientOrderID(link) }

  /// Whether it is a leg of a combination, which has an order of its own.
  static func isLeg(_ row: JSON) -> Bool { row["createType"]?.text == "CreateByFutureSpread" }

  /// - Parameters:
  ///   - multiplier: base units per unit of the venue's quantity.
  ///   - legs: how many markets trade that quantity.
  init(_ row: JSON, multiplier: Int, legs: Int = 1) throws(DialectError) {
    venueOrder = VenueOrderID(rawValue: try BybitField.text(row, "orderId"))
    link = BybitField.optionalText(row, "orderLinkId")
    symbol = try BybitField.text(row, "symbol")
    let quantity: Quantity = try BybitField.optionalDecimal(row, "cumExecQty") ?? .zero
    guard !quantity.isNegative else { throw DialectError("cumExecQty is negative") }
    executed = try BybitArithmetic.quantity(quantity, of: multiplier * legs)
    ending = try Self.ending(row, executed: executed)
  }

  private static func ending(
    _ row: JSON, executed: Quantity
  ) throws(DialectError) -> BybitEnding? {
    let status = try BybitField.text(row, "orderStatus")
    // The history of combinations has a name of its own for it.
    let reason = BybitField.optionalText(
      row, row["rejectReason"] == nil ? "cxlRejReason" : "rejectReason")
    let cancelType = BybitField.optionalText(row, "cancelType")
    let text = reason.isEmpty || reason == "EC_NoError" ? cancelType : reason
    switch status {
    case "New", "PartiallyFilled", "Untriggered", "Triggered", "Created":
      return nil
    case "Filled":
      return BybitEnding(executed: executed, outcome: .filled, text: text)
    case "Rejected":
      return BybitEnding(
        executed: executed, outcome: .expired, reason: BybitCodes.rejection(reason) ?? .other,
        text: text)
    case "Cancelled", "PartiallyFilledCanceled", "Deactivated":
      let isOurs = cancelType == "CancelByUser" || reason == "EC_PerCancelRequest"
      return BybitEnding(
        executed: executed, outcome: isOurs ? .cancelled : .expired,
        reason: isOurs ? nil : refusal(reason, cancelType), text: text)
    default:
      throw DialectError("an order status is unknown")
    }
  }

  private static func refusal(_ reason: String, _ cancelType: String) -> RefusalReason? {
    cancelType == "CancelByReduceOnly" ? .reduceOnlyViolated : BybitCodes.rejection(reason)
  }
}

/// One position, as REST and the topic `position` state it.
enum BybitPositionRow {
  /// Reads a position in base units.
  ///
  /// - `positionBalance` is the isolated margin. It is deprecated in favour of `positionIM`, which
  ///   also holds margin that was added, but moves with the mark price and includes the fee to
  ///   close: it counts where the other is left out or zero, and in cross margin, where nothing is
  ///   set aside.
  /// - A liquidation price out of reach is empty; that of a flat position is 0. In cross margin it
  ///   is the venue's estimate, since the whole account stands behind the position.
  static func position(
    _ row: JSON, id: InstrumentID, multiplier: Int, margin mode: MarginMode
  ) throws(DialectError) -> Position {
    let size: Quantity = try BybitField.decimal(row, "size")
    guard !size.isNegative else { throw DialectError("size is negative") }
    guard !size.isZero else {
      return Position(
        instrument: id, quantity: .zero, cost: .zero, margin: .zero, liquidationPrice: nil)
    }
    let side = try BybitField.side(row)
    let quantity = side.signed(try BybitArithmetic.quantity(size, of: multiplier))
    let name = row["avgPrice"] == nil ? "entryPrice" : "avgPrice"
    let entry: Price = try BybitField.positive(row, name)
    var margin: Notional? =
      mode == .isolated ? try BybitField.optionalDecimal(row, "positionBalance") : nil
    if margin?.isPositive != true { margin = try BybitField.optionalDecimal(row, "positionIM") }
    guard let margin else { throw DialectError("positionIM is missing") }
    let liquidation: Price? = try BybitField.optionalDecimal(row, "liqPrice")
    return Position(
      instrument: id, quantity: quantity,
      cost: try BybitArithmetic.notional(entry, side.signed(size)),
      margin: margin, liquidationPrice: try reachable(liquidation, multiplier))
  }

  /// The place in the queue of deleveraging, from 0, flat or last, to 5, next; nil when not told.
  static func rank(_ row: JSON) -> Int? {
    guard let rank = row["adlRankIndicator"]?.integer, (0...5).contains(rank) else { return nil }
    return Int(rank)
  }

  /// A liquidation price is computed by the venue to any number of places.
  private static func reachable(
    _ price: Price?, _ multiplier: Int
  ) throws(DialectError) -> Price? {
    guard let price, price.isPositive else { return nil }
    return multiplier > 1 ? price.divided(by: multiplier, rounding: .floor) : price
  }
}
