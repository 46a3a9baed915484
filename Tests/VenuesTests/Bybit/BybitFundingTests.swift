import FixedPoint
import Testing
import Trading
import Venues
import Wire

@Suite("Bybit: funding and bars")
struct BybitFundingTests {
  private let hour: Int64 = 3_600_000
  private let settled: Int64 = 1_735_689_600_000

  private func ticker(_ next: Int64, ts: Int64, mark: String) -> String {
    #"{"topic":"tickers.BTCUSDT","type":"delta","data":{"symbol":"BTCUSDT","markPrice":"\#(mark)","#
      + #""fundingRate":"0.0001","nextFundingTime":"\#(next)","fundingIntervalHour":"8"},"#
      + #""cs":1,"ts":\#(ts)}"#
  }

  private func rate(_ time: Int64, _ rate: String = "0.0001") -> String {
    #"{"symbol":"BTCUSDT","fundingRate":"\#(rate)","fundingRateTimestamp":"\#(time)"}"#
  }

  private var perp: InstrumentIndex {
    get throws { try #require(BybitFixture.universe.index(of: BybitFixture.perpBTC)) }
  }

  @Test("history is paged backwards and told oldest first, with the hours between settlements")
  func history() throws {
    var dialect = BybitFixture.dialect()
    let from = settled - 300 * 8 * hour
    var ends: [String] = []
    let task = VenueTask.request(
      .fundingHistory(BybitFixture.perpBTC, since: Timestamp(milliseconds: from)))
    let messages = dialect.perform(task) { call in
      ends.append(call["endTime"] ?? "")
      let end = Int64(call["endTime"] ?? "") ?? 0
      let newest = end - end % (8 * hour)
      let rows = (0..<200).map { newest - Int64($0) * 8 * hour }.filter { $0 >= from }
      return BybitFixture.page(rows.map { rate($0) })
    }
    #expect(ends.count == 2)
    #expect(ends[0] == "1735689600123")
    guard case .fundingHistory(let index, let rates)? = messages.events.first else {
      Issue.record("\(messages)")
      return
    }
    #expect(index == (try perp) && rates.count == 301)
    #expect(rates.first?.settlesAt == Timestamp(milliseconds: from))
    #expect(rates.last?.settlesAt == Timestamp(milliseconds: settled))
    #expect(rates.allSatisfy { $0.intervalHours == 8 && $0.rate == "0.0001" })
  }

  @Test("an interval that changed shows in the hours of each rate")
  func changedInterval() throws {
    var dialect = BybitFixture.dialect()
    let times = [settled - 8 * hour, settled, settled + hour, settled + 2 * hour]
    let messages = dialect.perform(
      .settlements(
        BybitFixture.perpBTC, from: .distantPast, to: Timestamp(milliseconds: settled + hour * 3))
    ) { _ in BybitFixture.page(times.reversed().map { rate($0, "-0.00375") }) }
    guard case .settlements(let rows)? = messages.first else {
      Issue.record("\(messages)")
      return
    }
    #expect(rows.map(\.rate.intervalHours) == [8, 8, 1, 1])
    #expect(rows.allSatisfy { $0.mark == nil && $0.rate.rate == "-0.00375" })
  }

  @Test("a settlement is read until it is there, with its payment and the mark it was paid at")
  func settlement() throws {
    var dialect = BybitFixture.dialect()
    _ = try dialect.hear(ticker(settled, ts: settled - 100, mark: "49999"), on: "linear")
    #expect(dialect.housekeeping(at: BybitFixture.now).isEmpty)
    _ = try dialect.hear(ticker(settled + 8 * hour, ts: settled + 90, mark: "50001"), on: "linear")
    let first = dialect.housekeeping(at: BybitFixture.now)
    #expect(first.map(\.path) == ["/v5/market/funding/history"])
    #expect(dialect.housekeeping(at: BybitFixture.now).isEmpty)
    #expect(dialect.run(first) { _ in BybitFixture.page([]) }.isEmpty)
    let later = BybitFixture.now + .seconds(2)
    let second = dialect.housekeeping(at: later)
    let messages = dialect.run(second, at: later) { call in
      call.path == "/v5/execution/list"
        ? BybitFixture.page([
          BybitOrderTests.execution(
            "f1", "0.01", pnl: nil, link: "", time: settled + 3, type: "Funding")
        ]) : BybitFixture.page([rate(settled)])
    }
    let told = FundingRate(
      settlesAt: Timestamp(milliseconds: settled), intervalHours: 8, rate: "0.0001")
    let payment = FundingPayment(
      instrument: BybitFixture.perpBTC, id: "f1", settledAt: Timestamp(milliseconds: settled),
      amount: "-0.1", asset: "USDT")
    #expect(
      messages.events == [
        .fundingSettled(try perp, told, mark: "50000"), .fundingPaid(payment),
      ])
    #expect(dialect.housekeeping(at: later + .hours(1)).isEmpty)
  }

  @Test("without a payment the last mark before the settlement counts, after an outage the bars")
  func marks() throws {
    var dialect = BybitFixture.dialect()
    _ = try dialect.hear(ticker(settled, ts: settled - 100, mark: "49999"), on: "linear")
    let after = settled + 8 * hour + 5000
    let now = Timestamp(milliseconds: after)
    // Nothing is heard for eight hours; the connection comes back after a second settlement.
    _ = dialect.opened(StreamID("linear"), at: now)
    _ = try dialect.hear(ticker(settled + 16 * hour, ts: after, mark: "51000"), on: "linear")
    let messages = dialect.run(dialect.housekeeping(at: now), at: now) { call in
      switch call.path {
      case "/v5/market/funding/history":
        BybitFixture.page([rate(settled + 8 * hour), rate(settled)])
      case "/v5/market/mark-price-kline":
        BybitFixture.page([#"["\#(settled + 8 * hour)","50500","50600","50400","50555"]"#])
      default: BybitFixture.page([])
      }
    }
    let marks = messages.events.compactMap { event in
      if case .fundingSettled(_, _, let mark) = event { mark } else { nil }
    }
    #expect(marks == ["49999", "50500"])
  }

  @Test("a schedule that becomes denser is no settlement")
  func denser() throws {
    var dialect = BybitFixture.dialect()
    _ = try dialect.hear(
      ticker(settled + 8 * hour, ts: settled + 10, mark: "50000"), on: "linear")
    _ = try dialect.hear(ticker(settled + hour, ts: settled + 20, mark: "50000"), on: "linear")
    _ = try dialect.hear(ticker(settled + 2 * hour, ts: settled + 30, mark: "50000"), on: "linear")
    #expect(dialect.housekeeping(at: BybitFixture.now).isEmpty)
  }

  @Test("funding of the stream is negative when it was paid")
  func payment() throws {
    var dialect = BybitFixture.dialect()
    let row = BybitOrderTests.execution(
      "f1", "0.01", pnl: nil, link: "", time: settled + 3, type: "Funding")
    let messages = try dialect.hear(BybitOrderTests.topic("execution", row), on: "private")
    guard case .fundingPaid(let payment)? = messages.events.first else {
      Issue.record("\(messages)")
      return
    }
    #expect(payment.amount == "-0.1" && payment.id == "f1")
    #expect(payment.settledAt == Timestamp(milliseconds: settled))
  }

  @Test("bars are paged backwards, oldest first, per base unit")
  func bars() throws {
    var dialect = BybitFixture.dialect()
    let from = settled - 1500 * 60_000
    var count = 0
    let messages = dialect.perform(
      .bars(
        BybitFixture.perpPEPE, from: Timestamp(milliseconds: from),
        to: Timestamp(milliseconds: settled), interval: .minutes(1))
    ) { call in
      count += 1
      let end = Int64(call["end"] ?? "") ?? 0
      let newest = end - end % 60_000
      let rows = (0..<1000).map { newest - Int64($0) * 60_000 }.filter { $0 >= from }
      return BybitFixture.page(
        rows.map { #"["\#($0)","0.02","0.0203","0.0199","0.0201","12.5","0.25"]"# })
    }
    guard case .bars(let bars)? = messages.first else {
      Issue.record("\(messages)")
      return
    }
    #expect(count == 2 && bars.count == 1500)
    #expect(bars.first?.openedAt == Timestamp(milliseconds: from))
    #expect(bars.last?.openedAt == Timestamp(milliseconds: settled - 60_000))
    #expect(bars.first?.high == "0.0000203" && bars.first?.volume == "12500")
  }
}
