import FixedPoint
import Foundation
import Service
import Testing
import Trading

/// The shipped instruments obey what every venue's instruments obey.
@Suite struct InstrumentsTests {
  private static let listings = Result {
    try InstrumentsFile(path: "\(ConfigurationTests.folder)/instruments.yaml").listings
  }

  @Test func bothLegsTradeTheSameAsset() throws {
    let listings = try Self.listings.get()
    #expect(listings.count > 4)
    for listing in listings {
      #expect(listing.spot.base == listing.perp.base && listing.spot.quote == listing.perp.quote)
      #expect(listing.spot.id.market == .spot && listing.perp.id.market == .perp)
      #expect(listing.spot.id.symbol == listing.perp.id.symbol)
      #expect(listing.startPrice.isPositive)
    }
    #expect(Set(listings.map(\.perp.id)).count == listings.count)
    #expect(listings.contains { $0.perp.id.venue == "binance" && $0.perp.id.symbol == "BTCUSDT" })
  }

  @Test func stepsAndFeesAreSane() throws {
    for listing in try Self.listings.get() {
      for instrument in [listing.spot, listing.perp] {
        let name = "\(instrument.id)"
        #expect(instrument.tick.isPositive && instrument.lot.isPositive, "\(name)")
        #expect(instrument.tick < listing.startPrice.times("0.001"), "\(name): coarse tick")
        let lotValue = listing.startPrice.notional(of: instrument.lot)
        #expect(lotValue < "200", "\(name): a lot is worth \(lotValue)")
        #expect(instrument.minimumNotional < "1000", "\(name)")
        #expect(instrument.minimumQuantity.isMultiple(of: instrument.lot), "\(name)")
        #expect(instrument.fees.maker <= instrument.fees.taker, "\(name)")
        #expect(instrument.fees.taker < "0.01", "\(name): a fee of a percent")
        #expect(
          listing.startPrice.rounded(toMultipleOf: instrument.tick, .down) == listing.startPrice)
      }
      #expect(!listing.perp.fees.isTakenFromReceivedAsset)
      let joint = Universe.jointLot(listing.spot.lot, listing.perp.lot)
      #expect(joint.isMultiple(of: listing.spot.lot) && joint.isMultiple(of: listing.perp.lot))
    }
  }

  @Test func marginTiersRiseWithoutAJump() throws {
    for listing in try Self.listings.get() {
      #expect(listing.spot.marginTiers.isEmpty)
      let tiers = listing.perp.marginTiers
      #expect(tiers.first?.floor.isZero == true && tiers.first?.deduction.isZero == true)
      for tier in tiers {
        #expect(tier.maintenanceRate.isPositive && tier.maintenanceRate < .one)
        // Whoever opens at the largest leverage is not liquidated at once.
        #expect(
          tier.maintenanceRate.times(tier.maximumLeverage) <= .one, "\(listing.perp.id) \(tier)")
      }
      for (below, above) in zip(tiers, tiers.dropFirst()) {
        let name = "\(listing.perp.id) from \(above.floor)"
        #expect(below.floor < above.floor, "\(name)")
        #expect(below.maintenanceRate < above.maintenanceRate, "\(name)")
        #expect(below.maximumLeverage > above.maximumLeverage, "\(name)")
        #expect(
          above.floor.times(below.maintenanceRate) - below.deduction
            == above.floor.times(above.maintenanceRate) - above.deduction, "\(name)")
      }
    }
  }
}
