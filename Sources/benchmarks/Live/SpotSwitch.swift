import Core
import FixedPoint
import Trading

/// A policy for measuring: it opens a carry at the first prices and then trades spot with every
/// change of the price, from one size to the other and back.
struct SpotSwitch: Policy {
  let version = "benchmark"
  private let size: Quantity = "10"
  private let larger: Quantity = "11"
  private let highPrice: Price = "100.5"

  func decide(_ view: PairView) -> Decision {
    guard view.index.position == 0 else { return .none }
    guard let carry = view.carry else {
      let entry = Decision.Entry(quantity: size, clip: "1000000", leverage: .one)
      return .enter(entry, view.record(.enter, "benchmark", [], version: version))
    }
    let target = view.market.spot.mid > highPrice ? larger : size
    let missing = target - carry.holdings.spot
    if missing.isZero { return .none }
    let record = view.record(.rebalance, "benchmark", [], version: version)
    return .rebalance(.spot, missing, record)
  }
}
