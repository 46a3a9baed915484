import Trading
import Wire

/// Lockstep: the clock stands still until every client has acted on what it was told.
///
/// After each batch of frames and answers every WebSocket gets a ping. A client that answers pings
/// only after it acted on what it read has then sent all that it wants to send, so when two rounds
/// of pings in a row were answered and no request came in meanwhile, the next moment of the market
/// happens. (Two, for an answer and a ping travel on different connections: with the second ping
/// in hand the client has read the answer that was written before the first.) Without any WebSocket
/// the clock stands still, except while an answer is due later.
extension VenueServer {
  private static let roundsOfQuiet = 2

  /// Whether nothing has to be waited for before the next step.
  var isReadyToStep: Bool {
    quietRounds >= Self.roundsOfQuiet && pace.isRunning && !server.isActive
      && world.nextTime != nil && isSettled
  }

  /// Goes on with the rounds of pings, and with the market when they are through.
  func step(isHeard: Bool) {
    if server.isActive {
      // Something was asked, answered or told: start over.
      server.isActive = false
      quietRounds = 0
      sendRound()
      return
    }
    guard isSettled, let next = world.nextTime else { return }
    let sockets = server.connections.filter { $0.isWebSocket && $0.silentUntil == nil }
    if sockets.isEmpty {
      let isAwaited = server.connections.contains(where: \.isBusy)
      if isAwaited { play(next) }
      return
    }
    if quietRounds < Self.roundsOfQuiet {
      if sockets.allSatisfy({ $0.sentRound > 0 && $0.answeredRound >= round }) {
        quietRounds += 1
        if quietRounds < Self.roundsOfQuiet { sendRound() }
      } else if sockets.contains(where: { $0.sentRound < round || $0.sentRound == 0 }) {
        sendRound()
      }
    } else if !isHeard {
      play(next)
    }
  }

  /// Whether every request that has begun is there and answered.
  private var isSettled: Bool {
    let now = SocketServer.steadyTime()
    return server.connections.allSatisfy { connection in
      if connection.silentUntil != nil { return true }
      if connection.hasOutgoing || connection.isMidway { return false }
      // A fresh connection is about to ask something; not for ever, though.
      let isFresh =
        !connection.hasAsked && !connection.isWebSocket && now - connection.acceptedAt < .seconds(1)
      return !isFresh
    }
  }

  private func play(_ next: Timestamp) {
    world.advance(to: next)
    publish()
    tickFronts()
    quietRounds = 0
    server.isActive = true
  }

  private func sendRound() {
    round += 1
    let payload = Array("round \(round)".utf8)
    for connection in server.connections
    where connection.isWebSocket && connection.silentUntil == nil {
      connection.sentRound = round
      connection.send(.ping, payload)
    }
    server.flush()
  }
}
