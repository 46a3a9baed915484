public import Trading
import Wire

/// Three connections: both public markets and the account.
extension BybitDialect {
  static let spotStream = StreamID("spot")
  static let linearStream = StreamID("linear")
  static let privateStream = StreamID("private")

  /// The streams to hold open now: the public ones once instruments are attached.
  public var streams: [StreamSpec] {
    let account = Self.spec(Self.privateStream, .socketAPI, "/v5/private", isPrivate: true)
    guard !markets.all.isEmpty else { return [account] }
    return [
      Self.spec(Self.spotStream, .spotStream, "/v5/public/spot", isPrivate: false),
      Self.spec(Self.linearStream, .futuresStream, "/v5/public/linear", isPrivate: false),
      account,
    ]
  }

  /// A pong comes every 20 s at the latest; the venue names no age at which it closes a stream.
  private static func spec(
    _ id: StreamID, _ endpoint: Endpoint, _ target: String, isPrivate: Bool
  ) -> StreamSpec {
    StreamSpec(
      id: id, endpoint: endpoint, target: target, isPrivate: isPrivate,
      silenceLimit: .seconds(isPrivate ? 50 : 45), lifetime: .hours(24))
  }

  /// Without the API key.
  public func masked(_ text: String) -> String { text.masking(credentials.apiKey) }

  /// Frames to send as soon as a stream is open: a login, or subscriptions.
  public mutating func opened(_ stream: StreamID, at time: Timestamp) -> [String] {
    guard stream != Self.privateStream else {
      waiting[stream] = accountTopics.count
      return [login(at: time)]
    }
    let category: BybitCategory = stream == Self.spotStream ? .spot : .linear
    var topics: [String] = []
    for (place, market) in markets.all.enumerated() where market.category == category {
      books[place].reset()
      topics.append("orderbook.1.\(market.name)")
      if category == .linear { topics.append("tickers.\(market.name)") }
    }
    // Spot takes ten topics a request; the other takes them too.
    let frames = stride(from: 0, to: topics.count, by: 10).map { start in
      Self.subscription(Array(topics[start..<min(start + 10, topics.count)]), number: start / 10)
    }
    waiting[stream] = frames.count
    return frames
  }

  private static func subscription(_ topics: [String], number: Int) -> String {
    let frame: JSON = .object([
      JSONMember(name: "req_id", value: .string("s\(number)")),
      JSONMember(name: "op", value: "subscribe"),
      JSONMember(name: "args", value: .array(topics.map(JSON.string))),
    ])
    return frame.description
  }

  /// The venue closes what does not ping.
  public func heartbeat(of stream: StreamID, at time: Timestamp) -> String? { #"{"op":"ping"}"# }

  /// Understands one text frame of a stream.
  public mutating func receive(
    _ frame: UnsafeRawBufferPointer, on stream: StreamID, at time: Timestamp,
    into messages: inout [VenueMessage]
  ) throws(DialectError) -> [String] {
    if stream != Self.privateStream {
      let category: BybitCategory = stream == Self.spotStream ? .spot : .linear
      if try receiveMarket(frame, category, into: &messages) { return [] }
    }
    let tree: JSON
    do { tree = try JSON(frame) } catch { throw DialectError(error.description) }
    guard let topic = tree["topic"]?.text else {
      return try receiveControl(tree, on: stream, into: &messages)
    }
    guard stream == Self.privateStream else { throw DialectError("a topic was not asked for") }
    try receiveAccount(tree, topic, at: time, into: &messages)
    return []
  }

  /// Answers to login, subscription and ping.
  private mutating func receiveControl(
    _ frame: JSON, on stream: StreamID, into messages: inout [VenueMessage]
  ) throws(DialectError) -> [String] {
    let said = frame["ret_msg"]?.text ?? frame["retMsg"]?.text ?? ""
    let text = BybitCodes.words(frame["retCode"]?.integer) ?? masked(said)
    switch frame["op"]?.text {
    case "pong", "ping": return []
    case "auth":
      guard frame["success"]?.bool == true || frame["retCode"]?.integer == 0 else {
        messages.append(.notice("bybit refuses the login of stream \(stream): \(text)"))
        messages.append(.streamEnded(stream, "login refused"))
        return []
      }
      guard stream == Self.privateStream else { throw DialectError("a login was not asked for") }
      return accountTopics.enumerated().map { Self.subscription($1, number: $0) }
    case "subscribe":
      guard frame["success"]?.bool == true else {
        messages.append(.notice("bybit refuses a subscription of stream \(stream): \(text)"))
        messages.append(.streamEnded(stream, "subscription refused"))
        return []
      }
      let left = (waiting[stream] ?? 0) - 1
      guard left >= 0 else { return [] }
      waiting[stream] = left
      if left == 0 { messages.append(.subscribed(stream)) }
      return []
    default: throw DialectError("a frame is neither data nor an answer")
    }
  }
}
