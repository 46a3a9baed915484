import FixedPoint
import Foundation
import Markets
import SimulatedVenue
import Simulation
import Trading

/// The market that is played, and the venues that it is played on.
struct SimulatedMarket {
  /// What is played; begins on a bar.
  let range: Range<Timestamp>
  /// Where the clock begins.
  let start: Timestamp
  /// The market ends here.
  let until: Timestamp
  /// Whether the clock begins with the machine's.
  let followsMachine: Bool
  private let interval: TimeSpan
  private let instruments: PairFile
  private let settings: Settings

  init(_ settings: Settings) throws {
    self.settings = settings
    guard let path = settings.path("instruments") else {
      throw settings.bad("instruments", "the path of instruments.yaml")
    }
    instruments = try PairFile(path: path)
    guard let interval = Self.intervals[settings.text("market.interval")] else {
      throw settings.bad("market.interval", "1m, 5m, 15m or 1h")
    }
    self.interval = interval
    guard let from = try settings.time("market.from") else {
      throw settings.bad("market.from", "a UTC time")
    }
    let isRecorded = !settings.text("market.data").isEmpty
    let isNow = settings.text("clock.start") == "now"
    followsMachine = isNow && !isRecorded
    start = followsMachine ? .machineTime : isNow ? from : try settings.time("clock.start") ?? from
    let days = try settings.integer("market.days", 1...3660)
    let end = try settings.time("clock.until") ?? start + .days(Int64(days))
    guard start < end else {
      throw settings.bad("clock.until", "after the start (\(start))")
    }
    range = start.floored(to: .hours(1))..<end
    until = end
  }

  /// The venues, each with the same pairs.
  func plans(_ settings: Settings) throws -> [VenuePlan] {
    let names = settings.list("venues")
    guard !names.isEmpty, names.allSatisfy({ ["binance", "bybit"].contains($0) }) else {
      throw settings.bad("venues", "binance, bybit or both")
    }
    return try names.map { try plan(VenueID($0)) }
  }

  private static let intervals: [String: TimeSpan] = [
    "1m": .minutes(1), "5m": .minutes(5), "15m": .minutes(15), "1h": .hours(1),
  ]

  private func plan(_ venue: VenueID) throws -> VenuePlan {
    let listed = try PairChoice(settings, instruments, venue)
    let series = try series(venue, listed)
    let layout: AccountLayout = venue == "bybit" ? .unified : .separate
    return VenuePlan(
      id: venue, layout: layout, pairs: listed.pairs.map(\.planned), series: series, range: range,
      deposits: try deposits(venue, layout), models: try models(), rules: try rules(venue),
      leverage: try settings.decimal("\(venue).leverage", "1"..."125"),
      clientIDs: venue == "bybit" ? .uniqueForever : .uniqueAmongOpen)
  }

  private func series(_ venue: VenueID, _ listed: PairChoice) throws -> [PairSeries] {
    let history = Int64(try settings.integer("market.history_days", 1...365))
    let from = range.lowerBound - .days(history)
    guard let folder = settings.path("market.data") else {
      let days =
        Int(
          (range.upperBound - from).nanoseconds / TimeSpan.days(1).nanoseconds) + 1
      let seed = UInt64(try settings.integer("market.seed", 0...1_000_000_000_000))
      return MarketGenerator.generate(
        seed: seed, markets: listed.pairs.map { ($0.planned.spot, $0.planned.perp, $0.startPrice) },
        from: from, days: days, interval: interval)
    }
    do throws(MarketDataError) {
      // Recorded markets of Binance stand in where a venue has none of its own.
      let markets = RecordedMarkets(folder: folder)
      let gap = Int(settings.text("market.maximum_gap_hours")) ?? 6
      let symbols = listed.pairs.map(\.planned.perp.id.symbol)
      let source = listed.source
      let loaded = try markets.load(
        venue: source, symbols: symbols, interval: settings.text("market.interval"), from: from,
        to: range.upperBound, maximumGapHours: gap)
      return loaded.pairs.map {
        PairSeries(
          venue: venue, symbol: $0.symbol, spot: $0.spot, perp: $0.perp, mark: $0.mark,
          funding: $0.funding)
      }
    } catch {
      throw Failure(.failed, error.description)
    }
  }

  private func deposits(_ venue: VenueID, _ layout: AccountLayout) throws -> [PlannedBalance] {
    let key = "\(venue).balances"
    return try settings.list(key).map { text in
      let parts = text.split { ":=".contains($0) }
      guard parts.count == 3, let wallet = AccountWallet(rawValue: String(parts[0])),
        wallet == .funding || (wallet == .unified) == (layout == .unified),
        let amount = Amount(String(parts[2])), amount.isPositive
      else { throw settings.bad(key, "a list of wallet:asset=amount with wallets of the venue") }
      return PlannedBalance(wallet: wallet, asset: AssetID(parts[1]), amount: amount)
    }
  }

  private func models() throws -> ExchangeModels {
    ExchangeModels(
      spread: SpreadModel(
        spotHalf: try settings.decimal("exchange.spot_half_spread", "0"..."0.1"),
        perpHalf: try settings.decimal("exchange.perp_half_spread", "0"..."0.1")),
      slippage: SlippageModel(fraction: .zero, tickRule: .against),
      latency: LatencyModel(milliseconds: 0),
      depth: DepthModel(
        notional: nil,
        refillMilliseconds: try settings.integer("exchange.refill_milliseconds", 1...3_600_000)),
      charges: ChargeModel(
        feePlaces: try settings.integer("exchange.fee_places", 2...18),
        liquidationFee: try settings.decimal("exchange.liquidation_fee", "0"..."0.1")))
  }

  private func rules(_ venue: VenueID) throws -> ExchangeRules {
    let margin = settings.text("\(venue).margin")
    guard ["cross", "isolated"].contains(margin) else {
      throw settings.bad("\(venue).margin", "cross or isolated")
    }
    var rules = ExchangeRules(
      isCross: margin == "cross",
      book: BookModel(
        best: try settings.decimal("exchange.best_notional", "1"..."1000000000"),
        growth: try settings.decimal("exchange.level_growth", "0"..."10"),
        gap: try settings.decimal("exchange.level_gap", "0"..."0.1")),
      cashPlaces: 8)
    if venue == "binance", try settings.flag("binance.bnb_fees") {
      rules.tokenFee = TokenFee(
        asset: "BNB", price: "600", spotDiscount: "0.25", perpDiscount: "0.1")
    }
    if venue == "bybit" {
      rules.collateral = try settings.list("bybit.collateral").map { text in
        let parts = text.split(separator: "=")
        guard parts.count == 2, let rate = Rate(String(parts[1])), rate >= .zero, rate <= .one
        else {
          throw settings.bad("bybit.collateral", "a list of asset=rate")
        }
        return CollateralRate(asset: AssetID(parts[0]), rate: rate)
      }
    }
    return rules
  }
}

extension Timestamp {
  /// The time of this machine's calendar clock.
  static var machineTime: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
