import FixedPoint
import Trading

/// How a carry's legs are traded.
public enum CarryExecution: String, Hashable, Codable, Sendable, BitwiseCopyable {
  /// One order per leg: the perpetual leads, spot follows its fills.
  case legs
  /// One order for both legs, which fills both or none; legs where it does not fill.
  case combo
}

/// Combo or legs, by expected total cost.
struct ExecutionChoice {
  let execution: CarryExecution
  /// The cost of what was chosen.
  let cost: CarryCost
  /// What was weighed, in words.
  let reason: String

  /// Chooses for a size.
  ///
  /// A combo pays its part of the fees, the spread of both legs, and slips once, since its price is
  /// one; what it saves beyond that, the risk between the legs, is not counted.
  init(
    legs: CarryCost, combo: Combo?, quantity: Quantity, traits: VenueTraits
  ) {
    guard let combo else {
      // Where one wallet holds both legs, combos exist, but not in isolated margin.
      let isExcluded = traits.layout == .unified && traits.margin == .isolated
      self.init(
        .legs, legs,
        isExcluded ? "combos need cross margin" : "the venue has no combo of this pair")
      return
    }
    guard quantity >= combo.minimumQuantity, quantity.isMultiple(of: combo.lot) else {
      self.init(
        .legs, legs,
        "\(quantity) is no size of \(combo.name): at least \(combo.minimumQuantity), in steps of "
          + "\(combo.lot)")
      return
    }
    let together = CarryCost(
      spotFee: legs.spotFee.times(combo.feeShare, .up),
      perpFee: legs.perpFee.times(combo.feeShare, .up), spread: legs.spread,
      slippage: legs.slippage.divided(by: 2, rounding: .up))
    let isCheaper = together.roundTrip < legs.roundTrip
    let figures =
      "\(Self.percent(together.roundTrip)) in and out by \(combo.name), "
      + "\(Self.percent(legs.roundTrip)) by legs"
    self.init(isCheaper ? .combo : .legs, isCheaper ? together : legs, figures)
  }

  private init(_ execution: CarryExecution, _ cost: CarryCost, _ reason: String) {
    self.execution = execution
    self.cost = cost
    self.reason = reason
  }

  private static func percent(_ rate: Rate) -> String {
    "\(rate.times(100).rounded(places: 3, .halfEven)) %"
  }
}
