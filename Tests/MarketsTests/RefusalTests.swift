import Markets
import Testing
import Trading

@Suite("Refusals of recorded markets name the file, the line, the value and the way out")
struct RefusalTests {
  let fixture: MarketFixture

  init() throws { fixture = try MarketFixture() }

  @Test(
    "a bar",
    arguments: [
      ("2024-01-01T02:00:00Z,NaN,101,99,100,1", "open is not a decimal number above 0 \"NaN\""),
      ("2024-01-01T02:00:00Z,inf,101,99,100,1", "open is not a decimal number above 0 \"inf\""),
      ("2024-01-01T02:00:00Z,,101,99,100,1", "open is not a decimal number above 0 \"\""),
      ("2024-01-01T02:00:00Z,100,101,-99,100,1", "low is not a decimal number above 0 \"-99\""),
      ("2024-01-01T02:00:00Z,100,101,99,0,1", "close is not a decimal number above 0 \"0\""),
      ("2024-01-01T02:00:00Z,1e2,101,99,100,1", "open is not a decimal number above 0 \"1e2\""),
      ("2024-01-01T02:00:00Z,100,99.9,99,99.5,1", "high is below open or close \"99.9\""),
      ("2024-01-01T02:00:00Z,100,101,99.6,99.5,1", "low is above open or close \"99.6\""),
      ("2024-01-01T02:00:00Z,100,101,99,100,-1", "volume is not a decimal number from 0 \"-1\""),
      ("2024-01-01T02:00:00Z,100,101,99,100", "a row has 5 fields instead of 6"),
      ("2024-01-01T02:00:00Z,100,101,99,100,1,7", "a row has 7 fields instead of 6"),
      ("", "a row has 1 fields instead of 6"),
      ("2024-01-01T01:00:00Z,100,101,99,100,1", "open_time is a duplicate"),
      ("2024-01-01T00:00:00Z,100,101,99,100,1", "open_time goes back"),
      ("2024-01-01T02:30:00Z,100,101,99,100,1", "open_time is not on the grid of the interval"),
      ("yesterday,100,101,99,100,1", "open_time is not a UTC time \"yesterday\""),
      ("2261-01-01T00:00:00Z,100,101,99,100,1", "open_time is not a UTC time"),
    ])
  func bar(row: String, problem: String) throws {
    try fixture.write(
      "klines/binance/perp/BTCUSDT-1h.csv",
      MarketFixture.barHeader + "2024-01-01T00:00:00Z,100,101,99,100,1\n"
        + "2024-01-01T01:00:00Z,100,101,99,100,1\n\(row)\n")
    let refusal = fixture.refusal()
    #expect(refusal.hasPrefix(problem))
    #expect(refusal.contains("(klines/binance/perp/BTCUSDT-1h.csv, line 4)"))
    #expect(refusal.hasSuffix("; correct the row or fetch the file again"))
  }

  @Test(
    "a settlement",
    arguments: [
      ("2024-01-01T08:00:00Z,NaN,8,", "rate is not a decimal number from -1 to 1 \"NaN\""),
      ("2024-01-01T08:00:00Z,1.01,8,", "rate is not a decimal number from -1 to 1 \"1.01\""),
      ("2024-01-01T08:00:00Z,-1.01,8,", "rate is not a decimal number from -1 to 1 \"-1.01\""),
      ("2024-01-01T08:00:00Z,0.1,0,", "interval_hours is not a whole number 1 to 8 \"0\""),
      ("2024-01-01T08:00:00Z,0.1,9,", "interval_hours is not a whole number 1 to 8 \"9\""),
      ("2024-01-01T08:00:00Z,0.1,8,0", "mark_price is not a decimal number above 0 \"0\""),
      ("2024-01-01T00:00:09Z,0.1,8,", "the settlement is a duplicate"),
      ("2023-12-31T16:00:00Z,0.1,8,", "time goes back"),
      ("2024-01-01T04:00:00Z,0.1,8,", "interval_hours is longer than the time since"),
      ("2024-01-01T08:00:00Z,0.1,4,", "the funding settlement at 2024-01-01T04:00:00Z is missing"),
      ("2024-01-01T08:00:00Z,0.1,8", "a row has 3 fields instead of 4"),
    ])
  func settlement(row: String, problem: String) throws {
    try fixture.write(
      "funding/binance/BTCUSDT.csv",
      MarketFixture.fundingHeader + "2024-01-01T00:00:00Z,0.1,8,\n\(row)\n")
    let refusal = fixture.refusal()
    #expect(refusal.hasPrefix(problem))
    #expect(refusal.contains("(funding/binance/BTCUSDT.csv, line 3)"))
  }

  @Test("a settlement missing before the range is no concern of it")
  func earlierSettlementMissing() throws {
    let rows = MarketFixture.funding().split(separator: "\n").enumerated()
      .filter { $0.offset != 1 }.map { "\($0.element)\n" }.joined()
    try fixture.write("funding/binance/BTCUSDT.csv", MarketFixture.fundingHeader + rows)
    #expect(fixture.refusal() == "")
  }

  @Test("funding that begins late or ends early")
  func fundingNotCovered() throws {
    for kept in [3...4, 0...2] {
      let rows = MarketFixture.funding().split(separator: "\n")[kept].map { "\($0)\n" }.joined()
      try fixture.write("funding/binance/BTCUSDT.csv", MarketFixture.fundingHeader + rows)
      #expect(fixture.refusal().hasPrefix("the funding does not cover"))
    }
    try fixture.write("funding/binance/BTCUSDT.csv", MarketFixture.fundingHeader)
    #expect(fixture.refusal().hasPrefix("the file has no settlement"))
  }

  @Test("an outage beyond the limit")
  func gap() throws {
    try fixture.write(
      "klines/binance/spot/BTCUSDT-1h.csv",
      MarketFixture.barHeader + MarketFixture.bars(without: [4, 5, 6]))
    #expect(fixture.refusal(gap: 3) == "")
    #expect(
      fixture.refusal(gap: 2)
        == "3 bars are missing from 2024-01-01T04:00:00Z to 2024-01-01T07:00:00Z "
        + "(klines/binance/spot/BTCUSDT-1h.csv); raise --max-gap-hours or choose another range")
  }

  @Test("bars that do not reach over the range: what is there is named")
  func notCovered() {
    let late = MarketFixture.from + .days(2)
    #expect(
      fixture.refusal(to: late)
        == "the bars do not cover 2024-01-01T00:00:00Z to 2024-01-03T00:00:00Z "
        + "(klines/binance/spot/BTCUSDT-1h.csv); it has 2023-12-31T22:00:00Z to "
        + "2024-01-01T14:00:00Z: choose a range within")
    let early = MarketFixture.from - .days(2)
    #expect(fixture.refusal(from: early).hasPrefix("the bars do not cover"))
    #expect(fixture.refusal(from: late, to: late + .hours(1)).hasPrefix("the bars do not cover"))
  }

  @Test("a file that is missing, empty, or of another kind")
  func wrongFile() throws {
    try fixture.write("klines/binance/perp/BTCUSDT-1h.csv", "time,price\n")
    #expect(fixture.refusal().hasPrefix("the first line is not \"open_time,open,high"))
    try fixture.write("klines/binance/perp/BTCUSDT-1h.csv", "")
    #expect(fixture.refusal().hasPrefix("the first line is not"))
    try fixture.write(
      "klines/binance/perp/BTCUSDT-1h.csv",
      MarketFixture.barHeader + String(repeating: "x", count: 2 << 20))
    #expect(fixture.refusal().hasPrefix("a line is longer than 4096 bytes"))
    try fixture.remove("klines/binance/perp/BTCUSDT-1h.csv")
    #expect(
      fixture.refusal().hasPrefix(
        "there is no file \"klines/binance/perp/BTCUSDT-1h.csv\", compressed or not;"))
  }

  @Test("names that would lead out of the folder", arguments: ["../BTC", "BTC/USDT", "btc", ""])
  func badSymbol(text: String) {
    #expect(throws: MarketDataError.self) {
      try fixture.markets.load(
        venue: "binance", symbols: [Symbol(text)], from: MarketFixture.from, to: MarketFixture.to)
    }
    #expect(throws: MarketDataError.self) {
      try fixture.markets.availableSymbols(venue: VenueID("../\(text)"))
    }
  }

  @Test("a request that makes no sense")
  func badRequest() {
    #expect(fixture.refusal(from: MarketFixture.to).hasSuffix("is empty; give --from before --to"))
    #expect(fixture.refusal(from: .distantPast).hasPrefix("the range is outside recorded time"))
    #expect(fixture.refusal(gap: -1).hasPrefix("the longest gap is out of range (-1 hours)"))
    for interval in ["", "h", "0h", "1x", "+1h", "99999h", "25h"] {
      #expect(throws: MarketDataError.self) {
        try fixture.markets.availableSymbols(venue: "binance", interval: interval)
      }
    }
  }
}
