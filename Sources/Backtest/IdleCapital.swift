public import FixedPoint
public import Trading

/// What the part of an account that no carry binds earns at a cash rate, so that staying out is a
/// decision with a value.
public struct IdleCapital: Sendable {
  /// Per year.
  public let cashRate: Rate
  /// The deposits of the account, quote units.
  var total: Notional = .zero
  /// Capital of the carries that are held, quote units.
  var bound: Notional = .zero
  /// Earned so far, simple interest, quote units.
  public private(set) var interest: Notional = .zero
  /// What all of the account would have earned idle, quote units.
  private(set) var interestOfAll: Notional = .zero
  private var countedTo: Timestamp?

  private static let secondsPerYear = 31_536_000

  init(cashRate: Rate) { self.cashRate = cashRate }

  /// Counts what was earned up to a moment.
  mutating func move(to now: Timestamp) {
    defer { countedTo = now }
    guard let before = countedTo, now > before else { return }
    let years = (now - before).seconds.divided(by: Self.secondsPerYear, rounding: .halfEven)
    interest += max(.zero, total - bound).times(cashRate).times(years)
    interestOfAll += total.times(cashRate).times(years)
  }
}
