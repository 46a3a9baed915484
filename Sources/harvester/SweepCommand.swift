import ArgumentParser
import Backtest
import FixedPoint
import Foundation
import Service
import Trading

struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Backtest every combination of some settings, on all cores.",
    discussion: """
      Prints one row per combination, in the order of the grids; nothing is remembered. With --split \
      the figures before it choose and those after it judge; with --walk-forward the choice is made \
      again and again from the past, and each next stretch is run with it. --benchmarks shows beside \
      each what holding on, the fixed rules and cash made of the time that judges.

      Beside settings, 'fees' and 'from' can be varied, as their options are written. Names joined by \
      a plus move together: --grid sizing.notional+paper.deposit=1000+1600,10000+16000.
      """)
  @Option(
    name: .customLong("grid"), parsing: .singleValue,
    help: ArgumentHelp(
      "Values of a setting, of 'fees' or of 'from'; may be repeated.", valueName: "key=a,b,c"))
  var grids: [String] = []

  @Option(
    name: .customLong("walk-forward"),
    help: ArgumentHelp(
      "Days to choose from and days to run with the choice, such as 365/90.",
      valueName: "days/days"))
  var walk: WalkForward?
  @Flag(help: "Run the benchmarks with every combination too, and show their net return.")
  var benchmarks = false
  @OptionGroup var common: CommonOptions
  @OptionGroup var market: MarketOptions
  @OptionGroup var research: ResearchOptions
  @OptionGroup var output: FormatOption

  private static let limit = 100_000

  func run() throws {
    let axes = try grids.map(axis)
    guard !axes.isEmpty else {
      throw Failure(.usage, "nothing to sweep; give --grid key=a,b,c at least once")
    }
    var combinations: [[String]] = [[]]
    for axis in axes {
      combinations = combinations.flatMap { left in axis.values.map { left + $0 } }
      guard combinations.count <= Self.limit else {
        throw Failure(.usage, "too many combinations; the limit is \(Self.limit)")
      }
    }
    let keys = axes.flatMap(\.keys)
    if keys.contains("from"), walk != nil || research.split != nil {
      throw Failure(
        .usage, "'from' cannot be varied within --split or --walk-forward; leave it out")
    }
    let loaded = try common.configuration()
    let paper = try market.load(common, loaded, research)
    let split = try research.checkedSplit(paper.choice)
    var markets: [[String]: PaperMarket] = [:]
    let runs = try combinations.map { values in
      let given = zip(keys, values)
      let configuration = try configuration(
        given.filter { !Self.ofMarkets.contains($0.0) }.map { "\($0)=\($1)" })
      let own = given.filter { Self.ofMarkets.contains($0.0) }.map { "\($0)=\($1)" }
      let market = try markets[own] ?? (own.isEmpty ? paper : self.paper(given, loaded))
      markets[own] = market
      return Sweep.Run(values: values, configuration: configuration, market: market)
    }
    let sweep = Sweep(
      keys: keys, runs: runs, benchmarks: benchmarks ? Benchmark.allCases : [],
      range: paper.choice.from..<paper.choice.to)
    if let walk {
      guard split == nil else {
        throw Failure(.usage, "--split and --walk-forward exclude each other; give one")
      }
      try sweep.walkForward(walk).print(as: output.format)
    } else if let split {
      sweep.split(at: split).print(as: output.format)
    } else {
      sweep.whole().print(as: output.format)
    }
  }

  /// What can be varied that is no setting.
  private static let ofMarkets = ["fees", "from"]

  /// The keys of a grid and their values, which move together.
  private func axis(_ text: String) throws -> (keys: [String], values: [[String]]) {
    func parts(_ text: Substring, _ separator: Character) -> [Substring] {
      text.split(separator: separator, omittingEmptySubsequences: false)
    }
    let sides = text.split(separator: "=", maxSplits: 1)
    let keys = sides.first.map { parts($0, "+").map(String.init) } ?? []
    let values =
      sides.count == 2
      ? parts(sides[1], ",").map { value in
        keys.count == 1 ? [String(value)] : parts(value, "+").map(String.init)
      } : []
    guard !values.isEmpty, values.allSatisfy({ $0.count == keys.count && !$0.contains("") }) else {
      throw Failure(
        .usage, "not a grid (\(text)); write --grid key=a,b,c or --grid key+other=a+x,b+y")
    }
    return (keys, values)
  }

  /// The market with the fees and the beginning of a combination.
  private func paper(
    _ given: Zip2Sequence<[String], [String]>, _ loaded: ConfigurationLoader.Loaded
  ) throws -> PaperMarket {
    var options = market
    var research = research
    for (key, value) in given {
      if key == "fees" {
        guard let fees = FeeChoice(argument: value) else {
          throw Failure(
            .usage, "not fees (\(value)); write taker, maker or a fraction such as 0.003")
        }
        research.fees = fees
      } else if key == "from" {
        guard let from = Moment(argument: value) else {
          throw Failure(.usage, "not a moment (\(value)); write YYYY-MM-DD or RFC 3339")
        }
        options.from = from
      }
    }
    return try options.load(common, loaded, research)
  }

  private func configuration(_ overrides: [String]) throws -> Configuration {
    var options = common
    options.overrides += overrides
    return try options.configuration().configuration
  }
}

/// Days to choose from, and days to run with the choice.
struct WalkForward: ExpressibleByArgument {
  let choosing: Int64
  let running: Int64

  init?(argument: String) {
    let parts = argument.split(separator: "/").map { Int64($0) }
    guard parts.count == 2, let choosing = parts[0], let running = parts[1],
      (1...36_500).contains(choosing), (1...36_500).contains(running)
    else { return nil }
    self.choosing = choosing
    self.running = running
  }
}
