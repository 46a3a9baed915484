import FixedPoint
import Trading

/// Sums over the ledger, read on from where the last reading ended.
struct BybitTally {
  /// What a perpetual earned and cost: profit, fees and funding, of ever and of what is open.
  struct Result: Hashable {
    var ever = Amount.zero
    var ofPosition = Amount.zero
  }

  /// Places in the ledger of funding payments, oldest first.
  private(set) var payments: [Int] = []
  private var results: [InstrumentIndex: Result] = [:]
  private var earned: [AssetID: Amount] = [:]
  private var next = 0

  /// Takes what the ledger has gained.
  mutating func read(_ venue: Venue) {
    while next < venue.ledger.count {
      let entry = venue.ledger[next]
      if entry.kind == .funding { payments.append(next) }
      next += 1
      guard let index = entry.instrument, venue.listing(index).isPerp,
        [.realized, .commission, .funding, .liquidationFee].contains(entry.kind)
      else { continue }
      var result = results[index, default: Result()]
      if let fill = entry.fill, isOpening(venue.fills[fill]) { result.ofPosition = .zero }
      result.ever += entry.amount
      result.ofPosition += entry.amount
      results[index] = result
      earned[entry.asset, default: .zero] += entry.amount
    }
  }

  /// Of one perpetual.
  func result(of index: InstrumentIndex) -> Result { results[index, default: Result()] }

  /// Of all perpetuals that settle in an asset.
  func earned(in asset: AssetID) -> Amount { earned[asset, default: .zero] }

  /// Whether an execution began a position.
  private func isOpening(_ fill: WorldFill) -> Bool {
    fill.closed.isZero && fill.position?.magnitude == fill.fill.quantity
  }
}
