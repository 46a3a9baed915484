import Glibc

/// The benchmarks: the fixed workload and a scan of many pairs through the engine, and the live path
/// through real sockets, with peers beside them where there are any.
@main
struct Benchmarks {
  static func main() async {
    do {
      let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
      guard try await run(arguments) else { exit(1) }
    } catch {
      note("error: \(error)")
      exit(2)
    }
  }

  /// - Returns: false when a figure is not what the workload says.
  private static func run(_ arguments: Arguments) async throws(WorkloadError) -> Bool {
    switch arguments.command {
    case "all":
      let isExact = try Comparison(
        workload: try arguments.required("--workload"), peers: peers(arguments),
        rounds: max(1, try arguments.number("--rounds", default: 5)),
        count: min(50, max(1, try arguments.number("--count", default: 50)))
      ).run()
      print()
      ScanBenchmark(count: 500).run()
      print()
      try live(arguments, LiveBenchmarks.parts)
      return isExact
    case "scan": ScanBenchmark(count: max(1, try arguments.number("--count", default: 500))).run()
    case "live":
      let part = try arguments.word()
      guard part.map(LiveBenchmarks.parts.contains) ?? true else {
        throw WorkloadError(Arguments.usage)
      }
      try live(arguments, part.map { [$0] } ?? LiveBenchmarks.parts)
    case "workload":
      let symbol = try arguments.number("--symbol", default: 0)
      try play(try arguments.folder(), symbol...symbol, isExact: arguments.has("--exact"))
    case "symbols":
      let count = try arguments.number("--count", default: 50)
      try play(try arguments.folder(), 0...max(0, count - 1), isExact: false)
    case "sweep":
      let (markets, parsing) = try load(try arguments.folder(), 0...0)
      let begin = ContinuousClock.now
      let lines = await Sweep.lines(markets, workers: processors)
      let loop = ContinuousClock.now - begin
      for line in lines { print(line) }
      report(parsing: parsing, loop: loop, bars: markets.barCount * lines.count)
    case "ledger":
      let (markets, _) = try load(try arguments.folder(), 0...0)
      print("time,kind,leg,qty_milli,price_cents,amount_1e-13")
      let figures = WorkloadRun(markets).figures(keepsLedger: true)[0]
      for row in figures.ledger.inWorkloadOrder { print(row.line) }
    default: throw WorkloadError(Arguments.usage)
    }
    return true
  }

  private static func live(
    _ arguments: Arguments, _ parts: [String]
  ) throws(WorkloadError) {
    try LiveBenchmarks(
      peers: peers(arguments), root: arguments.text("--root") ?? workingFolder,
      orders: max(20, try arguments.number("--orders", default: 2000))
    ).run(parts)
  }

  private static func peers(_ arguments: Arguments) -> String {
    arguments.text("--peers") ?? "Sources/benchmarks/peers"
  }

  private static var workingFolder: String {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    return getcwd(&bytes, bytes.count).map { String(cString: $0) } ?? "."
  }

  /// Runs symbols through one engine and prints the figures of each.
  private static func play(
    _ folder: String, _ symbols: ClosedRange<Int>, isExact: Bool
  ) throws(WorkloadError) {
    let (markets, parsing) = try load(folder, symbols)
    let run = WorkloadRun(markets)
    let begin = ContinuousClock.now
    let all = run.figures()
    let loop = ContinuousClock.now - begin
    for (symbol, figures) in zip(symbols, all) {
      print(isExact ? figures.exact : figures.summary(symbol: symbol))
    }
    report(parsing: parsing, loop: loop, bars: markets.barCount)
  }

  private static func load(
    _ folder: String, _ symbols: ClosedRange<Int>
  ) throws(WorkloadError) -> (RecordedMarkets, parsing: Duration) {
    let begin = ContinuousClock.now
    let markets = try RecordedMarkets(folder: folder, symbols: symbols)
    return (markets, ContinuousClock.now - begin)
  }

  private static func report(parsing: Duration, loop: Duration, bars: Int) {
    note(
      "\(bars) bars, parsed in \(parsing.text) s, run in \(loop.text) s, "
        + "\(Int(Double(bars) / loop.seconds)) bars/s")
  }
}

/// Writes a line on standard error.
func note(_ text: String) {
  var line = text + "\n"
  line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }

  /// Seconds to the millisecond.
  var text: String { seconds.text(places: 3) }
}

extension Double {
  /// With so many decimal places.
  func text(places: Int) -> String {
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let count = Int((self * Double(scale)).rounded())
    return places == 0
      ? String(count) : "\(count / scale).\(padded(count % scale, width: places))"
  }
}
