import FixedPoint
import Testing
import Trading

@testable import Simulation

@Suite("The venues' funding formula")
struct FundingFormulaTests {
  @Test(
    "Rates (vectors A03, A05, A07)",
    arguments: [
      ("0.0008", 8, nil, "0.0003"), ("0.0008", 4, nil, "0.00015"),
      ("0.031", 4, "0.02", "0.01525"), ("0.031", 8, "0.02", "0.02"),
      ("-0.031", 8, "0.02", "-0.02"), ("0.0005", 8, nil, "0.0001"), ("-0.0004", 8, nil, "0.0001"),
    ] as [(Rate, Int, Rate?, Rate)])
  func rate(premium: Rate, hours: Int, cap: Rate?, expected: Rate) {
    let rate = fundingRate(premium: premium, interest: "0.0001", intervalHours: hours, cap: cap)
    #expect(rate == expected)
  }

  @Test("Later premiums weigh more (vector A14)")
  func premium() {
    #expect(timeWeightedPremium(["0.0001", "0.0002", "0.0005", "-0.0001"]) == "0.00016")
    #expect(timeWeightedPremium([]) == .zero)
  }
}
