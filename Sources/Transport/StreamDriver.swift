internal import Trading
internal import Venues

/// One stream: its state and the connections that the state asked for.
final class StreamDriver {
  var spec: StreamSpec
  var state: SessionState
  var sockets: [Int: WebSocketClient] = [:]
  /// When the first frames of a connection were sent, by `LocalClock`.
  var opened: [Int: Timestamp] = [:]
  /// Connections that were subscribed.
  var subscribed: Set<Int> = []
  /// Frames that were not understood, by connection.
  var misunderstood: [Int: Int] = [:]

  init(_ spec: StreamSpec) {
    self.spec = spec
    state = SessionState(
      limits: SessionLimits(silence: spec.silenceLimit, lifetime: spec.lifetime))
    state.begin()
  }

  /// Oldest first.
  var connections: [Int] { sockets.keys.sorted() }

  /// The youngest connection.
  var newest: Int? { sockets.keys.max() }

  /// The youngest connection that was open at a moment.
  func newest(openAt moment: Timestamp) -> Int? {
    opened.filter { $0.value <= moment }.keys.max()
  }

  func remove(_ id: Int) -> WebSocketClient? {
    opened[id] = nil
    subscribed.remove(id)
    misunderstood[id] = nil
    return sockets.removeValue(forKey: id)
  }
}
