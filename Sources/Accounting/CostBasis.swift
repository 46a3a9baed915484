public import FixedPoint
public import Trading

/// What a position cost, and what its closed part earned, under one of the two usual rules.
///
/// The rules split a result differently between realised and unrealised; their sum is the same.
/// Cost is kept as a total, never as a quotient per unit.
public struct CostBasis: Hashable, Sendable {
  /// Which part of a position a closing trade closes.
  public enum Rule: Hashable, Sendable {
    /// The oldest, as for spot and taxes.
    case firstInFirstOut
    /// The same share of everything, as venues do for perpetuals.
    case average
  }

  private struct Lot: Hashable {
    var quantity: Quantity
    var cost: Notional
  }

  /// The rule.
  public let rule: Rule
  /// What closed parts earned, quote units.
  public private(set) var realised: Notional = .zero
  /// Oldest first, all of one side; a single one under `average`.
  private var lots: [Lot] = []

  /// Nothing held.
  public init(_ rule: Rule) { self.rule = rule }

  /// What is held, base units; short is negative.
  public var quantity: Quantity { lots.reduce(.zero) { $0 + $1.quantity } }

  /// Σ price × signed quantity of what is held, quote units.
  public var cost: Notional { lots.reduce(.zero) { $0 + $1.cost } }

  /// What closing everything at a price would earn, quote units.
  public func unrealised(at mark: Price) -> Notional { mark.notional(of: quantity) - cost }

  /// Adds a trade of a signed quantity: bought is positive.
  public mutating func trade(_ quantity: Quantity, at price: Price) {
    var rest = quantity
    while let lot = lots.first, !rest.isZero, lot.quantity.isNegative != rest.isNegative {
      let closed = lot.quantity.magnitude <= rest.magnitude ? lot.quantity : -rest
      let share = closed.ratio(to: lot.quantity)
      let cost = closed == lot.quantity ? lot.cost : lot.cost.times(share)
      realised += price.notional(of: closed) - cost
      rest += closed
      lots[0].quantity -= closed
      lots[0].cost -= cost
      if lots[0].quantity.isZero { lots.removeFirst() }
    }
    guard !rest.isZero else { return }
    let lot = Lot(quantity: rest, cost: price.notional(of: rest))
    if rule == .average, !lots.isEmpty {
      lots[0].quantity += lot.quantity
      lots[0].cost += lot.cost
    } else {
      lots.append(lot)
    }
  }
}
