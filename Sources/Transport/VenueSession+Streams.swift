internal import Trading
internal import Venues
internal import Wire

extension VenueSession {
  func stream(_ id: StreamID) -> StreamDriver? { streams.first { $0.spec.id == id } }

  /// What private streams need was obtained, or nothing was needed.
  func finishOpening() {
    openingTask = nil
    mustAlign = true
    if openAgainAt == nil { openFailures = 0 }
  }

  /// Holds open exactly the streams that the dialect wants.
  func alignStreams() {
    let wanted = dialect.streams
    for stream in streams where !wanted.contains(where: { $0.id == stream.spec.id }) {
      perform(stream.state.end(), on: stream)
    }
    let local = LocalClock.now
    streams = wanted.map { spec in
      guard let stream = stream(spec.id) else { return StreamDriver(spec) }
      if stream.spec.target != spec.target || stream.spec.endpoint != spec.endpoint {
        stream.state.replace(at: local)
        for id in stream.connections where !stream.state.isSubscribed(id) {
          drop(stream, id, "its address has changed")
        }
      }
      stream.spec = spec
      stream.state.limits = SessionLimits(silence: spec.silenceLimit, lifetime: spec.lifetime)
      return stream
    }
    advanceStreams(at: local)
  }

  func advanceStreams(at local: Timestamp) {
    for stream in streams {
      guard let due = stream.state.nextDeadline, due <= local else { continue }
      perform(stream.state.advance(to: local, chance: random.next64()), on: stream)
    }
  }

  /// Reads every connection, in the dialect's order of streams.
  func readStreams(into messages: inout [VenueMessage]) {
    for stream in streams {
      for id in stream.connections { read(stream, id, into: &messages) }
    }
  }

  private func read(_ stream: StreamDriver, _ id: Int, into messages: inout [VenueMessage]) {
    guard let socket = stream.sockets[id], socket.hasWork else { return }
    let local = LocalClock.now
    let first = messages.count
    var isOpened = stream.opened[id] != nil
    socket.receive { opcode, payload in
      if !isOpened { open(stream, id, socket) }
      isOpened = true
      switch opcode {
      case .text, .binary:
        stream.state.heard(.data, on: id, at: local)
        take(payload, on: stream, id, at: clock.now(at: local), into: &messages)
      case .pong:
        // An account on which nothing happens is silent, so a pong has to do; a feed of prices is
        // never silent, and a peer that only answers pings has lost it.
        stream.state.heard(stream.spec.isPrivate ? .data : .pong, on: id, at: local)
      default: stream.state.heard(.data, on: id, at: local)
      }
    }
    if socket.state == .open { open(stream, id, socket) }
    digest(messages[first...], on: stream, id)
    if case .closed(let reason) = socket.state { drop(stream, id, reason) }
  }

  private func take(
    _ payload: UnsafeRawBufferPointer, on stream: StreamDriver, _ id: Int, at time: Timestamp,
    into messages: inout [VenueMessage]
  ) {
    do {
      let replies = try dialect.receive(payload, on: stream.spec.id, at: time, into: &messages)
      for reply in replies { stream.sockets[id]?.send(reply) }
      clock.hear(Self.venueTime(&dialect))
    } catch {
      // What it said is lost: the account is read again instead. A connection that goes on like
      // this is of no use.
      let count = stream.misunderstood[id, default: 0] + 1
      stream.misunderstood[id] = count
      messages.append(.notice("\(venue) \(stream.spec.id): \(error)"))
      if stream.spec.isPrivate {
        messages.append(.resynchronise("a frame of \(stream.spec.id) was not understood"))
      }
      if count >= 20 { stream.sockets[id]?.close() }
    }
  }

  /// Asks in place: read from the session, the whole dialect would be copied first, for every frame.
  private static func venueTime(_ dialect: inout D) -> Timestamp? { dialect.venueTime }

  /// Sends the first frames of a connection that stands.
  private func open(_ stream: StreamDriver, _ id: Int, _ socket: WebSocketClient) {
    guard stream.opened[id] == nil else { return }
    let local = LocalClock.now
    stream.opened[id] = local
    stream.state.connected(id, at: local)
    let frames = dialect.opened(stream.spec.id, at: clock.now(at: local))
    for frame in frames { socket.send(frame) }
  }

  /// Hears what the dialect says to its driver about the connection that it read.
  private func digest(_ messages: ArraySlice<VenueMessage>, on stream: StreamDriver, _ id: Int) {
    for message in messages {
      switch message {
      case .subscribed(stream.spec.id): subscribed(stream, id)
      case .streamEnded(stream.spec.id, let reason): drop(stream, id, reason)
      case .subscribed, .streamEnded, .streamsChanged, .slowDown, .budgetUsed:
        digest([message], of: nil)
      default: continue
      }
    }
  }

  func subscribed(_ stream: StreamDriver, _ id: Int?) {
    guard let id, stream.sockets[id] != nil, !stream.state.isSubscribed(id) else { return }
    stream.subscribed.insert(id)
    let actions = stream.state.subscribed(id, at: LocalClock.now, chance: random.next64())
    if stream.spec.isPrivate { backlog.append(.resynchronise("\(stream.spec.id) is live")) }
    perform(actions, on: stream)
  }

  /// Gives a connection up; the state says when the next one is made.
  func drop(_ stream: StreamDriver, _ id: Int?, _ reason: String) {
    guard let id else { return }
    let wasLive = stream.subscribed.contains(id)
    guard let socket = stream.remove(id) else { return }
    stream.state.lost(id, at: LocalClock.now, chance: random.next64())
    report(stream, wasLive, reason)
    leave(socket)
  }

  /// Does what a stream's state asks.
  func perform(_ actions: [SessionState.Action], on stream: StreamDriver) {
    for action in actions {
      switch action {
      case .connect(let id):
        // Without an address the attempt ends at once and is made again later, which is told.
        stream.sockets[id] = WebSocketClient(
          base: addresses[stream.spec.endpoint] ?? "", target: stream.spec.target,
          options: options.transport)
      case .heartbeat(let id):
        let text = dialect.heartbeat(of: stream.spec.id, at: now)
        if let text { stream.sockets[id]?.send(text) } else { stream.sockets[id]?.ping() }
      case .close(let id, let reason):
        // What a replaced connection had already sent is read before it goes.
        let wasLive = stream.subscribed.contains(id)
        var last: [VenueMessage] = []
        if wasLive { read(stream, id, into: &last) }
        backlog += last
        guard let socket = stream.remove(id) else { continue }
        if !stream.state.isLive, stream.state.phase != .ended { report(stream, wasLive, reason) }
        leave(socket)
      }
    }
  }

  /// Tells that a subscribed connection is gone, or that an attempt failed.
  private func report(_ stream: StreamDriver, _ wasLive: Bool, _ reason: String) {
    let reason = dialect.masked(reason)
    if wasLive {
      backlog.append(.streamEnded(stream.spec.id, reason))
    } else {
      backlog.append(.notice("\(venue) \(stream.spec.id): a connection failed: \(reason)"))
    }
  }

  private func leave(_ socket: WebSocketClient) {
    socket.close()
    if socket.state == .closing { leaving.append((socket, LocalClock.now + .seconds(2))) }
  }

  /// Waits for the goodbyes of the venue.
  func seeOff() {
    let local = LocalClock.now
    leaving.removeAll { socket, until in
      socket.receive { _, _ in }
      return socket.state != .closing || until <= local
    }
  }
}
