/// The stored form of facts: a kind, a version and a body. It is a file format: kinds keep their
/// names for ever, and a change of meaning gets a new kind.
extension Fact {
  /// The version of the bodies written now.
  public static let version = 1

  /// The stored name of the kind.
  public var kind: Kind {
    switch body {
    case .started: .started
    case .decided: .decided
    case .carryPlanned: .carryPlanned
    case .carryMoved: .carryMoved
    case .intended: .intended
    case .accepted: .accepted
    case .filled: .filled
    case .orderEnded: .orderEnded
    case .transferIntended: .transferIntended
    case .transferEnded: .transferEnded
    case .settled: .settled
    case .settlementCorrected: .settlementCorrected
    case .fundingReceived: .fundingReceived
    case .booked: .booked
    case .adjusted: .adjusted
    case .rebalanced: .rebalanced
    case .exposed: .exposed
    case .marked: .marked
    case .interestNoted: .interestNoted
    case .valued: .valued
    case .planned: .planned
    case .commandEnded: .commandEnded
    case .tradingChanged: .tradingChanged
    case .mismatched: .mismatched
    case .compared: .compared
    }
  }

  /// The stored names.
  public enum Kind: String, Sendable, CaseIterable {
    case started, decided
    case carryPlanned = "carry_planned"
    case carryMoved = "carry_moved"
    case intended, accepted, filled
    case orderEnded = "order_ended"
    case transferIntended = "transfer_intended"
    case transferEnded = "transfer_ended"
    case settled
    case settlementCorrected = "settlement_corrected"
    case fundingReceived = "funding_received"
    case booked, adjusted, rebalanced, exposed, marked, valued, planned
    case interestNoted = "interest_noted"
    case commandEnded = "command_ended"
    case tradingChanged = "trading_changed"
    case mismatched, compared
  }
}

extension Fact.Body: Encodable {
  /// Writes the payload alone; the kind stands beside it.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .started(let payload): try payload.encode(to: encoder)
    case .decided(let payload): try payload.encode(to: encoder)
    case .carryPlanned(let payload): try payload.encode(to: encoder)
    case .carryMoved(let payload): try payload.encode(to: encoder)
    case .intended(let payload): try payload.encode(to: encoder)
    case .accepted(let payload): try payload.encode(to: encoder)
    case .filled(let payload): try payload.encode(to: encoder)
    case .orderEnded(let payload): try payload.encode(to: encoder)
    case .transferIntended(let payload): try payload.encode(to: encoder)
    case .transferEnded(let payload): try payload.encode(to: encoder)
    case .settled(let payload): try payload.encode(to: encoder)
    case .settlementCorrected(let payload): try payload.encode(to: encoder)
    case .fundingReceived(let payload): try payload.encode(to: encoder)
    case .booked(let payload): try payload.encode(to: encoder)
    case .adjusted(let payload): try payload.encode(to: encoder)
    case .rebalanced(let payload): try payload.encode(to: encoder)
    case .exposed(let payload): try payload.encode(to: encoder)
    case .marked(let payload): try payload.encode(to: encoder)
    case .interestNoted(let payload): try payload.encode(to: encoder)
    case .valued(let payload): try payload.encode(to: encoder)
    case .planned(let payload): try payload.encode(to: encoder)
    case .commandEnded(let payload): try payload.encode(to: encoder)
    case .tradingChanged(let payload): try payload.encode(to: encoder)
    case .mismatched(let payload): try payload.encode(to: encoder)
    case .compared(let payload): try payload.encode(to: encoder)
    }
  }
}

extension Fact.Body {
  /// Reads the payload of a kind.
  public init(kind: Fact.Kind, from decoder: any Decoder) throws {
    switch kind {
    case .started: self = .started(try .init(from: decoder))
    case .decided: self = .decided(try .init(from: decoder))
    case .carryPlanned: self = .carryPlanned(try .init(from: decoder))
    case .carryMoved: self = .carryMoved(try .init(from: decoder))
    case .intended: self = .intended(try .init(from: decoder))
    case .accepted: self = .accepted(try .init(from: decoder))
    case .filled: self = .filled(try .init(from: decoder))
    case .orderEnded: self = .orderEnded(try .init(from: decoder))
    case .transferIntended: self = .transferIntended(try .init(from: decoder))
    case .transferEnded: self = .transferEnded(try .init(from: decoder))
    case .settled: self = .settled(try .init(from: decoder))
    case .settlementCorrected: self = .settlementCorrected(try .init(from: decoder))
    case .fundingReceived: self = .fundingReceived(try .init(from: decoder))
    case .booked: self = .booked(try .init(from: decoder))
    case .adjusted: self = .adjusted(try .init(from: decoder))
    case .rebalanced: self = .rebalanced(try .init(from: decoder))
    case .exposed: self = .exposed(try .init(from: decoder))
    case .marked: self = .marked(try .init(from: decoder))
    case .interestNoted: self = .interestNoted(try .init(from: decoder))
    case .valued: self = .valued(try .init(from: decoder))
    case .planned: self = .planned(try .init(from: decoder))
    case .commandEnded: self = .commandEnded(try .init(from: decoder))
    case .tradingChanged: self = .tradingChanged(try .init(from: decoder))
    case .mismatched: self = .mismatched(try .init(from: decoder))
    case .compared: self = .compared(try .init(from: decoder))
    }
  }
}
