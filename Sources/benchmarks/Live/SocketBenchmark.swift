import Core
import Trading

/// Market frames over real sockets into the engine and the shipped policy.
struct SocketBenchmark {
  private static let symbols = 500
  private static let perSecond = 10_000

  func run() throws(WorkloadError) {
    let pairs = SamplePairs(count: Self.symbols, venue: "binance")
    let peer = try BenchmarkPeer(names: pairs.names)
    defer { peer.begin(.stop) }
    let session = peer.session()
    var loop = LiveLoop(session, pairs, policy: ThresholdPolicy(parameters: Parameters()))
    try loop.start()
    _ = try Self.play(.quoteAll, expecting: 2 * Self.symbols, peer, &loop)
    var table = Table(["tickers of 500 symbols", "frames", "frames/s", "CPU %", "us/frame", "lost"])
    let steady = BenchmarkPeer.Job.blast(
      count: 5 * Self.perSecond, interval: 1_000_000_000 / Int64(Self.perSecond))
    table.add(
      ["one by one, evenly"]
        + (try Self.play(steady, expecting: 5 * Self.perSecond, peer, &loop)).cells)
    var flood: Run?
    for _ in 0..<3 {
      let run = try Self.play(
        .blast(count: 1_000_000, interval: nil), expecting: 1_000_000, peer, &loop)
      if run.rate > flood?.rate ?? 0 { flood = run }
    }
    if let flood { table.add(["as fast as they are taken, best of 3"] + flood.cells) }
    session.close()
    print("WebSocket to dialect to engine to policy, one thread")
    print(table.text)
  }

  private struct Run {
    var frames: Int
    var lost: Int
    var wall: Int64
    var cpu: Int64

    var rate: Double { Double(frames) * 1e9 / Double(max(1, wall)) }

    var cells: [String] {
      [
        String(frames), String(Int(rate)), (Double(cpu) * 100 / Double(wall)).text(places: 1),
        (Double(cpu) / 1000 / Double(max(1, frames))).text(places: 2), String(lost),
      ]
    }
  }

  /// Has the peer send, and receives until everything or nothing more has come.
  private static func play(
    _ job: BenchmarkPeer.Job, expecting count: Int, _ peer: BenchmarkPeer, _ loop: inout LiveLoop
  ) throws(WorkloadError) -> Run {
    let before = (quotes: loop.quotes, again: loop.resynchronisations)
    let (wall, cpu) = (steadyNow(), threadTime())
    peer.begin(job)
    try loop.turn(atMost: .seconds(60)) { $0.quotes - before.quotes >= count }
    let run = Run(
      frames: loop.quotes - before.quotes, lost: count - (loop.quotes - before.quotes),
      wall: steadyNow() - wall, cpu: threadTime() - cpu)
    try loop.turn(atMost: .seconds(1)) { _ in peer.finished != nil }
    guard loop.quotes - before.quotes == count, loop.resynchronisations == before.again else {
      throw WorkloadError("frames were lost, or the account would have been read again")
    }
    return run
  }
}
