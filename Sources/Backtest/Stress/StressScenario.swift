import FixedPoint
import Simulation
import Trading

/// A bad day that is played against a book.
public enum StressScenario: String, Hashable, Sendable, CaseIterable {
  /// Both legs rise by 40 % within three minutes, stay there for five, and come back.
  case wick
  /// Nothing trades for two hours, in which prices rise by 10 %.
  case halt
  /// Spot falls to 0.66 of the perpetual within half an hour, and comes back after forty minutes.
  case depeg
  /// Prices rise by 20 %, the venue closes 60 % of each short, and prices fall by 8 %.
  case deleveraging
  /// Settlements every hour at the cap, against the shorts, for a day.
  case interval

  /// What happens, in words.
  public var text: String {
    switch self {
    case .wick: "+40 % in three minutes, and back"
    case .halt: "two hours without trading, +10 %"
    case .depeg: "spot at 0.66 of the perpetual for 40 minutes"
    case .deleveraging: "ADL of 60 % of the short at +20 %, then -8 %"
    case .interval: "settlements every hour at the cap, for a day"
    }
  }

  /// How long it is watched, its aftermath included.
  var length: TimeSpan {
    switch self {
    case .wick: .minutes(30)
    case .halt: .minutes(150)
    case .depeg: .minutes(150)
    case .deleveraging: .minutes(30)
    case .interval: .hours(25)
    }
  }

  /// Between two prices.
  var step: TimeSpan {
    switch self {
    case .wick, .deleveraging: .seconds(4)
    case .halt, .depeg: .seconds(30)
    case .interval: .minutes(5)
    }
  }

  /// What the mids are multiplied by so long after it began.
  func factors(after passed: TimeSpan) -> (spot: Rate, perp: Rate) {
    switch self {
    case .wick:
      let factor = Self.path(passed, [(0, "1"), (180, "1.4"), (480, "1.4"), (660, "1")])
      return (factor, factor)
    case .halt:
      let factor = Self.path(passed, [(0, "1"), (7200, "1.1")])
      return (factor, factor)
    case .depeg:
      let factor = Self.path(
        passed, [(0, "1"), (1800, "0.66"), (4200, "0.66"), (5400, "1")])
      return (factor, .one)
    case .deleveraging:
      let factor = Self.path(passed, [(0, "1"), (300, "1.2"), (480, "1.2"), (900, "1.104")])
      return (factor, factor)
    case .interval: return (.one, .one)
    }
  }

  /// What the venue does by itself, and when after the beginning.
  var strikes: [(after: TimeSpan, strike: Strike)] {
    switch self {
    case .halt: [(.seconds(0), .halt), (.hours(2), .resume)]
    case .deleveraging: [(.minutes(6), .deleverage("0.6"))]
    case .wick, .depeg, .interval: []
    }
  }

  /// What a venue does by itself.
  enum Strike: Hashable, Sendable {
    case halt
    case resume
    case deleverage(Rate)
  }

  /// A line through points in seconds, level after the last.
  private static func path(_ passed: TimeSpan, _ points: [(Int, Rate)]) -> Rate {
    let seconds = passed.seconds
    for (from, to) in zip(points, points.dropFirst()) where seconds < Rate(to.0) {
      let part = (seconds - Rate(from.0)).divided(by: Rate(to.0 - from.0))
      return from.1 + (to.1 - from.1).times(part)
    }
    return points.last?.1 ?? .one
  }
}
