import Store
import Trading

/// From a ticker that leaves the peer to the first byte of the order that answers it.
struct LatencyBenchmark {
  /// Folder of the migrations, and of the private database.
  let root: String
  let count: Int
  private static let rounds = 5

  func run() throws(WorkloadError) {
    var table = Table(["ticker to order", "orders", "median us", "p99 us", "p99.9 us", "lost"])
    for (name, pause) in [("facts dropped, a rest of 0.05 ms", 50_000), ("of 1 ms", 1_000_000)] {
      var best: BenchmarkPeer.Report?
      for _ in 0..<Self.rounds {
        let report = try measure(nil, pause: Int64(pause)).report
        if p99(report) < best.map(p99) ?? .max { best = report }
      }
      if let best { table.add(row(name, best)) }
    }
    switch BenchmarkDatabase.open(root: root) {
    case .success(let database):
      let (report, commits) = try measure(database, pause: 5_000_000)
      table.add(row("facts committed first, of 5 ms", report))
      // Those of the carry's opening come before the ones that were measured.
      var alone = BenchmarkPeer.Report()
      alone.latencies = commits.suffix(report.latencies.count)
      table.add(row("of which the commit", alone))
    case .failure(let reason): note("commits are left out: \(reason)")
    }
    print("Ticker to signed order through sockets, session and engine, one thread, after a rest")
    print("Best of \(Self.rounds) runs without commit, one run with commits")
    print(table.text)
  }

  private func measure(
    _ database: Database?, pause: Int64
  ) throws(WorkloadError) -> (report: BenchmarkPeer.Report, commits: [Int64]) {
    let pairs = SamplePairs(count: 10, venue: "binance")
    let peer = try BenchmarkPeer(names: pairs.names)
    defer { peer.begin(.stop) }
    let session = peer.session()
    var loop = LiveLoop(session, pairs, policy: SpotSwitch(), database: database)
    try loop.start(run: Int32(database?.run ?? 1))
    peer.begin(.quoteAll)
    try loop.turn(atMost: .seconds(20)) { loop in
      peer.finished != nil && loop.engine.isQuiet && loop.engine.state.carries[0]?.state == .open
    }
    let before = loop.resynchronisations
    peer.begin(.orders(count: count, pause: pause))
    try loop.turn(atMost: .seconds(120)) { _ in peer.finished != nil }
    session.close()
    guard loop.resynchronisations == before else {
      throw WorkloadError("the account would have been read again")
    }
    return (peer.finished ?? BenchmarkPeer.Report(), loop.commits)
  }

  private func p99(_ report: BenchmarkPeer.Report) -> Int64 {
    let sorted = report.latencies.sorted()
    return sorted.isEmpty ? .max : sorted[sorted.count * 99 / 100]
  }

  private func row(_ name: String, _ report: BenchmarkPeer.Report) -> [String] {
    let distribution = Distribution(report.latencies)
    return [name, String(distribution.count)] + distribution.cells + [String(report.lost)]
  }
}
