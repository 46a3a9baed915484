public import Trading
import Wire

/// What a stream carries.
enum BinanceStreamKind: Hashable, Sendable {
  case spotBook, perpBook, perpMark, perpAccount, spotAccount

  /// By the beginning of the name, which fits a string without storage of its own.
  init?(_ id: StreamID) {
    let name = id.name
    if name.hasPrefix("spot book") {
      self = .spotBook
    } else if name.hasPrefix("perp book") {
      self = .perpBook
    } else if name.hasPrefix("perp mark") {
      self = .perpMark
    } else if name == BinanceDialect.perpAccount.name {
      self = .perpAccount
    } else if name == BinanceDialect.spotAccount.name {
      self = .spotAccount
    } else {
      return nil
    }
  }
}

extension BinanceDialect {
  static let perpAccount = StreamID("perp account")
  static let spotAccount = StreamID("spot account")
  private static let streamsPerConnection = 200
  /// The venue closes at 24 hours.
  private static let lifetime = TimeSpan.hours(23)
  private static let keyPause = TimeSpan.minutes(30)

  /// We ask for a sign of life every 20 s, whenever the server does (every 20 s on the spot account,
  /// every 3 minutes on the perpetuals): two of ours without an answer.
  private static let privateSilence = TimeSpan.seconds(50)

  /// Without a listen key there is no account stream of the perpetuals yet.
  public var isComplete: Bool { listenKey != nil }

  /// The streams to hold open now.
  public var streams: [StreamSpec] {
    var specs: [StreamSpec] = []
    for kind in [BinanceStreamKind.spotBook, .perpBook, .perpMark] {
      for part in channelGroups(kind).indices { specs.append(spec(kind, part)) }
    }
    specs.append(
      StreamSpec(
        id: Self.spotAccount, endpoint: .socketAPI, target: "/ws-api/v3", isPrivate: true,
        silenceLimit: Self.privateSilence, lifetime: Self.lifetime))
    if let listenKey {
      specs.append(
        StreamSpec(
          id: Self.perpAccount, endpoint: .futuresStream, target: "/private/ws/\(listenKey)",
          isPrivate: true, silenceLimit: Self.privateSilence, lifetime: Self.lifetime))
    }
    return specs
  }

  private func spec(_ kind: BinanceStreamKind, _ part: Int) -> StreamSpec {
    // There are symbols outside ASCII; the sign in front of the channel stays as it is.
    let channels = channelGroups(kind)[part]
      .map { FormText.encode($0).replacing("%40", with: "@") }.joined(separator: "/")
    let target =
      switch kind {
      case .perpBook: "/public/stream?streams=\(channels)"
      case .perpMark: "/market/stream?streams=\(channels)"
      default: "/stream?streams=\(channels)"
      }
    return StreamSpec(
      id: Self.id(kind, part), endpoint: kind == .spotBook ? .spotStream : .futuresStream,
      target: target, isPrivate: false,
      // Marks come every second; books can rest, and pings of perpetuals are 3 minutes apart.
      silenceLimit: .seconds(kind == .perpMark ? 20 : 60), lifetime: Self.lifetime)
  }

  private static func id(_ kind: BinanceStreamKind, _ part: Int) -> StreamID {
    let name =
      switch kind {
      case .perpBook: "perp book"
      case .perpMark: "perp mark"
      default: "spot book"
      }
    return StreamID("\(name) \(part)")
  }

  /// Channel names, split by connection.
  private func channelGroups(_ kind: BinanceStreamKind) -> [[String]] {
    let instruments = kind == .spotBook ? markets.spots : markets.perps
    let channel = kind == .perpMark ? "markPrice@1s" : "bookTicker"
    let names = instruments.map { "\($0.name.lowercased())@\(channel)" }
    return stride(from: 0, to: names.count, by: Self.streamsPerConnection).map {
      Array(names[$0..<min($0 + Self.streamsPerConnection, names.count)])
    }
  }

  /// Frames to send as soon as a stream is open.
  ///
  /// The channels are in the address already; asking for them again is answered, and the answer
  /// tells that they are there.
  public mutating func opened(_ stream: StreamID, at time: Timestamp) -> [String] {
    switch BinanceStreamKind(stream) {
    case .spotBook: books.restart(.spot)
    case .perpBook: books.restart(.perp)
    case .perpMark: break
    case .spotAccount: return [userStreamSubscription(at: time)]
    case .perpAccount:
      // Nothing is sent on this stream: that its key is alive tells that it is subscribed.
      agenda.remove { if case .keepKey = $0 { true } else { false } }
      agenda.add(Self.keepKeyCall(confirms: true), at: time)
      return []
    case nil: return []
    }
    let kind = BinanceStreamKind(stream) ?? .spotBook
    guard
      let part = channelGroups(kind).indices.first(where: { Self.id(kind, $0) == stream })
    else { return [] }
    let request: JSON = [
      "method": "SUBSCRIBE", "params": .array(channelGroups(kind)[part].map { .string($0) }),
      "id": 1,
    ]
    return [request.description]
  }

  // MARK: - Listen key

  mutating func beginStreams(at time: Timestamp) -> [BinanceCall] {
    watchTerms(at: time)
    watchFigures(at: time)
    return [Self.openKeyCall]
  }

  static let openKeyCall = BinanceCall(
    .futuresREST, .post, "/fapi/v1/listenKey", isSigned: false, urgency: .high, .openKey)

  private static func keepKeyCall(confirms: Bool) -> BinanceCall {
    BinanceCall(
      .futuresREST, .put, "/fapi/v1/listenKey", isSigned: false, urgency: .high,
      .keepKey(confirms: confirms))
  }

  mutating func keyAnswered(
    _ call: BinanceCall, _ answer: BinanceAnswer, at time: Timestamp,
    into reaction: inout BinanceReaction
  ) throws(DialectError) {
    switch (call.purpose.step, answer) {
    case (.openKey, .success(let json)):
      let key = try BinanceRow(json).text("listenKey")
      guard !key.isEmpty, key.utf8.allSatisfy(Self.isPlain) else {
        throw DialectError("a listen key with characters that keys do not have")
      }
      let isNew = key != listenKey
      listenKey = key
      keepKey(at: time + Self.keyPause)
      if isNew { reaction.messages.append(.streamsChanged) }
      tellListed(into: &reaction.messages)
    case (.openKey, _):
      // Whoever runs the task begins it again.
      Self.failed(.openStreams, answer).map { reaction.messages.append($0) }
    case (.keepKey(let confirms), .success):
      keyFailures = 0
      if confirms { reaction.messages.append(.subscribed(Self.perpAccount)) }
      keepKey(at: time + Self.keyPause)
    case (.keepKey(let confirms), .unknown):
      keepKeyLater(confirms: confirms, at: time)
    case (.keepKey(let confirms), .refused(let refusal)):
      guard refusal.code == -1125 else { return keepKeyLater(confirms: confirms, at: time) }
      reaction.messages.append(.notice("the listen key is not known any more: \(refusal.words)"))
      loseKey(into: &reaction.messages)
      reaction.calls.append(Self.openKeyCall)
    default: break
    }
  }

  /// The private stream of the perpetuals is worthless from now on.
  mutating func loseKey(into messages: inout [VenueMessage]) {
    listenKey = nil
    agenda.remove { if case .keepKey = $0 { true } else { false } }
    messages.append(.streamEnded(Self.perpAccount, "the listen key expired"))
    messages.append(.resynchronise("the listen key expired"))
    messages.append(.streamsChanged)
  }

  /// Tries again after 2 s, and each time twice as late as before, up to a minute.
  private mutating func keepKeyLater(confirms: Bool, at time: Timestamp) {
    let pause = TimeSpan.seconds(min(2 << Int64(keyFailures), 60))
    keyFailures = min(keyFailures + 1, 5)
    agenda.add(Self.keepKeyCall(confirms: confirms), at: time + pause)
  }

  private mutating func keepKey(at time: Timestamp) {
    agenda.add(Self.keepKeyCall(confirms: false), at: time)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
