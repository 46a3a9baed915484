import ArgumentParser
import FixedPoint
import Service
import Trading

/// What backtest and sweep may assume beyond what was recorded.
struct ResearchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What fills cost: taker, maker, or a round trip of both legs such as 0.003.",
      valueName: "tier"))
  var fees = FeeChoice(.taker)

  @Flag(help: "Play recorded funding with prices that never move; bars are not needed.")
  var flat = false

  @Option(help: "Run what is before and what is from this moment on apart.")
  var split: Moment?

  /// The split, where it lies within the range.
  func checkedSplit(_ choice: MarketChoice) throws -> Timestamp? {
    guard let split = split?.value else { return nil }
    guard choice.from < split, split < choice.to else {
      throw Failure(.usage, "the split is not within the range (\(split)); give one between")
    }
    return split
  }
}

/// Fees on the command line.
struct FeeChoice: ExpressibleByArgument {
  let fees: MarketChoice.Fees

  init(_ fees: MarketChoice.Fees) { self.fees = fees }

  init?(argument: String) {
    switch argument {
    case "taker": fees = .taker
    case "maker": fees = .maker
    default:
      guard let cost = Rate(argument), !cost.isNegative, cost <= "0.1" else { return nil }
      fees = .roundTrip(cost)
    }
  }

  var defaultValueDescription: String { "taker" }
}
