import Glibc

/// What a live process does all day, measured part by part.
struct LiveBenchmarks {
  /// Folder of the peers written for this project.
  let peers: String
  /// Folder of the project.
  let root: String
  /// Orders whose latency is measured.
  let orders: Int

  static let parts = ["decoding", "sockets", "latency", "rest"]

  /// Prints what was measured.
  func run(_ parts: [String]) throws(WorkloadError) {
    signal(SIGPIPE, SIG_IGN)
    for (place, part) in parts.enumerated() {
      if place > 0 { print() }
      switch part {
      case "decoding": try DecodingBenchmark(peers: peers).run()
      case "sockets": try SocketBenchmark().run()
      case "latency": try LatencyBenchmark(root: root, count: orders).run()
      default: try RoundTripBenchmark(peers: peers).run()
      }
    }
  }
}
