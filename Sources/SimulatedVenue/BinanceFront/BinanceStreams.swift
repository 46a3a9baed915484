import Trading
import Wire

/// Sockets that listen to market streams, and who listens to what.
struct BinanceStreams {
  /// One name with its listeners.
  struct Channel {
    let name: BinanceStreamName
    fileprivate(set) var plain: [ConnectionID] = []
    fileprivate(set) var combined: [ConnectionID] = []
  }

  private struct Socket {
    let group: BinanceStreamGroup
    var isCombined: Bool
    var names: [String] = []
    /// Frames of the client in the current second.
    var second = Timestamp.distantPast
    var frames = 0
  }

  /// Streams one socket may listen to.
  static let most = 1024

  private var sockets: [ConnectionID: Socket] = [:]
  /// By place of the instrument.
  private var channels: [[Channel]]
  /// Those of all instruments.
  private(set) var overall: [Channel] = []
  /// Places of instruments with listeners, in order.
  private(set) var places: [Int] = []
  private let find: (String) -> InstrumentIndex?
  private let framesPerSecond: Int

  init(
    instruments: Int, framesPerSecond: Int, find: @escaping (String) -> InstrumentIndex?
  ) {
    channels = Array(repeating: [], count: instruments)
    self.framesPerSecond = framesPerSecond
    self.find = find
  }

  /// Who listens to one instrument.
  func channels(of index: InstrumentIndex) -> [Channel] { channels[index.position] }

  /// Takes a socket with the streams that its address names.
  mutating func open(
    _ id: ConnectionID, group: BinanceStreamGroup, isCombined: Bool, names: [String]
  ) {
    sockets[id] = Socket(group: group, isCombined: isCombined)
    // A malformed name in an address is as silent as an unknown one.
    for name in names { try? add(name, to: id) }
  }

  /// Whether a socket listens here.
  func has(_ id: ConnectionID) -> Bool { sockets[id] != nil }

  /// Forgets a socket.
  mutating func close(_ id: ConnectionID) {
    for name in sockets[id]?.names ?? [] { remove(name, from: id) }
    sockets[id] = nil
  }

  /// Answers a frame of the client: subscribe, unsubscribe, list, and the combined property.
  mutating func received(
    _ text: [UInt8], on id: ConnectionID, at time: Timestamp, into sink: inout FrameSink
  ) {
    if isTooFast(id, at: time) {
      return sink.close(id, code: 1008, reason: "Too many requests")
    }
    guard let frame = try? JSON(text), case .object = frame else {
      return sink.send(Self.error(3, "Invalid JSON: expected value", id: .null), to: id)
    }
    let request = frame["id"] ?? .null
    do throws(BinanceError) {
      let result = try perform(frame, on: id)
      sink.send(["result": result, "id": request], to: id)
    } catch {
      sink.send(Self.error(error.code, error.message, id: request), to: id)
    }
  }

  private mutating func perform(
    _ frame: JSON, on id: ConnectionID
  ) throws(BinanceError) -> JSON {
    let parameters = frame["params"]?.elements ?? []
    switch frame["method"]?.text {
    case "SUBSCRIBE":
      if parameters.isEmpty {
        throw BinanceError(2, "Invalid request: request ID must be an unsigned integer")
      }
      for name in parameters { try add(name.text ?? "", to: id) }
      return .null
    case "UNSUBSCRIBE":
      for name in parameters { remove(name.text ?? "", from: id) }
      return .null
    case "LIST_SUBSCRIPTIONS": return .array((sockets[id]?.names ?? []).map { .string($0) })
    case "GET_PROPERTY": return .bool(sockets[id]?.isCombined ?? false)
    case "SET_PROPERTY":
      guard let value = parameters.last?.bool else {
        throw BinanceError(1, "Invalid value type: expected Boolean")
      }
      setCombined(value, of: id)
      return .null
    default:
      throw BinanceError(
        2,
        "Invalid request: unknown variant, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, "
          + "`LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`")
    }
  }

  private mutating func add(_ text: String, to id: ConnectionID) throws(BinanceError) {
    guard let socket = sockets[id], !socket.names.contains(text) else { return }
    if socket.names.count >= Self.most {
      throw BinanceError(2, "Invalid request: too many subscriptions")
    }
    let name = try BinanceStreamName.parse(text, find: find)
    sockets[id]?.names.append(text)
    guard let name, socket.group.carries(name.kind) else { return }
    change(name) { channel in
      if socket.isCombined { channel.combined.append(id) } else { channel.plain.append(id) }
    }
  }

  private mutating func remove(_ text: String, from id: ConnectionID) {
    guard sockets[id]?.names.contains(text) == true else { return }
    sockets[id]?.names.removeAll { $0 == text }
    guard let name = try? BinanceStreamName.parse(text, find: find) else { return }
    change(name) { channel in
      channel.plain.removeAll { $0 == id }
      channel.combined.removeAll { $0 == id }
    }
  }

  private mutating func setCombined(_ isCombined: Bool, of id: ConnectionID) {
    let names = sockets[id]?.names ?? []
    for name in names { remove(name, from: id) }
    sockets[id]?.isCombined = isCombined
    for name in names { try? add(name, to: id) }
  }

  private mutating func change(
    _ name: BinanceStreamName, _ body: (inout Channel) -> Void
  ) {
    if let place = name.symbol?.position {
      Self.change(name, in: &channels[place], body)
      places = channels.indices.filter { !channels[$0].isEmpty }
    } else {
      Self.change(name, in: &overall, body)
    }
  }

  private static func change(
    _ name: BinanceStreamName, in list: inout [Channel], _ body: (inout Channel) -> Void
  ) {
    let place = list.firstIndex { $0.name == name } ?? list.endIndex
    if place == list.endIndex { list.append(Channel(name: name)) }
    body(&list[place])
    if list[place].plain.isEmpty, list[place].combined.isEmpty { list.remove(at: place) }
  }

  private mutating func isTooFast(_ id: ConnectionID, at time: Timestamp) -> Bool {
    guard var socket = sockets[id] else { return false }
    let second = time.floored(to: .seconds(1))
    if second != socket.second {
      socket.second = second
      socket.frames = 0
    }
    socket.frames += 1
    sockets[id] = socket
    return socket.frames > framesPerSecond
  }

  private static func error(_ code: Int, _ text: String, id: JSON) -> JSON {
    ["error": ["code": .whole(code), "msg": .string(text)], "id": id]
  }
}

extension BinanceStreams.Channel {
  /// Tells all listeners, plain or wrapped with the name of the stream.
  func send(_ payload: JSON, into sink: inout FrameSink) {
    if !plain.isEmpty {
      let bytes = payload.bytes
      for socket in plain { sink.send(bytes, to: socket) }
    }
    if !combined.isEmpty {
      let wrapped: JSON = ["stream": .string(name.text), "data": payload]
      let bytes = wrapped.bytes
      for socket in combined { sink.send(bytes, to: socket) }
    }
  }
}
