import FixedPoint
public import Trading

/// An order that was accepted, until the end of the exchange.
struct OrderRecord: Equatable, Sendable {
  let request: OrderRequest
  let venueOrder: VenueOrderID
  /// The instrument's place.
  let place: Int
  /// What has not traded yet, base units.
  var remaining: Quantity
  /// Reserved in the purse at `lockedIn` while it rests.
  var locked: Amount = .zero
  var lockedIn: Int
  /// Places in the exchange's list of fills.
  var fills: [Int] = []
  /// How it ended; nil while it works.
  var outcome: OrderOutcome?
}

/// What became of an id that was seen.
enum OrderStanding: Equatable, Sendable {
  /// Accepted; place in the exchange's list of orders.
  case accepted(Int)
  /// Refused, with what was said.
  case refused(Refusal)
}

/// Why an order was not accepted, with the value and the limit in words.
public struct Refusal: Error, Equatable, Sendable {
  /// In words common to all venues.
  public let reason: RefusalReason
  /// With the value and the limit.
  public let text: String

  init(_ reason: RefusalReason, _ text: String) {
    self.reason = reason
    self.text = text
  }
}

/// A transfer that was performed.
struct PerformedTransfer: Equatable, Sendable {
  let at: Timestamp
  let transfer: Transfer
}
