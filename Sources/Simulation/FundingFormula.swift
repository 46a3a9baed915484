public import FixedPoint
public import Trading

/// The funding rate by the formula common to the large venues:
/// clamp([P + clamp(I − P, ±5 bp)] / (8 / N), ±cap).
///
/// Within 5 bp of the interest the premium does not matter and the rate is I / (8 / N).
///
/// - Parameters:
///   - premium: P, the average premium of the perpetual over the index, a fraction.
///   - interest: I per eight hours, a fraction; 1 bp on most instruments.
///   - intervalHours: N, hours between settlements, above zero.
///   - cap: largest magnitude of the rate; nil for none.
/// - Returns: rate for the interval, half-even at 18 places; positive: longs pay shorts.
public func fundingRate(premium: Rate, interest: Rate, intervalHours: Int, cap: Rate?) -> Rate {
  let bound = Rate.basisPoints(5)
  let pull = min(max(interest - premium, -bound), bound)
  let rate = (premium + pull).times(intervalHours).divided(by: 8, rounding: .halfEven)
  guard let cap else { return rate }
  return min(max(rate, -cap), cap)
}

/// The average of premiums sampled at equal distances in which later ones weigh more:
/// Σ i·Pᵢ / Σ i, i from 1.
///
/// - Parameter premiums: oldest first.
/// - Returns: a fraction, half-even at 18 places; zero of none.
public func timeWeightedPremium(_ premiums: [Rate]) -> Rate {
  if premiums.isEmpty { return .zero }
  var sum = Rate.zero
  for (place, premium) in premiums.enumerated() { sum += premium.times(place + 1) }
  return sum.divided(by: premiums.count * (premiums.count + 1) / 2, rounding: .halfEven)
}
