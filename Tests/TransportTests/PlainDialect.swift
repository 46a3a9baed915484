import FixedPoint
import Trading
import Venues
import Wire

/// A small protocol of its own, to drive a session with: one call a task, words as frames.
struct PlainDialect: Dialect {
  typealias Purpose = VenueTask

  let venue = VenueID("plain")
  let capabilities = VenueCapabilities(
    submission: .none, submissionSource: "", layout: .unified, fillHistory: .days(1),
    paymentHistory: .days(1), lookupDelay: .seconds(0), fillsInAnswer: false)
  private(set) var venueTime: Timestamp?
  private(set) var streams: [StreamSpec] = []

  /// Streams to hold open once `openStreams` was answered.
  var wanted: [StreamSpec] = []
  /// Whether `wanted` is all there should be.
  var isComplete = true
  /// The latest moment for changes to leave.
  var deadline: Timestamp?

  static func spec(
    _ name: String, isPrivate: Bool = false, silence: TimeSpan = .seconds(30),
    lifetime: TimeSpan = .hours(1), query: String = "listenKey=hidden"
  ) -> StreamSpec {
    StreamSpec(
      id: StreamID(name), endpoint: .spotStream, target: "/\(name)?\(query)",
      isPrivate: isPrivate, silenceLimit: silence, lifetime: lifetime)
  }

  /// A task that changes something.
  static let order = VenueTask.request(
    .adjustMargin(
      InstrumentID(venue: "plain", market: .perp, symbol: "BTCUSDT"), Notional(raw: 1)))

  mutating func attach(_ universe: Universe, listings: [Listing]) {}

  mutating func begin(_ task: VenueTask, at time: Timestamp) -> [Call<VenueTask>] {
    switch task {
    case .readClock: [Call(.spotREST, .get, "/time", purpose: task)]
    case .readKey: [Call(.spotREST, .get, "/key", weight: 10, purpose: task)]
    case .openStreams: [Call(.spotREST, .post, "/open", isMutating: true, purpose: task)]
    case .snapshotWithoutHistory: [Call(.spotREST, .get, "/confirm", purpose: task)]
    case .readModes: [Call(.futuresREST, .get, "/nowhere", purpose: task)]
    case .request:
      [
        Call(
          .spotREST, .post, "/order", urgency: .high, isMutating: true, deadline: deadline,
          purpose: task)
      ]
    default: []
    }
  }

  func encode(_ call: Call<VenueTask>, at time: Timestamp) -> HTTPRequest {
    HTTPRequest(call.method, call.path, query: "at=\(time.nanoseconds / 1_000_000)")
  }

  mutating func finish(
    _ call: Call<VenueTask>, _ outcome: CallOutcome, at time: Timestamp
  ) -> Reaction<VenueTask> {
    switch outcome {
    case .notSent(let reason): return Reaction([.notice("\(call.path) not sent: \(reason)")])
    case .unknown(let reason): return Reaction([.notice("\(call.path) unknown: \(reason)")])
    case .answered(let response):
      let text = String(decoding: response.body, as: UTF8.self)
      if call.path == "/time", let time = Int64(text) {
        return Reaction([.clock(Timestamp(milliseconds: time))])
      }
      if call.path == "/open", response.status == 200 {
        streams = wanted
        isComplete = true
        return Reaction([.streamsChanged])
      }
      if call.path == "/open" {
        streams = wanted
        return Reaction([.failed(call.purpose, .unavailable(text))])
      }
      if call.path == "/confirm" { return Reaction([.subscribed(StreamID("account"))]) }
      return Reaction([.notice("\(call.path) \(response.status) \(text)")])
    }
  }

  mutating func housekeeping(at time: Timestamp) -> [Call<VenueTask>] { [] }

  mutating func opened(_ stream: StreamID, at time: Timestamp) -> [String] {
    ["subscribe \(stream)"]
  }

  mutating func receive(
    _ frame: UnsafeRawBufferPointer, on stream: StreamID, at time: Timestamp,
    into messages: inout [VenueMessage]
  ) throws(DialectError) -> [String] {
    let text = String(decoding: frame, as: UTF8.self)
    if text == "subscribed" {
      messages.append(.subscribed(stream))
    } else if text == "over" {
      messages.append(.streamEnded(stream, "the venue said so"))
    } else if text == "moved" {
      streams = streams.map { Self.spec($0.id.name, isPrivate: $0.isPrivate, query: "moved") }
      messages.append(.streamsChanged)
    } else if text == "unwanted" {
      streams.removeAll { $0.id == stream }
      messages.append(.streamsChanged)
    } else if text == "ask" {
      return ["answer"]
    } else if let time = Int64(text) {
      venueTime = Timestamp(milliseconds: time)
    } else if text == "nonsense" {
      throw DialectError("nonsense")
    } else {
      messages.append(.notice("\(stream) \(text)"))
    }
    return []
  }

  func heartbeat(of stream: StreamID, at time: Timestamp) -> String? { nil }
}
