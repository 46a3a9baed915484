import FixedPoint
import Trading
import Wire

/// Fronts on ports, the world behind them, the clock that drives both: one thread, one loop.
public final class VenueServer {
  /// The world behind the ports.
  public let world: VenueWorld
  let server = SocketServer()
  var pace: Pace
  /// By place of their port; nil is the control port.
  var fronts: [(any VenueFront)?] = []
  var sink = FrameSink()
  /// The newest round of pings; see `Lockstep`.
  var round = 0
  /// Rounds in a row that were answered while nothing else happened.
  var quietRounds = 0

  private var steady = SocketServer.steadyTime()
  private var tickedAt = Timestamp.distantPast
  private var sweptAt = Timestamp.distantPast

  /// Prepares a server without ports.
  ///
  /// - Parameter isHeld: whether the clock stands until the control port is told to run it.
  public init(world: VenueWorld, speed: Speed, isHeld: Bool = false) {
    self.world = world
    pace = Pace(
      speed: speed, isRunning: !isHeld, steady: SocketServer.steadyTime(), market: world.now)
    server.handler = self
    for fault in world.faults.takeImmediate() { plan(fault) }
  }

  /// Opens a port for a front.
  ///
  /// - Returns: the number that it got, also when 0 was asked for.
  public func open(
    _ front: any VenueFront, port: UInt16 = 0, address: String = "127.0.0.1",
    tls: TLSContext? = nil
  ) throws(ServerError) -> UInt16 {
    let place = try server.listen(address: address, number: port, tls: tls)
    fronts.append(front)
    return server.ports[place].number
  }

  /// Opens the control port: `/truth`, `/fault`, `/time`, `/market`, `/health`.
  ///
  /// - Returns: the number that it got, also when 0 was asked for.
  public func openControl(
    port: UInt16 = 0, address: String = "127.0.0.1"
  ) throws(ServerError) -> UInt16 {
    let place = try server.listen(address: address, number: port, tls: nil)
    fronts.append(nil)
    return server.ports[place].number
  }

  /// Works until told to stop.
  public func run(until isStopped: () -> Bool) {
    while !isStopped() { turn(milliseconds: 50) }
  }

  /// Works once: waits at most so long for clients or for the clock.
  public func turn(milliseconds: Int) {
    let isHeard = server.turn(milliseconds: Int32(clamping: patience(milliseconds)))
    let before = steady
    steady = SocketServer.steadyTime()
    world.meterTime = world.meterTime + (steady - before)
    switch pace.speed {
    case .times:
      if let time = pace.marketTime(at: steady), time > world.now {
        world.advance(to: time)
        publish()
      }
    case .lockstep: if pace.isRunning { step(isHeard: isHeard) }
    }
    if steady - tickedAt >= .milliseconds(100) {
      tickedAt = steady
      tickFronts()
      pingSockets()
    }
    if steady - sweptAt >= .seconds(1) {
      sweptAt = steady
      server.sweep(at: steady)
    }
    server.flush()
  }

  /// The control port's words for the clock.
  func setPace(speed: Speed? = nil, isRunning: Bool? = nil) {
    if let time = pace.marketTime(at: SocketServer.steadyTime()), time > world.now {
      world.advance(to: time)
    }
    pace.set(
      speed: speed, isRunning: isRunning, steady: SocketServer.steadyTime(), market: world.now)
    quietRounds = 0
  }

  /// Moves the market's clock at once, whatever the pace.
  func jump(to time: Timestamp) {
    world.advance(to: time)
    pace.set(steady: SocketServer.steadyTime(), market: world.now)
    publish()
  }

  /// Tells the sockets what happened at the venues.
  func publish() {
    for venue in world.venues {
      let events = venue.takeEvents()
      if events.isEmpty { continue }
      for case let front? in fronts where front.venue === venue {
        sink.removeAll()
        front.publish(events, into: &sink)
        deliver(front)
      }
    }
  }

  func tickFronts() {
    for case let front? in fronts {
      sink.removeAll()
      front.tick(into: &sink)
      deliver(front)
    }
    publish()
  }

  func front(of connection: Connection) -> (any VenueFront)? {
    connection.port < fronts.count ? fronts[connection.port] : nil
  }

  /// How long the sockets may be waited for, in milliseconds.
  private func patience(_ most: Int) -> Int {
    if case .lockstep = pace.speed { return isReadyToStep ? 0 : min(most, 5) }
    guard let next = world.nextTime, let wait = pace.wait(until: next, at: steady) else {
      return most
    }
    return min(most, Int(wait.nanoseconds / 1_000_000))
  }

  /// Pings sockets as the venue does, and closes those that do not answer.
  private func pingSockets() {
    for connection in server.connections where connection.isWebSocket {
      guard let front = front(of: connection), let interval = front.pingInterval else { continue }
      if let since = connection.owesPongSince, steady - since > front.pongTimeout {
        server.cut(connection)
      } else if steady - connection.pingedAt >= interval {
        connection.pingedAt = steady
        connection.owesPongSince = connection.owesPongSince ?? steady
        connection.send(.ping, Array(String(front.venue.clock.nanoseconds / 1_000_000).utf8))
      }
    }
  }
}
