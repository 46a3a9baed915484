import Testing

@testable import FixedPoint

private enum Unitless {}
private typealias Number = Fixed<Unitless>

/// A small deterministic generator of raw values of every size.
private struct Draws: Sequence, IteratorProtocol {
  var state: UInt64
  mutating func next() -> Number? {
    func step() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state
    }
    let bits = Int128(truncatingIfNeeded: UInt128(step()) << 64 | UInt128(step()))
    return Number(raw: bits >> Int128(2 + step() >> 40 % 100))
  }
}

@Suite("Laws of exact decimals")
struct FixedLaws {
  @Test func textOfANumberReadsBackAsTheSameNumber() throws {
    for number in Draws(state: 1).prefix(2000) {
      #expect(try Number(number.description[...]) == number)
    }
  }

  @Test func subtractionUndoesAddition() {
    for (a, b) in zip(Draws(state: 2).prefix(2000), Draws(state: 3)) {
      let half = Number(raw: a.raw / 2)
      let other = Number(raw: b.raw / 2)
      #expect(half + other - other == half)
    }
  }

  @Test func aProductIsWithinOneStepOfItsExactValueInTheDirectionAsked() {
    for (a, b) in zip(Draws(state: 4).prefix(4000), Draws(state: 5)) {
      let (x, y) = (Number(raw: a.raw >> 62), Number(raw: b.raw >> 62))
      let down = Wide.product(x.raw, y.raw, .floor)
      let up = Wide.product(x.raw, y.raw, .ceiling)
      // Both factors fit 64 bits, so the product before scaling fits 128 and is exact here.
      let exact = x.raw * y.raw
      #expect(down * Decimals.one <= exact && exact <= up * Decimals.one)
      #expect(up - down == (exact % Decimals.one == 0 ? 0 : 1))
    }
  }

  @Test func longMultiplicationAgreesWithThatOfTheStandardLibrary() {
    for (a, b) in zip(Draws(state: 8).prefix(4000), Draws(state: 9)) {
      let shift = Int128(a.raw & 127)
      let (left, right) = (a.raw.magnitude >> UInt128(shift), b.raw.magnitude)
      #expect(Wide.multiplied(left, right) == left.multipliedFullWidth(by: right))
      #expect(Wide.multiplied(right, left) == right.multipliedFullWidth(by: left))
    }
  }

  @Test func wideProductsAgreeWithLongMultiplication() {
    // 60 007.01 × 1.672 = 100 331.72072, through the 256-bit intermediate.
    let price: Number = "60007.01"
    let quantity: Number = "1.672"
    #expect(Number(raw: Wide.product(price.raw, quantity.raw, .halfEven)) == "100331.72072")
    let large = Number(raw: Int128.max)
    #expect(Wide.product(large.raw, Number.one.raw, .halfEven) == Int128.max)
    #expect(Wide.ratio(large.raw, Number.one.raw, .halfEven) == Int128.max)
  }

  @Test func aRatioTimesItsDivisorComesBackWithinTheRounding() {
    for (a, b) in zip(Draws(state: 6).prefix(4000), Draws(state: 7)) {
      let dividend = Number(raw: a.raw >> 30)
      let divisor = Number(raw: (b.raw >> 40) | 1)
      let magnitude = dividend.raw.magnitude.multipliedFullWidth(by: UInt128(Decimals.one))
      guard magnitude.high < divisor.raw.magnitude,
        UInt128(Int128.max) > divisor.raw.magnitude.dividingFullWidth(magnitude).quotient
      else { continue }
      let down = Wide.ratio(dividend.raw, divisor.raw, .down)
      let up = Wide.ratio(dividend.raw, divisor.raw, .up)
      #expect(up.magnitude - down.magnitude <= 1)
    }
  }

  @Test(
    "Rounding to a whole number",
    arguments: [
      ("2.5", ["2", "3", "2", "3", "2", "3"]), ("-2.5", ["-2", "-3", "-3", "-2", "-2", "-3"]),
      ("3.5", ["3", "4", "3", "4", "4", "4"]), ("2.4", ["2", "3", "2", "3", "2", "2"]),
      ("-2.6", ["-2", "-3", "-3", "-2", "-3", "-3"]), ("2", ["2", "2", "2", "2", "2", "2"]),
    ])
  func rounding(text: String, expected: [String]) throws {
    let number = try Number(text[...])
    let rules: [Rounding] = [.down, .up, .floor, .ceiling, .halfEven, .halfUp]
    #expect(rules.map { number.rounded(places: 0, $0).description } == expected)
  }

  @Test func rootsOfPowersComeBack() {
    for text in ["2", "0.5", "144", "0.25", "1.000000000000000001", "7777.7"] {
      let number = Number(stringLiteral: text)
      for degree in 2...4 {
        let error = (number.power(degree).root(degree) - number).magnitude
        #expect(error < "0.0000001", "\(text) to the \(degree)")
      }
    }
    // A small number has few digits left after a power, but its root keeps them.
    let small: Number = "0.000013888888888888"
    #expect((small.root(3).power(3) - small).magnitude < "0.000000000000000010")
    #expect(Number("2").root(2).description.hasPrefix("1.41421356237309504"))
  }
}

@Suite("Text of exact decimals")
struct FixedTextTests {
  @Test(
    arguments: [
      ("0", "0"), ("-0", "0"), ("+1.50", "1.5"), ("-12.340", "-12.34"), ("007", "7"),
      ("0.000000000000000001", "0.000000000000000001"), ("1.0000000000000000000000", "1"),
      ("170141183460469231731.687303715884105727", "170141183460469231731.687303715884105727"),
    ])
  func canonical(text: String, expected: String) throws {
    #expect(try Number(text[...]).description == expected)
  }

  @Test(
    arguments: [
      "", "-", ".", "1.", ".5", "1e5", "NaN", "nan", "inf", "Infinity", " 1", "1 ", "1,000", "--1",
      "1.2.3", "0x10", "１２", "1_000",
    ])
  func refusesWhatIsNoDecimal(text: String) {
    #expect(throws: DecimalError.notDecimal(text)) { try Number(text[...]) }
  }

  @Test func refusesWhatDoesNotFit() {
    let precise = "0.0000000000000000001"
    #expect(throws: DecimalError.tooPrecise(precise)) { try Number(precise[...]) }
    let large = "170141183460469231731.687303715884105728"
    #expect(throws: DecimalError.outOfRange(large)) { try Number(large[...]) }
    let huge = String(repeating: "9", count: 400)
    #expect(throws: DecimalError.outOfRange(huge)) { try Number(huge[...]) }
  }

  @Test func keepsAtLeastThePlacesAskedFor() {
    #expect(Number("5").text(minimumPlaces: 2) == "5.00")
    #expect(Number("-0.125").text(minimumPlaces: 2) == "-0.125")
  }

  @Test func overflowStopsTheProcess() async {
    await #expect(processExitsWith: .failure) {
      let most = Fixed<Int>(raw: .max)
      _ = most + Fixed<Int>(raw: 1)
    }
    await #expect(processExitsWith: .failure) {
      let large = Fixed<Int>(1_000_000_000_000)
      _ = Wide.product(large.raw, large.raw, .halfEven)
    }
  }
}
