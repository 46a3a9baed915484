public import Backtest
public import Core
public import FixedPoint
import Markets
public import Simulation
public import Trading

/// Which market a paper account or a backtest plays.
public struct MarketChoice: Hashable, Sendable {
  /// Where prices come from.
  public enum Source: Hashable, Sendable {
    /// Recorded history in a folder.
    case recorded(folder: String, maximumGapHours: Int)
    /// Recorded funding alone, in a folder: prices that never move, since none were recorded.
    case flat(folder: String)
    /// The built-in generator.
    case generated(seed: UInt64)
  }

  /// What a fill costs.
  public enum Fees: Hashable, Sendable {
    /// The taker's fee of each instrument.
    case taker
    /// The maker's fee, as if every order could wait.
    case maker
    /// A round trip of both legs, a fraction of the notional, in four equal parts.
    case roundTrip(Rate)
  }

  /// Where prices come from.
  public var source: Source
  /// The venues, each with an account of its own.
  public var venues: [VenueID]
  /// The pairs, each on every venue that lists it; all that are known when empty.
  public var symbols: [Symbol]
  /// From, inclusive.
  public var from: Timestamp
  /// To, exclusive.
  public var to: Timestamp
  /// The length of a bar, as files name it.
  public var interval: String
  /// What a fill costs.
  public var fees = Fees.taker
  /// Days of settlements known before the start.
  public var historyDays = 60

  /// States a choice.
  public init(
    source: Source, venues: [VenueID], symbols: [Symbol], from: Timestamp, to: Timestamp,
    interval: String
  ) {
    self.source = source
    self.venues = venues
    self.symbols = symbols
    self.from = from
    self.to = to
    self.interval = interval
  }
}

/// A market that is loaded: what backtest and paper account have in common.
public struct PaperMarket: Sendable {
  /// The instruments.
  public let universe: Universe
  /// The histories.
  public let series: [PairSeries]
  /// What was loaded.
  public private(set) var choice: MarketChoice
  /// Outages of the venue within the range, in words.
  public let notices: [String]

  /// Loads recorded files, or generates.
  public init(
    _ choice: MarketChoice, instruments: InstrumentsFile
  ) throws(PaperMarketError) {
    var choice = choice
    let listings: [InstrumentsFile.Listing]
    do throws(ConfigurationError) {
      let isFlat = if case .flat = choice.source { true } else { false }
      var chosen = try instruments.select(
        venues: choice.venues, symbols: choice.symbols, assuming: isFlat)
      for place in chosen.indices { chosen[place].charge(choice.fees) }
      listings = chosen
    } catch {
      throw .choice(error.description)
    }
    guard choice.from < choice.to else {
      throw .choice("the range is empty (\(choice.from) to \(choice.to)); give a later --to")
    }
    choice.symbols = listings.map(\.perp.id.symbol)
    universe = Universe(
      pairs: listings.map { ($0.spot, $0.perp) },
      venues: Dictionary(
        listings.map { ($0.perp.id.venue, VenueTraits(layout: $0.layout)) },
        uniquingKeysWith: { first, _ in first }))
    switch choice.source {
    case .recorded(let folder, let maximumGapHours):
      var series: [PairSeries] = []
      var gaps: [MarketGap] = []
      do throws(MarketDataError) {
        for venue in choice.venues {
          let own = listings.filter { $0.perp.id.venue == venue }
          let loaded = try RecordedMarkets(folder: folder).load(
            venue: venue, symbols: own.map(\.perp.id.symbol), interval: choice.interval,
            from: choice.from, to: choice.to, historyDays: choice.historyDays,
            maximumGapHours: maximumGapHours)
          series += loaded.pairs
          gaps += loaded.gaps
        }
      } catch {
        throw .data(error.description)
      }
      self.series = series
      notices = gaps.map(\.description)
    case .flat(let folder):
      var series: [PairSeries] = []
      do throws(MarketDataError) {
        for venue in choice.venues {
          let own = listings.filter { $0.perp.id.venue == venue }
          series += try RecordedMarkets(folder: folder).loadFlat(
            venue: venue, prices: own.map { ($0.perp.id.symbol, $0.startPrice) },
            from: choice.from, to: choice.to, historyDays: choice.historyDays)
        }
      } catch {
        throw .data(error.description)
      }
      self.series = series
      notices = ["prices are held flat: what the basis did is left out"]
    case .generated(let seed):
      let days = Int((choice.to - choice.from).nanoseconds / TimeSpan.days(1).nanoseconds)
      series = MarketGenerator.generate(
        seed: seed, markets: listings.map { ($0.spot, $0.perp, $0.startPrice) },
        from: choice.from, days: max(1, days), interval: .hours(1))
      notices = []
    }
    self.choice = choice
  }

  /// What distinguishes this market from another, whatever its end.
  public var identity: String {
    let names = choice.symbols.map(\.rawValue).joined(separator: ",")
    let venues = choice.venues.map(\.rawValue).joined(separator: ",")
    let source =
      switch choice.source {
      case .recorded: "recorded"
      case .flat: "flat"
      case .generated(let seed): "seed \(seed)"
      }
    let fees =
      switch choice.fees {
      case .taker: ""
      case .maker: " maker"
      case .roundTrip(let cost): " round trip \(cost)"
      }
    return "\(source) \(venues) \(names) \(choice.interval)\(fees) from \(choice.from)"
  }

  /// A pair's symbol, after its venue where there are several.
  public func name(of series: PairSeries) -> String {
    choice.venues.count == 1 ? series.symbol.rawValue : "\(series.venue) \(series.symbol)"
  }

  /// The names of all pairs.
  public var names: [String] { series.map { name(of: $0) } }

  /// Where the histories begin, so that another recording is not taken for this one.
  public var beginning: String {
    series.map { pair in
      let first = [pair.spot, pair.perp].map { $0.bars.first.map { "\($0.open)" } ?? "nothing" }
      return "\(pair.symbol) \(first.joined(separator: " "))"
    }
    .joined(separator: ", ")
  }

  /// Simulated venues with a new account on each, which has its part of the deposit by the number of
  /// its pairs.
  public func venues(_ configuration: Configuration) -> PaperVenues {
    let exchanges = choice.venues.map { venue in
      let layout = universe.traits(of: venue).layout
      let own = universe.pairs.filter { $0.venue == venue }
      let part = configuration.paper.deposit.times(own.count)
        .divided(by: universe.pairs.count, rounding: .down)
      let deposit = own.first.map {
        Balance(
          wallet: layout.wallet(of: .spot), asset: universe[$0.perp].quote, total: part.amount)
      }
      return SimulatedExchange(
        universe: universe, venue: venue, layout: layout,
        leverage: configuration.parameters.sizing.leverage, models: configuration.paper.models,
        deposits: deposit.map { [$0] } ?? [])
    }
    let feed = BarFeed(series: series, universe: universe, from: choice.from, to: choice.to)
    return PaperVenues(exchanges: exchanges, feed: feed, universe: universe, start: choice.from)
  }

  /// An engine with a policy, the shipped one unless another is given.
  public func engine(_ parameters: Parameters, policy: (any Policy)? = nil) -> Engine {
    Engine(
      universe: universe, parameters: parameters,
      policy: policy ?? ThresholdPolicy(parameters: parameters))
  }

  /// The same market over a part of its time; what settled before the part is its history.
  public func within(_ range: Range<Timestamp>) -> PaperMarket {
    var part = self
    part.choice.from = max(choice.from, range.lowerBound)
    part.choice.to = min(choice.to, range.upperBound)
    return part
  }

  /// Bars of spot and perpetual within the range.
  public var bars: Int {
    series.reduce(0) { sum, pair in
      sum + [pair.spot, pair.perp].reduce(0) { $0 + $1.bars.count }
    }
  }
}

/// Why a market cannot be played.
public enum PaperMarketError: Error, Sendable, CustomStringConvertible {
  /// The choice makes no sense.
  case choice(String)
  /// A recorded file is missing or wrong.
  case data(String)

  /// What is wrong, in words.
  public var description: String {
    switch self {
    case .choice(let text), .data(let text): text
    }
  }
}
