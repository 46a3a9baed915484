import FixedPoint
import Glibc
import Trading
import Venues
import Wire

/// What it costs to understand one market frame, beside Python in the same run.
struct DecodingBenchmark {
  /// Folder of the peers written for this project.
  let peers: String
  private static let count = 2000
  private static let passes = 100

  /// One kind of frame, and what understands it.
  private struct Kind {
    let name: String
    let frames: [[UInt8]]
    let understand: () -> any Understanding
  }

  func run() throws(WorkloadError) {
    let kinds = Self.kinds
    let python = pythonResults(kinds)
    let libraries = ["json", "orjson", "msgspec"].filter { library in
      python.keys.contains { $0.hasSuffix(" \(library)") }
    }
    var table = Table(
      ["frame", "bytes", "dialect ns", "M frames/s", "scanner ns"]
        + libraries.map { "Python \($0) ns" } + libraries.suffix(1).map { "\($0) to ours" })
    for kind in kinds {
      let understanding = kind.understand()
      let ours = try Self.best { () throws(WorkloadError) in
        try understanding.pass(kind.frames)
      }
      let scanner = try Self.best { Self.scan(kind.frames) }
      var row = [kind.name, String(kind.frames[0].count), ours.text(places: 0)]
      row += [(1000 / ours).text(places: 2), scanner.text(places: 0)]
      let theirs = libraries.map { python["\(kind.name) \($0)"] ?? 0 }
      row += theirs.map { $0.text(places: 0) }
      row += theirs.suffix(1).map { ($0 / ours).text(places: 1) }
      table.add(row)
    }
    print("Decoding market frames to exact decimals, one core, best of \(Self.passes) passes")
    print(table.text)
  }

  /// Nanoseconds a frame in the fastest pass: everything slower is somebody else's work.
  private static func best(_ pass: () throws(WorkloadError) -> Int) throws(WorkloadError) -> Double
  {
    var best = Int64.max
    for _ in 0..<passes {
      let begin = steadyNow()
      let understood = try pass()
      best = min(best, steadyNow() - begin)
      guard understood == count else {
        throw WorkloadError("\(count - understood) of \(count) frames were not understood")
      }
    }
    return Double(best) / Double(count)
  }

  /// The scanner alone, reading every number in a frame.
  private static func scan(_ frames: [[UInt8]]) -> Int {
    var understood = 0
    for frame in frames {
      frame.withUnsafeBytes { bytes in
        var scanner = JSONScanner(bytes)
        readNumbers(&scanner)
        if scanner.isAtEnd { understood += 1 }
      }
    }
    return understood
  }

  private static func readNumbers(_ scanner: inout JSONScanner) {
    if scanner.beginObject() {
      while scanner.nextKey() != nil { readNumbers(&scanner) }
    } else if scanner.beginArray() {
      while scanner.nextElement() { readNumbers(&scanner) }
    } else {
      let _: Price? = scanner.decimal()
    }
  }

  // MARK: - Frames

  private static var kinds: [Kind] {
    let now = wallMilliseconds()
    let binance = SamplePairs(count: 500, venue: "binance")
    let bybit = SamplePairs(count: 500, venue: "bybit")
    func frames(_ pairs: SamplePairs, _ text: (String, Int, Int, Int64) -> String) -> [[UInt8]] {
      (0..<count).map { place in
        Array(
          text(
            pairs.names[place % 500], SampleFrames.firstUpdate + place, 10_000 + place,
            now + Int64(place)
          ).utf8)
      }
    }
    return [
      Kind(
        name: "binance spot bookTicker",
        frames: frames(binance) { name, update, cents, _ in
          SampleFrames.spotBook(name, update: update, cents: cents)
        }, understand: { BinanceUnderstanding(binance, "spot book 0") }),
      Kind(
        name: "binance perp bookTicker", frames: frames(binance, SampleFrames.perpBook),
        understand: { BinanceUnderstanding(binance, "perp book 0") }),
      Kind(
        name: "binance markPrice",
        frames: frames(binance) { SampleFrames.mark($0, cents: $2, milliseconds: $3) },
        understand: { BinanceUnderstanding(binance, "perp mark 0") }),
      Kind(
        name: "bybit orderbook.1", frames: frames(bybit, SampleFrames.bybitBook),
        understand: { BybitUnderstanding(bybit) }),
      Kind(
        name: "bybit ticker delta", frames: frames(bybit, SampleFrames.bybitTicker),
        understand: { BybitUnderstanding(bybit) }),
    ]
  }

  // MARK: - Python

  /// Nanoseconds a frame by kind and library; empty where there is no Python.
  private func pythonResults(_ kinds: [Kind]) -> [String: Double] {
    let path = "/tmp/harvester-frames.\(getpid())"
    var text = ""
    for kind in kinds {
      for frame in kind.frames {
        text += "\(kind.name)\t\(String(decoding: frame, as: UTF8.self))\n"
      }
    }
    guard let file = fopen(path, "w") else { return [:] }
    fputs(text, file)
    fclose(file)
    defer { unlink(path) }
    guard let python = MeasuredProcess(["python3", "\(peers)/decode_frames.py", path]),
      python.succeeded
    else {
      note("Python is left out: python3 is missing or failed")
      return [:]
    }
    var results: [String: Double] = [:]
    for line in python.output.split(separator: "\n") {
      let cells = line.split(separator: "\t")
      guard cells.count == 3 else { continue }
      results["\(cells[0]) \(cells[1])"] = Double(cells[2])
    }
    return results
  }
}

/// A dialect that is given the same frames again and again.
private protocol Understanding: AnyObject {
  /// - Returns: how many frames were understood.
  func pass(_ frames: [[UInt8]]) throws(WorkloadError) -> Int
}

private final class BinanceUnderstanding: Understanding {
  private var dialect: BinanceDialect
  private let stream: StreamID
  private var messages: [VenueMessage] = []

  init(_ pairs: SamplePairs, _ stream: String) {
    dialect = BinanceDialect(credentials: BinanceCredentials(apiKey: "", secret: Secret("")))
    dialect.attach(pairs.universe, listings: pairs.listings)
    self.stream = StreamID(stream)
  }

  func pass(_ frames: [[UInt8]]) throws(WorkloadError) -> Int {
    // Counts of the book begin anew with a connection.
    _ = dialect.opened(stream, at: .distantPast)
    return try understand(frames, by: &dialect, on: stream, &messages)
  }
}

private final class BybitUnderstanding: Understanding {
  private var dialect: BybitDialect
  private var messages: [VenueMessage] = []

  init(_ pairs: SamplePairs) {
    dialect = BybitDialect(credentials: BybitCredentials(apiKey: "", secret: Secret("")))
    dialect.attach(pairs.universe, listings: pairs.listings)
  }

  func pass(_ frames: [[UInt8]]) throws(WorkloadError) -> Int {
    try understand(frames, by: &dialect, on: StreamID("linear"), &messages)
  }
}

private func understand(
  _ frames: [[UInt8]], by dialect: inout some Dialect, on stream: StreamID,
  _ messages: inout [VenueMessage]
) throws(WorkloadError) -> Int {
  for frame in frames {
    do {
      try frame.withUnsafeBytes {
        _ = try dialect.receive($0, on: stream, at: .distantPast, into: &messages)
      }
    } catch {
      throw WorkloadError("\(error)")
    }
    messages.removeAll(keepingCapacity: true)
  }
  return frames.count
}
