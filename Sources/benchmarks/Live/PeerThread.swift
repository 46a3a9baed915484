import Glibc

/// What the peer's thread owns.
final class PeerThread {
  private let listener: Int32
  private let names: [String]
  private let desk = PeerDesk()
  private var connections: [PeerConnection] = []
  private var update = SampleFrames.firstUpdate

  init(_ listener: Int32, _ names: [String]) {
    self.listener = listener
    self.names = names
  }

  deinit { close(listener) }

  func run(_ peer: BenchmarkPeer) {
    while true {
      serve()
      switch peer.takeJob() {
      case nil: continue
      case .quoteAll: peer.finish(quoteAll())
      case .blast(let count, let interval): peer.finish(blast(count, interval))
      case .orders(let count, let pause): peer.finish(orders(count, pause))
      case .stop:
        peer.finish(BenchmarkPeer.Report())
        return
      }
    }
  }

  /// Takes and answers whatever has arrived.
  private func serve() {
    let descriptor = accept(listener, nil, nil)
    if descriptor >= 0 { connections.append(PeerConnection(descriptor)) }
    for connection in connections where connection.receive() { connection.answer(desk) }
    if connections.contains(where: \.isClosed) { connections.removeAll(where: \.isClosed) }
  }

  private func serve(until moment: Int64) { while steadyNow() < moment { serve() } }

  // MARK: - Sending

  private func quoteAll() -> BenchmarkPeer.Report {
    var report = BenchmarkPeer.Report()
    let now = wallMilliseconds()
    for name in names {
      update += 1
      for (channel, text) in [
        ("markPrice", SampleFrames.mark(name, cents: 10_000, milliseconds: now)),
        (
          "perp",
          SampleFrames.perpBook(
            name, update: SampleFrames.firstUpdate, cents: 10_000, milliseconds: now)
        ),
        ("spot", SampleFrames.spotBook(name, update: SampleFrames.firstUpdate, cents: 10_000)),
      ] {
        var frame = SentFrame(text)
        if channel != "markPrice" { frame.number(update) }
        connection(of: name, channel)?.send(frame.bytes)
        report.sent += 1
      }
    }
    return report
  }

  /// The connection that a name's tickers are sent on.
  private func connection(of name: String, _ channel: String) -> PeerConnection? {
    let path =
      switch channel {
      case "markPrice": "/market/stream?"
      case "perp": "/public/stream?"
      default: "/stream?"
      }
    let wanted = "\(name.lowercased())@"
    return connections.first { connection in
      guard let target = connection.target else { return false }
      return target.hasPrefix(path) && target.contains(wanted)
    }
  }

  private func blast(_ count: Int, _ interval: Int64?) -> BenchmarkPeer.Report {
    let now = wallMilliseconds()
    var tickers: [(connection: PeerConnection, frame: SentFrame)] = []
    for (channel, isSpot) in [("spot", true), ("perp", false)] {
      for name in names {
        guard let connection = connection(of: name, channel) else { continue }
        let text =
          isSpot
          ? SampleFrames.spotBook(name, update: SampleFrames.firstUpdate, cents: 10_000)
          : SampleFrames.perpBook(
            name, update: SampleFrames.firstUpdate, cents: 10_000, milliseconds: now)
        tickers.append((connection, SentFrame(text)))
      }
    }
    var report = BenchmarkPeer.Report()
    guard !tickers.isEmpty else { return report }
    let begin = steadyNow()
    if let interval {
      pace(&tickers, count, interval, from: begin)
    } else {
      flood(&tickers, count)
    }
    report.sent = count
    report.nanoseconds = steadyNow() - begin
    return report
  }

  /// One frame at a time, evenly.
  private func pace(
    _ tickers: inout [(connection: PeerConnection, frame: SentFrame)], _ count: Int,
    _ interval: Int64, from begin: Int64
  ) {
    for number in 0..<count {
      let place = number % tickers.count
      update += 1
      tickers[place].frame.number(update)
      while steadyNow() < begin + Int64(number) * interval {}
      tickers[place].connection.send(tickers[place].frame.bytes)
      // Now and then there is a ping to answer.
      if number % 1000 == 0 { serve() }
    }
  }

  /// Many frames at a time, as fast as they are taken.
  private func flood(
    _ tickers: inout [(connection: PeerConnection, frame: SentFrame)], _ count: Int
  ) {
    var block: [UInt8] = []
    var blockFrames = 0
    for number in 0..<count {
      let place = number % tickers.count
      update += 1
      tickers[place].frame.number(update)
      block += tickers[place].frame.bytes
      blockFrames += 1
      let next = (number + 1) % tickers.count
      let isLast = number + 1 == count
      let isOther = tickers[next].connection !== tickers[place].connection
      guard isLast || isOther || blockFrames == 50 else { continue }
      tickers[place].connection.send(block)
      block.removeAll(keepingCapacity: true)
      blockFrames = 0
    }
  }

  // MARK: - Orders

  private func orders(_ count: Int, _ pause: Int64) -> BenchmarkPeer.Report {
    var report = BenchmarkPeer.Report()
    guard let name = names.first, let market = connection(of: name, "spot") else { return report }
    // The policy answers every change between these two prices.
    var frames = [10_100, 10_000].map { cents in
      SentFrame(SampleFrames.spotBook(name, update: SampleFrames.firstUpdate, cents: cents))
    }
    let warmUp = count / 10 / 2 * 2
    for number in 0..<(count + warmUp) {
      update += 1
      frames[number % 2].number(update)
      let begin = steadyNow()
      market.send(frames[number % 2].bytes)
      if let arrived = awaitOrder(until: begin + 2_000_000_000) {
        if number >= warmUp { report.latencies.append(arrived - begin) }
      } else {
        report.lost += 1
      }
      report.sent += 1
      serve(until: steadyNow() + pause)
    }
    return report
  }

  /// Waits for the first bytes of a request, then answers it.
  private func awaitOrder(until end: Int64) -> Int64? {
    let callers = connections.filter { $0.target == nil }
    while true {
      for connection in callers where connection.receive() {
        let moment = steadyNow()
        connection.answer(desk)
        return moment
      }
      if steadyNow() > end { return nil }
    }
  }
}
