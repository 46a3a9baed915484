public import FixedPoint
public import Trading

/// How large a bet its odds and its volatility allow.
public enum BetSize {
  /// Kelly's fraction of two outcomes: p / loss − (1 − p) / gain.
  ///
  /// - Parameters:
  ///   - probability: p of the gain within one period.
  ///   - gain: fraction won.
  ///   - loss: fraction lost when a venue fails or a leg is deleveraged.
  public static func kelly(probability: Rate, gain: Rate, loss: Rate) -> Rate {
    probability.divided(by: loss) - (.one - probability).divided(by: gain)
  }

  /// A quarter of Kelly's fraction, not below zero and not above the cap.
  public static func quarterKelly(_ fraction: Rate, cap: Rate) -> Rate {
    min(max(fraction.divided(by: 4, rounding: .halfEven), .zero), cap)
  }

  /// The least of what volatility, leverage and depth allow, quote units.
  ///
  /// - Parameters:
  ///   - targetVolatility: of equity, per year.
  ///   - volatility: of what is held, per year, above zero.
  ///   - leverage: cap on notional over equity.
  ///   - depth: cap by what the book holds, quote units.
  public static func notional(
    equity: Notional, targetVolatility: Rate, volatility: Rate, leverage: Rate, depth: Notional
  ) -> Notional {
    let byVolatility = equity.times(targetVolatility.divided(by: volatility))
    return min(byVolatility, equity.times(leverage), depth)
  }
}
