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
      again and again from the past, and each next stretch is run with it.
      """)
  @Option(
    name: .customLong("grid"), parsing: .singleValue,
    help: ArgumentHelp("Values of a setting; may be repeated.", valueName: "key=a,b,c"))
  var grids: [String] = []

  @Option(
    name: .customLong("walk-forward"),
    help: ArgumentHelp(
      "Days to choose from and days to run with the choice, such as 365/90.",
      valueName: "days/days"))
  var walk: WalkForward?
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
      combinations = combinations.flatMap { left in axis.values.map { left + [$0] } }
      guard combinations.count <= Self.limit else {
        throw Failure(.usage, "too many combinations; the limit is \(Self.limit)")
      }
    }
    let loaded = try common.configuration()
    let configurations = try combinations.map { values in
      try configuration(zip(axes.map(\.key), values).map { "\($0)=\($1)" })
    }
    let paper = try market.load(common, loaded, research)
    let split = try research.checkedSplit(paper.choice)
    let sweep = Sweep(
      keys: axes.map(\.key), combinations: combinations, configurations: configurations,
      market: paper)
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

  private func axis(_ text: String) throws -> (key: String, values: [String]) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    let values = parts.count == 2 ? parts[1].split(separator: ",").map(String.init) : []
    guard !values.isEmpty else {
      throw Failure(.usage, "not a grid (\(text)); write --grid key=a,b,c")
    }
    return (parts[0], values)
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
