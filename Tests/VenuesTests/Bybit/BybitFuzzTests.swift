import FixedPoint
import Testing
import Trading
import Venues
import Wire

/// Seeded changes to bytes.
private struct Mutator {
  var state: UInt64

  mutating func next(_ limit: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(max(limit, 1)))
  }

  /// Texts that tend to hurt.
  private static let inserts = [
    "-", "99999999999999999999", "170141183460469231731687303715884105728", "0", "e5", "\"\"",
    "null", "{", "}", "[", "]", ",", "\"", ".0000000000000000001", "\u{0}", "[[", "-1", "1e400",
  ]

  mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...next(3) where !bytes.isEmpty {
      let place = next(bytes.count)
      switch next(6) {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: next(256))
      case 1: bytes.remove(at: place)
      case 2: bytes.removeSubrange(place..<min(place + next(40), bytes.count))
      case 3:
        bytes.insert(contentsOf: Array(Self.inserts[next(Self.inserts.count)].utf8), at: place)
      case 4: bytes = Array(bytes.prefix(place))
      default:
        // A number becomes another one.
        let text = Array(Self.inserts[next(3)].utf8)
        if let digit = bytes[place...].firstIndex(where: { (48...57).contains($0) }) {
          bytes.replaceSubrange(digit...digit, with: text)
        }
      }
    }
    return bytes
  }
}

@Suite("Bybit: broken input")
struct BybitFuzzTests {
  private static let streams = ["spot", "linear", "private"].map { StreamID($0) }

  private func samples() throws -> [[UInt8]] {
    let payloads = try BybitFixture.lines("payloads").compactMap { $0["payload"]?.bytes }
    let own = [
      BybitOrderTests.topic("order", BybitOrderTests.orderRow("Filled", executed: "0.01")),
      BybitOrderTests.topic("execution", BybitOrderTests.execution("e1", "0.01")),
      BybitOrderTests.topic(
        "execution", BybitOrderTests.execution("f1", "0.01", pnl: nil, type: "Funding")),
      #"{"topic":"orderbook.1.1000PEPEUSDT","type":"snapshot","ts":1735689600110,"data":{"#
        + #""s":"1000PEPEUSDT","b":[["0.0201","2.5"]],"a":[["0.0202","1"]],"u":7},"cts":1}"#,
      #"{"topic":"orderbook.1.BTCUSDT","type":"snapshot","ts":1735689600110,"data":{"#
        + #""s":"BTCUSDT","b":[["50000","2.5"]],"a":[["50001","1"]],"u":7},"cts":1}"#,
      #"{"success":true,"ret_msg":"","op":"auth","conn_id":"c"}"#,
      #"{"success":true,"ret_msg":"","conn_id":"c","req_id":"s0","op":"subscribe"}"#,
      BybitOrderTests.topic(
        "spread.order", BybitComboScript.orderRow("Filled", executed: "0.01"),
        BybitComboScript.orderRow("New", category: "future_leg")),
      BybitOrderTests.topic(
        "spread.execution", BybitComboScript.execution(), BybitComboScript.leg(.perp),
        BybitComboScript.leg(.spot)),
      BybitOrderTests.topic(
        "spread.execution", BybitComboScript.leg(.perp, pnl: nil), BybitComboScript.execution()),
    ]
    return payloads + own.map { Array($0.utf8) }
  }

  /// What the fast reader of public frames leaves unchecked: nothing that has a value here.
  private static let tolerated: Set<JSONError.Reason> = [.duplicate, .characters, .escape]

  @Test("a broken frame never crashes and never becomes an event")
  func frames() throws {
    var mutator = Mutator(state: 20_261_121)
    var counts = (refused: 0, understood: 0)
    let frames = try samples()
    for frame in frames {
      for stream in Self.streams {
        var dialect = BybitFixture.cross()
        for _ in 0..<200 {
          let bytes = mutator.mutate(frame)
          var messages: [VenueMessage] = []
          do {
            _ = try bytes.withUnsafeBytes { bytes throws(DialectError) in
              try dialect.receive(bytes, on: stream, at: BybitFixture.now, into: &messages)
            }
            counts.understood += 1
          } catch {
            counts.refused += 1
            #expect(messages.isEmpty)
          }
          guard !messages.events.isEmpty else { continue }
          do {
            _ = try JSON(bytes)
          } catch {
            #expect(stream.name != "private" && Self.tolerated.contains(error.reason))
          }
        }
        _ = dialect.housekeeping(at: BybitFixture.now + .hours(1))
      }
    }
    #expect(counts.refused > 10_000 && counts.understood > 100)
  }

  @Test("a broken answer never crashes; one that is no JSON never becomes an event")
  func answers() throws {
    var mutator = Mutator(state: 42)
    var bodies = try BybitFixture.lines("responses").compactMap { $0["response"]?.bytes }
    bodies += try BybitFixture.lines("payloads").compactMap { $0["payload"]?.bytes }
    for row in [
      BybitOrderTests.orderRow("Filled", executed: "0.01"),
      BybitOrderTests.execution("e1", "0.01", pnl: nil, closed: "0.01"),
      BybitOrderTests.execution("f1", "0.01", pnl: nil, type: "Funding"),
      BybitScript.spot(), BybitScript.perp(), BybitComboScript.listed(), BybitComboScript.log(),
      BybitComboScript.legInHistory(.perp), BybitComboScript.legInHistory(.spot),
      BybitComboScript.endedRow("Filled", executed: "0.01"),
    ] {
      if case .answered(let response) = BybitFixture.page([row]) { bodies.append(response.body) }
    }
    let since = BybitFixture.now - .days(9)
    let order = BybitFixture.order()
    let tasks: [VenueTask] = [
      .readClock, .readKey, .survey(["BTCUSDT"]), .prepare(leverage: "3"), .openStreams,
      .snapshotWithoutHistory, .request(.snapshot("bybit", since: since)),
      .request(.submit(order)), .request(.cancel(order.id, order.instrument)),
      .request(.query(order.id, order.instrument)),
      .request(.fundingHistory(BybitFixture.perpPEPE, since: since)),
      .bars(BybitFixture.perpPEPE, from: since, to: BybitFixture.now, interval: .minutes(1)),
      .settlements(BybitFixture.perpBTC, from: since, to: BybitFixture.now),
    ]
    var answered = 0
    let isolated = BybitFixture.dialect()
    let cross = BybitFixture.cross()
    // Each of these is refused without an answer of the venue in the other mode.
    let margin = VenueTask.request(.adjustMargin(BybitFixture.perpBTC, "5"))
    let combo = VenueTask.request(.submit(BybitComboScript.order))
    for (task, start) in tasks.flatMap({ [($0, isolated), ($0, cross)] })
      + [(margin, isolated), (combo, cross)]
    {
      var dialect = start
      for _ in 0..<250 {
        var isReadable = false
        let messages = dialect.perform(task) { _ in
          let body = mutator.mutate(bodies[mutator.next(bodies.count)])
          isReadable = isReadable || (try? JSON(body)) != nil
          answered += 1
          return .answered(HTTPResponse(status: 200, body: body))
        }
        #expect(isReadable || messages.events.isEmpty, "\(task)")
      }
      _ = dialect.housekeeping(at: BybitFixture.now + .hours(1))
    }
    #expect(answered > 6000)
  }
}
