import Trading
import Wire

/// Sockets that listen to the account under listen keys.
struct BinanceAccountSockets {
  private struct Socket {
    var keys: [String]
    let isCombined: Bool
    /// Names of events asked for; empty for all.
    let events: [String]
  }

  private var sockets: [ConnectionID: Socket] = [:]
  /// In the order in which they came.
  private var order: [ConnectionID] = []

  /// Whether nobody listens.
  var isEmpty: Bool { order.isEmpty }

  /// Whether a socket listens here.
  func has(_ id: ConnectionID) -> Bool { sockets[id] != nil }

  /// Takes a socket: `/private/ws/<key>`, or `?listenKey=<key>&events=<name>/<name>`.
  mutating func open(_ id: ConnectionID, _ address: BinanceStreamAddress, query: String) {
    var keys = address.names
    var events: [String] = []
    for pair in FormText.split(query) ?? [] {
      if pair.name == "listenKey" { keys.append(pair.value) }
      if pair.name == "events" { events = pair.value.split(separator: "/").map(String.init) }
    }
    sockets[id] = Socket(keys: keys, isCombined: address.isCombined, events: events)
    order.append(id)
  }

  /// Forgets a socket.
  mutating func close(_ id: ConnectionID) {
    sockets[id] = nil
    order.removeAll { $0 == id }
  }

  /// Answers a frame: listen keys are subscribed to like streams.
  mutating func received(_ text: [UInt8], on id: ConnectionID, into sink: inout FrameSink) {
    guard let frame = try? JSON(text) else { return }
    let names = (frame["params"]?.elements ?? []).compactMap(\.text)
    var result = JSON.null
    switch frame["method"]?.text {
    case "SUBSCRIBE": sockets[id]?.keys += names
    case "UNSUBSCRIBE": sockets[id]?.keys.removeAll { names.contains($0) }
    case "LIST_SUBSCRIPTIONS":
      result = .array((sockets[id]?.keys ?? []).map { .string($0) })
    default: break
    }
    sink.send(["result": result, "id": frame["id"] ?? .null], to: id)
  }

  /// Tells everybody whose listen key is valid; an expired key hears only of its end.
  func tell(_ event: JSON, of venue: Venue, into sink: inout FrameSink) {
    let name = event["e"]?.text ?? ""
    for id in order {
      guard let socket = sockets[id] else { continue }
      if !socket.events.isEmpty, !socket.events.contains(name) { continue }
      for key in socket.keys {
        let isMine =
          name == "listenKeyExpired"
          ? event["listenKey"]?.text == key : venue.owner(ofListenKey: key) != nil
        guard isMine else { continue }
        let frame: JSON = socket.isCombined ? ["stream": .string(key), "data": event] : event
        sink.send(frame, to: id, isPrivate: true)
      }
    }
  }
}
