import FixedPoint
import Testing
import Trading

@testable import Simulation

@Suite("Quantity and cost of a position")
struct HoldingTests {
  @Test("Average cost (vector I05)")
  func averageCost() {
    var holding = Holding()
    let trades: [(Quantity, Price)] = [
      ("1", "100"), ("2", "110"), ("-1.5", "120"), ("0.5", "90"), ("-1", "95"),
    ]
    var realized = Notional.zero
    for (quantity, price) in trades {
      realized += holding.trade(quantity, at: price, leverage: "2")
    }
    #expect(realized == "12.5")
    #expect(holding.cost == "102.5")
    #expect(holding.quantity == "1")
    #expect(holding.unrealized(at: "95") == "-7.5")
    #expect(holding.margin == "51.25")
  }

  @Test("A short bought back earns (entry − exit) × quantity")
  func short() {
    var holding = Holding()
    #expect(holding.trade("-2", at: "100", leverage: "4").isZero)
    #expect(holding.cost == "-200" && holding.margin == "50")
    #expect(holding.trade("0.5", at: "90", leverage: "4") == "5")
    #expect(holding.cost == "-150" && holding.margin == "37.5")
  }

  @Test("A trade through zero closes, then opens the rest")
  func turn() {
    var holding = Holding()
    _ = holding.trade("-1", at: "100", leverage: "2")
    #expect(holding.trade("3", at: "110", leverage: "2") == "-10")
    #expect(holding.quantity == "2" && holding.cost == "220" && holding.margin == "110")
  }

  @Test("Realised and unrealised add up exactly, whatever the thirds round to")
  func identity() {
    var holding = Holding()
    var realized = Notional.zero
    var cash = Notional.zero
    let trades: [(Quantity, Price)] = [
      ("-3", "100.01"), ("1", "97.77"), ("0.333333333333333333", "101.3"),
      ("-0.000000000000000007", "99.9"), ("1.1", "0.123456789"), ("0.4", "77.7"),
    ]
    for (quantity, price) in trades {
      realized += holding.trade(quantity, at: price, leverage: "3")
      cash -= price.notional(of: quantity)
      let mark: Price = "103.7"
      #expect(
        realized + holding.unrealized(at: mark) == mark.notional(of: holding.quantity) + cash)
      #expect(!holding.margin.isNegative)
    }
    realized += holding.trade(-holding.quantity, at: "55.5", leverage: "3")
    #expect(holding == Holding())
  }

  @Test("A share is rounded once, half-even, through a wide product")
  func share() {
    let third = Notional("100").share("1", of: "3")
    #expect(third == "33.333333333333333333")
    #expect(Notional("-200").share("1", of: "3") == "-66.666666666666666667")
    #expect(Notional(raw: 1).share("1", of: "2") == Notional(raw: 0))
    #expect(Notional(raw: 3).share("1", of: "2") == Notional(raw: 2))
    #expect(
      Notional("170000000000000000000").share("90000000000", of: "90000000000")
        == "170000000000000000000")
  }

  @Test("Liquidation price of a short (vectors F01 and F05)")
  func liquidationOfShort() throws {
    let first = try #require(short("1", at: "60000", leverage: "2", rate: "0.005"))
    #expect((first - "89552.238805970149253731").magnitude <= "0.000000000001")

    var holding = Holding()
    _ = holding.trade("-1.3", at: "2400", leverage: "5")
    holding.margin = "812.5"
    let tier = MarginTier(
      floor: "0", maintenanceRate: "0.01", deduction: "0", maximumLeverage: "20")
    let second = try #require(holding.liquidationPrice(tiers: [tier]))
    #expect((second - "2995.049504950495049505").magnitude <= "0.000000000001")
  }

  @Test("Liquidation price of a long, and none where it could fall to zero")
  func liquidationOfLong() {
    var holding = Holding()
    _ = holding.trade("2", at: "100", leverage: "4")
    let tier = MarginTier(
      floor: "0", maintenanceRate: "0.0625", deduction: "0", maximumLeverage: "20")
    // (200 − 50) / (2 × 0.9375)
    #expect(holding.liquidationPrice(tiers: [tier]) == "80")
    holding.margin = "200"
    #expect(holding.liquidationPrice(tiers: [tier]) == nil)
    #expect(Holding().liquidationPrice(tiers: [tier]) == nil)
  }

  @Test("The tier is that of the notional at the liquidation price")
  func tiers() {
    let tiers = [
      MarginTier(floor: "0", maintenanceRate: "0.01", deduction: "0", maximumLeverage: "50"),
      MarginTier(floor: "1200", maintenanceRate: "0.05", deduction: "48", maximumLeverage: "20"),
      MarginTier(floor: "9000", maintenanceRate: "0.25", deduction: "1848", maximumLeverage: "5"),
    ]
    // 10 at 100, leverage 2: (500 + 1000 + 48) / (10 × 1.05), notional 1474: the second tier.
    var holding = Holding()
    _ = holding.trade("-10", at: "100", leverage: "2")
    #expect(holding.liquidationPrice(tiers: tiers) == "147.428571428571428571")
    // One tenth of it stays in the first: (50 + 100) / 1.01.
    var small = Holding()
    _ = small.trade("-1", at: "100", leverage: "2")
    #expect(small.liquidationPrice(tiers: tiers) == "148.514851485148514851")
    // Ten times as much reaches the third: (5000 + 10000 + 1848) / (100 × 1.25).
    var large = Holding()
    _ = large.trade("-100", at: "100", leverage: "2")
    #expect(large.liquidationPrice(tiers: tiers) == "134.784")
  }

  private func short(
    _ quantity: Quantity, at price: Price, leverage: Rate, rate: Rate
  ) -> Price? {
    var holding = Holding()
    _ = holding.trade(-quantity, at: price, leverage: leverage)
    return holding.liquidationPrice(tiers: [
      MarginTier(floor: "0", maintenanceRate: rate, deduction: "0", maximumLeverage: "20")
    ])
  }
}
