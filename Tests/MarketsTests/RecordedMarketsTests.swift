import FoundationEssentials
import Markets
import Testing
import Trading

@Suite("Recorded markets")
struct RecordedMarketsTests {
  let fixture: MarketFixture

  init() throws { fixture = try MarketFixture() }

  @Test("a range holds its bars, its marks, and settlements from the days before")
  func loads() throws {
    let loaded = try fixture.load()
    let pair = try #require(loaded.pairs.first)
    #expect(loaded.gaps.isEmpty)
    #expect(pair.venue == "binance")
    #expect(pair.spot.bars.count == 12)
    #expect(pair.perp.bars.count == 12)
    #expect(pair.mark?.bars.count == 12)
    #expect(pair.spot.interval == .hours(1))
    let bar = try #require(pair.spot.bars.first)
    #expect(bar.opensAt == MarketFixture.from)
    #expect([bar.open, bar.high, bar.low, bar.close] == ["100.5", "101", "99.25", "100.75"])
    #expect(pair.funding.map(\.rate.rate) == ["0.0003", "-0.0001", "0.00012345", "0.0002"])
    #expect(pair.funding.map(\.mark) == [nil, nil, "100.3", nil])
    #expect(pair.funding[2].rate.settlesAt.description == "2024-01-01T00:00:03.001Z")
  }

  @Test("history days limit the settlements before the range")
  func limitsHistory() throws {
    #expect(try fixture.load(historyDays: 0).pairs[0].funding.count == 2)
  }

  @Test("a compressed file reads as the plain one")
  func readsGzip() throws {
    let plain = try fixture.load()
    try fixture.remove("funding/binance/BTCUSDT.csv")
    try fixture.write("funding/binance/BTCUSDT.csv.gz", Self.gzipped)
    #expect(try fixture.load() == plain)
  }

  @Test("a compressed file that ends early is refused", arguments: [12, 60, gzipped.count - 4])
  func refusesTruncated(length: Int) throws {
    try fixture.remove("funding/binance/BTCUSDT.csv")
    try fixture.write("funding/binance/BTCUSDT.csv.gz", Self.gzipped.prefix(length))
    #expect(fixture.refusal().contains("the file ends early (funding/binance/BTCUSDT.csv.gz"))
  }

  @Test("a corrupt compressed file is refused")
  func refusesCorrupt() throws {
    var bytes = Self.gzipped
    bytes[bytes.count - 6] ^= 0x55
    try fixture.remove("funding/binance/BTCUSDT.csv")
    try fixture.write("funding/binance/BTCUSDT.csv.gz", bytes)
    #expect(fixture.refusal().contains("the file is corrupt"))
  }

  @Test("lines may end in a carriage return, and the last one without an end")
  func readsOtherLineEnds() throws {
    let plain = try fixture.load()
    let text = MarketFixture.fundingHeader + MarketFixture.funding()
    try fixture.write(
      "funding/binance/BTCUSDT.csv", String(text.replacing("\n", with: "\r\n").dropLast()))
    #expect(try fixture.load() == plain)
  }

  @Test("rows that lie across the blocks of the reader are whole")
  func readsAcrossBlocks() throws {
    let start = MarketFixture.moment("2015-01-01")
    let rows = (0..<60_000).map { "\(start + .hours(Int64($0))),100.5,101,99.25,100.75,12.5\n" }
    for kind in ["spot", "perp"] {
      try fixture.write(
        "klines/binance/\(kind)/BTCUSDT-1h.csv", MarketFixture.barHeader + rows.joined())
    }
    try fixture.write(
      "funding/binance/BTCUSDT.csv",
      MarketFixture.fundingHeader
        + (0..<7_500).map { "\(start + .hours(Int64($0 * 8))),0.0001,8,\n" }.joined())
    let loaded = try fixture.load(from: start, to: start + .hours(60_000))
    #expect(loaded.pairs[0].spot.bars.count == 60_000)
    #expect(loaded.pairs[0].funding.count == 7_500)
  }

  @Test("marks may be missing")
  func loadsWithoutMarks() throws {
    try fixture.remove("klines/binance/mark/BTCUSDT-1h.csv")
    #expect(try fixture.load().pairs[0].mark == nil)
    try fixture.write(
      "klines/binance/mark/BTCUSDT-1h.csv",
      MarketFixture.barHeader + "2024-01-01T05:00:00Z,1,2,0.5,1.5,0\n")
    #expect(try fixture.load().pairs[0].mark?.bars.count == 1)
  }

  @Test("outages up to the limit are reported, wherever they are")
  func reportsGaps() throws {
    try fixture.write(
      "klines/binance/spot/BTCUSDT-1h.csv",
      MarketFixture.barHeader + MarketFixture.bars(without: [0, 4, 5, 11]))
    let gaps = try fixture.load(gap: 2).gaps
    #expect(gaps.map(\.missingBars) == [1, 2, 1])
    #expect(gaps.map(\.from) == [0, 4, 11].map { MarketFixture.from + .hours($0) })
    #expect(gaps[1].to == MarketFixture.from + .hours(6))
    #expect(gaps.allSatisfy { $0.instrument.market == .spot })
  }

  @Test("the symbols of a venue are those with both legs and funding")
  func listsSymbols() throws {
    try fixture.write("klines/binance/spot/ETHUSDT-1h.csv", MarketFixture.barHeader)
    try fixture.write("funding/binance/ETHUSDT.csv.gz", Data())
    try fixture.write("klines/binance/perp/SOLUSDT-1h.csv", MarketFixture.barHeader)
    #expect(try fixture.markets.availableSymbols(venue: "binance") == ["BTCUSDT"])
    try fixture.write("klines/binance/perp/ETHUSDT-1h.csv.gz", Data())
    #expect(try fixture.markets.availableSymbols(venue: "binance") == ["BTCUSDT", "ETHUSDT"])
  }

  @Test("a symbol with small letters is one, and its files are found under its own name")
  func smallLetters() throws {
    for market in ["spot", "perp"] {
      try fixture.write(
        "klines/binance/\(market)/kPEPEUSDC-1h.csv", MarketFixture.barHeader + MarketFixture.bars())
    }
    try fixture.write("funding/binance/kPEPEUSDC.csv.gz", Data())
    #expect(try fixture.markets.availableSymbols(venue: "binance") == ["BTCUSDT", "kPEPEUSDC"])
    #expect(throws: MarketDataError.self) {
      try fixture.markets.availableRange(venue: "binance", symbol: "../kPEPE")
    }
  }

  @Test("the available range is one that loads")
  func findsRange() throws {
    let range = try #require(
      try fixture.markets.availableRange(venue: "binance", symbol: "BTCUSDT"))
    #expect(range.lowerBound == MarketFixture.from - .hours(2))
    #expect(range.upperBound == MarketFixture.from + .hours(14))
    #expect(try fixture.load(from: range.lowerBound, to: range.upperBound).gaps.isEmpty)
  }

  /// The funding of the fixture, compressed by `gzip -n9`.
  private static let gzipped: Data = {
    let text =
      "H4sIAAAAAAACA2XNQQrCQAwF0L1nyZT8pErpObrqpgwy4KBViaPnNwwVW4UPWeQlv+Q5kcWSKF9Lsle8"
      + "TKfb0x40RztPd8vHtBMWDZCgGLjrmT0NM49Uh1JHa4LDh0BGCtVgMW1geIYKelbfYXkD0XbvDH6pG/tf"
      + "KT/vvpVb8gbotb2G3QAAAA=="
    guard let data = Data(base64Encoded: text) else { preconditionFailure("not base 64") }
    return data
  }()
}
