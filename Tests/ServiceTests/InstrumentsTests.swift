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

  /// A pair of a file by itself.
  private func listing(_ symbol: String) -> String {
    """
    - venue: hyperliquid
      symbol: \(symbol)
      base: \(symbol)
      quote: USDC
      layout: unified
      start_price: 0.02
      spot: {tick: 0.00001, lot: 1, minimum_notional: 10, maker: 0.0004, taker: 0.0007}
      perp: {tick: 0.00001, lot: 1, minimum_notional: 10, maker: 0.0002, taker: 0.0005}
      margin_tiers:
        - [0, 0.05, 10]

    """
  }

  @Test func aNameMayHaveSmallLetters() throws {
    let file = try write(listing("kPEPE") + listing("PEPE"))
    let chosen = try file.select(venue: "hyperliquid", symbols: ["kPEPE"])
    #expect(chosen.map(\.perp.base) == ["kPEPE"])
    #expect(throws: ConfigurationError.self) {
      try file.select(venue: "hyperliquid", symbols: ["KPEPE"])
    }
  }

  @Test func namesThatDifferInCaseAloneAreRefused() {
    let refused = #expect(throws: ConfigurationError.self) {
      try write(listing("kPEPE") + listing("KPEPE"))
    }
    #expect(refused?.description.contains("kPEPE and KPEPE differ in case alone") == true)
    #expect(throws: ConfigurationError.self) { try write(listing("\"k PEPE\"")) }
    #expect(throws: ConfigurationError.self) { try write(listing("../kPEPE")) }
  }

  private func write(_ text: String) throws -> InstrumentsFile {
    let path = NSTemporaryDirectory() + "instruments-\(UUID().uuidString).yaml"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try InstrumentsFile(path: path)
  }
}
