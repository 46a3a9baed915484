import FixedPoint
import Foundation
import Testing
import Trading

/// Every published vector, exact or within its own tolerance.
///
/// The file is not part of the project; without it these tests are skipped, and the vectors that
/// other suites hold as literals remain.
@Suite(
  "Published vectors",
  .enabled(if: QuantVectors.areThere, "there is no shared/vectors/quant.json beside the project"))
struct QuantVectorTests {
  @Test(arguments: QuantVectors.all)
  func agrees(vector: QuantVectors.Vector) throws {
    let computed = try #require(
      QuantFormulas.compute(vector), "no formula for \(vector.id): \(vector.formula)")
    for (name, expected) in vector.expected.sorted(by: { $0.key < $1.key }) {
      guard !QuantFormulas.counterexamples.contains(name) else { continue }
      let value = try #require(computed[name], "\(vector.id) says nothing of \(name)")
      switch value {
      case .number(let number):
        let wanted: Rate = QuantVectors.Vector.decimal(expected)
        // The published digits end at the eighteenth place, rounded.
        let slack = max(vector.tolerance, Rate(raw: vector.tolerance.isZero ? 0 : 1))
        #expect((number - wanted).magnitude <= slack, "\(vector.id) \(name)")
      case .numbers(let numbers):
        let wanted: [Rate] = (expected as? [Any] ?? []).map(QuantVectors.Vector.decimal)
        #expect(numbers.count == wanted.count, "\(vector.id) \(name)")
        for (number, wanted) in zip(numbers, wanted) {
          #expect((number - wanted).magnitude <= vector.tolerance, "\(vector.id) \(name)")
        }
      case .words(let words): #expect(words == expected as? [String], "\(vector.id) \(name)")
      case .truth(let truth): #expect(truth == expected as? Bool, "\(vector.id) \(name)")
      }
    }
  }

  @Test func theFileIsRead() {
    #expect(QuantVectors.all.count >= 30)
  }
}

/// What a formula gives under one name.
enum QuantValue {
  case number(Rate)
  case numbers([Rate])
  case words([String])
  case truth(Bool)

  init<Unit>(_ value: Fixed<Unit>) {
    self = .number(value.reinterpreted(as: Trading.Unit.Ratio.self))
  }
}
