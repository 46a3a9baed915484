import FixedPoint

/// A hundred pairs of thresholds on one market, in parallel.
enum Sweep {
  /// One pair of thresholds, percent per year.
  private struct Combination {
    let enter: Int
    let exit: Int
  }

  private static let combinations = stride(from: 4, through: 22, by: 2).flatMap { enter in
    (-6...3).map { Combination(enter: enter, exit: $0) }
  }

  /// Lines of thresholds, entries, funding, fees and final equity, in the workload's order.
  ///
  /// Each worker has a run, and so a universe, of its own: counting references to a common one
  /// would make them wait for each other.
  static func lines(_ markets: RecordedMarkets, workers: Int) async -> [String] {
    await withTaskGroup(of: [(Int, String)].self) { group in
      for worker in 0..<workers {
        group.addTask {
          let run = WorkloadRun(markets)
          return stride(from: worker, to: combinations.count, by: workers).map { place in
            (place, line(run, combinations[place]))
          }
        }
      }
      var lines = Array(repeating: "", count: combinations.count)
      for await part in group {
        for (place, line) in part { lines[place] = line }
      }
      return lines
    }
  }

  private static func line(_ run: WorkloadRun, _ combination: Combination) -> String {
    let figures = run.figures(
      enterAbove: .basisPoints(combination.enter * 100),
      leaveBelow: .basisPoints(combination.exit * 100))[0]
    return "\(combination.enter),\(combination.exit),\(figures.entries),\(figures.funding.cents),"
      + "\((figures.spotFees + figures.perpFees).cents),\(figures.finalEquity.cents)"
  }
}
