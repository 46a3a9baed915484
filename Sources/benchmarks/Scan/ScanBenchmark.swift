import Core
import FixedPoint
import Glibc
import Trading

/// Many pairs in one engine: what a tick of all of them costs, when nothing settled and when all did.
struct ScanBenchmark {
  let count: Int

  private static let start = Timestamp(milliseconds: 1_704_067_200_000)
  private static let ticks = 200
  private static let settlements = 20
  /// Settlements before the start: the whole window of the forecast.
  private static let history = 126

  /// Prints time and memory.
  func run() {
    let before = residentBytes()
    var market = CrowdedMarket(
      count: count, venues: ["bybit"], start: Self.start, history: Self.history)
    let afterHistory = residentBytes()

    let quiet = Distribution(
      (0..<Self.ticks).map { _ in market.tick(settles: false) })
    let settling = Distribution(
      (0..<Self.settlements).map { _ in market.tick(settles: true) })
    let scans = Distribution((0..<Self.settlements).map { _ in market.scan() })
    // As many pairs, but of a quarter as many assets: each spot leg has three perpetuals elsewhere.
    var spread = CrowdedMarket(
      count: count / 4, venues: ["binance", "bybit", "hyperliquid", "okx"], start: Self.start,
      history: Self.history)
    _ = spread.tick(settles: true)
    let crossed = Distribution((0..<Self.settlements).map { _ in spread.scan() })

    var table = Table(["\(count) pairs, in one step", "median, µs", "99 %, µs", "a pair, µs"])
    for (name, times) in [
      ("quotes of both legs, nothing settled", quiet),
      ("quotes, and every pair settles: all are decided", settling),
      ("scan: every pair ranked, with its gates", scans),
      ("scan of as many pairs at four venues, also across", crossed),
    ] {
      let each = Double(times.microseconds(0.5)).map { ($0 / Double(count)).text(places: 2) }
      table.add([name, times.microseconds(0.5), times.microseconds(0.99), each ?? "-"])
    }
    print(table.text)
    print(
      "\(market.decisions) decisions recorded, \(market.carries) carries open; memory "
        + "\((afterHistory - before) / 1024) KiB with \(Self.history) settlements each, "
        + "\((residentBytes() - before) / 1024) KiB at the end")
  }

  /// Bytes of this process that are in memory.
  private func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = fread(&bytes, 1, bytes.count, file)
    let words = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: " ")
    return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * sysconf(Int32(_SC_PAGESIZE))
  }
}

/// An engine that watches many pairs, the same at each venue, whose prices and rates wander a little.
private struct CrowdedMarket {
  private let pairs: Range<Int>
  private var engine: Engine
  private var outcome = Outcome()
  private var now: Timestamp
  private var step = 0
  private var commands: Int64 = 0
  private(set) var decisions = 0

  init(count: Int, venues: [VenueID], start: Timestamp, history: Int) {
    let listings = venues.flatMap { SamplePairs(count: count, venue: $0).listings }
    pairs = listings.indices
    now = start
    var parameters = Parameters()
    parameters.market.minimumTurnover = .zero
    // Ten carries of many: room is short, as it is for whoever scans so many.
    parameters.sizing.maximumGrossNotional = "100000"
    engine = Engine(
      universe: Universe(
        pairs: listings.map { ($0.spot, $0.perp) },
        venues: Dictionary(
          uniqueKeysWithValues: venues.map { ($0, VenueTraits(layout: .unified)) })),
      parameters: parameters,
      policy: ThresholdPolicy(parameters: parameters))
    engine.handle(Event(at: now, .start(run: 1)), into: &outcome)
    for venue in venues {
      let snapshot = AccountSnapshot(
        venue: venue,
        balances: [Balance(wallet: .unified, asset: "USDT", total: "1000000")], positions: [],
        openOrders: [], fills: [], payments: [], transfers: [])
      engine.handle([.snapshot(snapshot)], at: now, into: &outcome)
    }
    for place in pairs {
      let rates = (0..<history).reversed().map { age in
        FundingRate(
          settlesAt: start - .hours(8).times(Int64(age)), intervalHours: 8,
          rate: rate(of: place, age))
      }
      engine.handle(
        [.fundingHistory(InstrumentIndex(place * 2 + 1), rates)], at: now, into: &outcome)
    }
    outcome.removeAll()
  }

  var carries: Int { engine.state.carries.count { $0 != nil } }

  private func rate(of place: Int, _ age: Int) -> Rate {
    Rate.basisPoints((place * 7 + age) % 5)
  }

  /// Lets every pair have its prices, and its settlement if it is time.
  ///
  /// - Returns: nanoseconds on the processor.
  mutating func tick(settles: Bool) -> Int64 {
    step += 1
    now = now + (settles ? .hours(8) : .seconds(1))
    var batch: [VenueEvent] = []
    for place in pairs {
      for leg in 0...1 {
        let cents = 10_000 + (step * 7 + place * 3 + leg) % 10
        let bid = Price(raw: Price("0.01").raw * Int128(cents))
        let ask = Price(raw: Price("0.01").raw * Int128(cents + 1))
        batch.append(
          .quote(
            Quote(
              instrument: InstrumentIndex(place * 2 + leg), bid: bid, ask: ask, mark: bid, at: now)
          ))
      }
      guard settles else { continue }
      let settled = FundingRate(settlesAt: now, intervalHours: 8, rate: rate(of: place, step))
      batch.append(.fundingSettled(InstrumentIndex(place * 2 + 1), settled, mark: "100"))
    }
    let begin = threadTime()
    engine.handle(batch, at: now, into: &outcome)
    let time = threadTime() - begin
    finish()
    return time
  }

  /// Ranks all pairs.
  mutating func scan() -> Int64 {
    commands += 1
    let begin = threadTime()
    engine.handle(Event(at: now, .command(Command(id: commands, .scan))), into: &outcome)
    let time = threadTime() - begin
    finish()
    return time
  }

  /// Counts what was decided, and fills what was ordered.
  private mutating func finish() {
    while !outcome.facts.isEmpty || !outcome.actions.isEmpty {
      decisions += outcome.facts.count { if case .decided = $0.body { true } else { false } }
      let orders = outcome.actions.compactMap { action -> OrderRequest? in
        if case .submit(let approved) = action { approved.request } else { nil }
      }
      outcome.removeAll()
      for order in orders { fill(order) }
    }
  }

  private mutating func fill(_ order: OrderRequest) {
    commands += 1
    let fill = Fill(
      instrument: order.instrument, trade: TradeID("\(commands)"), order: order.id,
      venueOrder: VenueOrderID("\(commands)"), at: now, side: order.side,
      quantity: order.quantity, price: "100", fee: .zero, feeAsset: "USDT", realized: .zero,
      liquidity: .taker, cause: .order)
    engine.handle(
      [.fill(fill), .orderFinished(order.id, .filled)], at: now, into: &outcome)
  }
}
