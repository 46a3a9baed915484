import FixedPoint
import Glibc
import Trading
import Transport
import Venues
import Wire

/// Requests over one kept connection, one after the other, beside plain libcurl in the same run.
struct RoundTripBenchmark {
  /// Folder of the peers written for this project.
  let peers: String
  private static let count = 10_000
  private static let rounds = 3

  func run() throws(WorkloadError) {
    let peer = try BenchmarkPeer(names: [])
    defer { peer.begin(.stop) }
    let curl = compiled()
    defer { if case .success(let program) = curl { unlink(program) } }
    var table = Table(["sequential requests", "median us", "p99 us", "p99.9 us", "requests/s"])
    let read = HTTPRequest(.get, "/api/v3/time")
    var best: [String: Distribution] = [:]
    // In alternation, so that a busy moment meets all of them.
    for _ in 0..<Self.rounds {
      keep("HTTPClient, read", try Self.ask(peer) { read }, in: &best)
      keep("HTTPClient, signed order", try Self.ask(peer, Self.signedOrders()), in: &best)
      if case .success(let program) = curl {
        keep("libcurl in C, read", try Self.plain(program, peer.port), in: &best)
      }
    }
    for name in ["HTTPClient, read", "HTTPClient, signed order", "libcurl in C, read"] {
      guard let distribution = best[name] else { continue }
      table.add([name] + distribution.cells + [String(Int(distribution.rate))])
    }
    if case .failure(let reason) = curl { note("plain libcurl is left out: \(reason)") }
    print("REST round trips, one kept connection, best of \(Self.rounds) rounds of \(Self.count)")
    print(table.text)
  }

  private func keep(
    _ name: String, _ distribution: Distribution, in best: inout [String: Distribution]
  ) {
    if distribution.rate > best[name]?.rate ?? 0 { best[name] = distribution }
  }

  /// The time that each request takes, the making of it included.
  private static func ask(
    _ peer: BenchmarkPeer, _ request: () -> HTTPRequest
  ) throws(WorkloadError) -> Distribution {
    let client = HTTPClient()
    var durations: [Int64] = []
    for number in 0..<(count + 100) {
      let begin = steadyNow()
      let outcome = client.perform(request(), base: peer.http)
      let end = steadyNow()
      guard case .answered(let response) = outcome, response.status == 200 else {
        throw WorkloadError("a request was not answered: \(outcome)")
      }
      if number >= 100 { durations.append(end - begin) }
    }
    return Distribution(durations)
  }

  /// Orders as the session would send them.
  private static func signedOrders() -> () -> HTTPRequest {
    let pairs = SamplePairs(count: 1, venue: "binance")
    var dialect = BinanceDialect(
      credentials: BinanceCredentials(
        apiKey: String(repeating: "k", count: 64), secret: benchmarkSecret))
    dialect.attach(pairs.universe, listings: pairs.listings)
    var sequence: Int64 = 0
    return {
      sequence += 1
      let now = LocalClock.now
      let order = OrderRequest(
        id: ClientOrderID(run: 1, sequence: sequence, carry: CarryID(1), market: .spot),
        instrument: pairs.universe.instruments[0].id, side: .buy, quantity: "1",
        kind: .immediateOrCancel("100.5"), reduceOnly: false, deadline: now + .seconds(5))
      let calls = dialect.begin(.request(.submit(order)), at: now)
      return dialect.encode(calls[0], at: now)
    }
  }

  // MARK: - Plain libcurl

  private func compiled() -> Result<String, WorkloadError> {
    let program = "/tmp/harvester-round-trips.\(getpid())"
    let compiler = MeasuredProcess([
      "gcc", "-O3", "-o", program, "\(peers)/round_trips.c", "-lcurl",
    ])
    guard let compiler else { return .failure(WorkloadError("gcc is missing")) }
    return compiler.succeeded
      ? .success(program) : .failure(WorkloadError("gcc: \(compiler.errors)"))
  }

  private static func plain(
    _ program: String, _ port: Int
  ) throws(WorkloadError) -> Distribution {
    let url = "http://127.0.0.1:\(port)/api/v3/time"
    guard let result = MeasuredProcess([program, url, String(count)]), result.succeeded else {
      throw WorkloadError("\(program) failed")
    }
    return Distribution(result.output.split(separator: "\n").compactMap { Int64($0) })
  }
}

/// A secret that opens nothing.
let benchmarkSecret = Secret(String(repeating: "s", count: 64))
