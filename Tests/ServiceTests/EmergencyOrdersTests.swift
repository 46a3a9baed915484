import FixedPoint
import Testing
import Trading

@testable import Service

/// Orders that are not larger than the venue takes.
@Suite struct EmergencyOrdersTests {
  @Test(
    arguments: [
      ("10", "0.1", nil, "10"), ("10", "0.1", "10", "10"), ("10", "0.1", "4", "3.4"),
      // A limit between two lots counts as the lower one.
      ("10", "1", "3.9", "3"), ("0.3", "0.1", "0.15", "0.1"),
      // Less than a lot is no limit that could be kept.
      ("10", "1", "0.5", "10"),
    ] as [(Quantity, Quantity, Quantity?, Quantity)])
  func partsAreEqualAndSmallEnough(
    _ quantity: Quantity, _ lot: Quantity, _ largest: Quantity?, _ part: Quantity
  ) {
    #expect(EmergencyOrders.part(of: quantity, lot, largest: largest) == part)
  }
}
