import Foundation
import Synchronization
import Testing
import Trading
import Transport
import Venues
import Wire

@Suite struct VenueSessionStreamTests {
  /// A venue whose streams confirm subscriptions and then do what a test says.
  private func venue(
    _ stream: @escaping @Sendable (LoopbackConnection, String) -> Void
  ) throws -> LoopbackServer {
    try LoopbackServer { connection in
      while let request = connection.peekUpgrade() {
        guard request.isUpgrade else {
          connection.answer(200, [], "fine")
          continue
        }
        guard case .text? = connection.message() else { return }
        connection.send("subscribed")
        stream(connection, request.path)
        return
      }
    }
  }

  @Test func comesToLifeAndTalks() throws {
    let server = try venue { connection, _ in
      connection.send("ask")
      if case .text(let bytes)? = connection.message() {
        connection.send("got " + String(decoding: bytes, as: UTF8.self))
      }
      _ = connection.read()
    }
    let session = Sessions.make(server) {
      $0.wanted = [PlainDialect.spec("prices"), PlainDialect.spec("account", isPrivate: true)]
    }
    #expect(!session.isLive)
    session.openStreams()
    let messages = Sessions.run([session]) {
      $0.contains(.notice("prices got answer")) && $0.contains(.notice("account got answer"))
    }
    #expect(session.isLive)
    #expect(messages.count(of: .subscribed(StreamID("prices"))) == 1)
    #expect(messages.contains(.resynchronise("account is live")))
    #expect(messages.resynchronisations == 1)
    session.close()
    #expect(!session.isLive)
  }

  /// What a private stream needs could not be obtained: the other streams are held open, but the
  /// venue is not live until the question was repeated with success.
  @Test func isNotLiveWithoutEveryStreamThatShouldBe() throws {
    let server = try LoopbackServer { connection in
      while let request = connection.peekUpgrade() {
        guard request.isUpgrade else {
          let isFirst = connection.count("POST /open") == 1
          connection.answer(isFirst ? 400 : 200, [], "no key")
          continue
        }
        guard case .text? = connection.message() else { return }
        connection.send("subscribed")
        _ = connection.read()
      }
    }
    let session = Sessions.make(server) {
      $0.wanted = [PlainDialect.spec("prices")]
      $0.isComplete = false
    }
    let began = LocalClock.now
    session.openStreams()
    let messages = Sessions.run([session]) {
      $0.contains(.subscribed(StreamID("prices")))
    }
    #expect(messages.contains(.failed(.openStreams, .unavailable("no key"))))
    #expect(!session.isLive)
    Sessions.run([session]) { _ in session.isLive }
    #expect(session.isLive && LocalClock.now - began >= .seconds(5))
    #expect(server.paths.count { $0.hasPrefix("POST /open") } == 2)
  }

  /// An answer that says that a stream is subscribed is about the connection that was open when the
  /// question left, not about one that was opened since.
  @Test func anAnswerConfirmsOnlyWhatItWasAskedAbout() throws {
    @Sendable func wait(_ condition: () -> Bool) {
      for _ in 0..<500 where !condition() { Thread.sleep(forTimeInterval: 0.01) }
    }
    let server = try LoopbackServer { connection in
      while let request = connection.peekUpgrade() {
        guard request.isUpgrade else {
          if request.path == "/confirm", connection.count("GET /confirm") == 1 {
            wait { connection.count("subscribe") == 2 }
            Thread.sleep(forTimeInterval: 0.2)
          }
          connection.answer(200, [], "fine")
          continue
        }
        guard case .text? = connection.message() else { return }
        connection.arrive("subscribe")
        if connection.count("subscribe") == 1 {
          wait { connection.count("GET /confirm") == 1 }
          return
        }
        _ = connection.message()
      }
    }
    var dialect = PlainDialect()
    dialect.wanted = [PlainDialect.spec("account", isPrivate: true)]
    let session = VenueSession(
      dialect: dialect, addresses: [.spotREST: server.http, .spotStream: server.ws],
      options: SessionOptions(clock: .venue))
    session.openStreams()
    Sessions.run([session]) { _ in server.paths.contains("subscribe") }
    session.perform(.snapshotWithoutHistory)
    Sessions.run([session]) { $0.contains(.subscribed(StreamID("account"))) }
    #expect(server.paths.count { $0 == "subscribe" } == 2)
    #expect(!session.isLive)
    session.perform(.snapshotWithoutHistory)
    Sessions.run([session]) { _ in session.isLive }
    #expect(session.isLive)
  }

  @Test func comesBackAfterACutAndReadsTheAccountAgain() throws {
    let server = try venue { connection, _ in
      if connection.countConnection("account") < 3 { return }
      _ = connection.read()
    }
    let session = Sessions.make(server) {
      $0.wanted = [PlainDialect.spec("account", isPrivate: true)]
    }
    session.openStreams()
    let messages = Sessions.run([session]) { $0.resynchronisations == 3 }
    #expect(messages.resynchronisations == 3)
    #expect(messages.streamEnds == 2)
    #expect(session.isLive)
    #expect(!"\(messages)".contains("hidden"))
  }

  @Test func aSilentFeedIsMadeAgainThoughItAnswersPings() throws {
    let server = try venue { connection, _ in
      while let message = connection.message() {
        if case .ping(let bytes) = message {
          connection.write(WebSocketFrame.encode(.pong, bytes, mask: nil))
        }
      }
    }
    let session = Sessions.make(server) {
      $0.wanted = [PlainDialect.spec("prices", silence: .seconds(1))]
    }
    session.openStreams()
    let messages = Sessions.run([session]) { $0.streamEnds > 0 }
    #expect(
      messages.contains(.streamEnded(StreamID("prices"), "silent for too long")))
    #expect(!session.isLive)
    Sessions.run([session]) { _ in session.isLive }
    #expect(session.isLive)
  }

  @Test func aQuietAccountThatAnswersPingsIsAlive() throws {
    let server = try venue { connection, _ in
      while let message = connection.message() {
        if case .ping(let bytes) = message {
          connection.write(WebSocketFrame.encode(.pong, bytes, mask: nil))
        }
      }
    }
    let session = Sessions.make(server) {
      $0.wanted = [PlainDialect.spec("account", isPrivate: true, silence: .seconds(1))]
    }
    session.openStreams()
    Sessions.run([session]) { _ in session.isLive }
    #expect(Sessions.run([session], atMost: 3) { _ in false } == [])
    #expect(session.isLive)
  }

  @Test func followsTheDialectsStreams() throws {
    let server = try venue { connection, path in
      if connection.count("GET \(path)?moved") == 0 { connection.send("moved") }
      if path == "/other" { connection.send("unwanted") }
      _ = connection.message()
    }
    let session = Sessions.make(server) {
      $0.wanted = [PlainDialect.spec("prices"), PlainDialect.spec("other")]
    }
    session.openStreams()
    let messages = Sessions.run([session]) {
      $0.count(of: .subscribed(StreamID("prices"))) == 2 && session.isLive
    }
    #expect(messages.streamEnds == 0)
    #expect(session.isLive)
    #expect(server.paths.contains("GET /prices?moved"))
  }

  @Test func isReplacedBeforeItEnds() throws {
    let server = try venue { connection, _ in
      for number in 0... {
        connection.send("\(connection.number)-\(number)")
        Thread.sleep(forTimeInterval: 0.05)
        if number == 60 { return }
      }
    }
    let session = Sessions.make(server) {
      $0.wanted = [PlainDialect.spec("prices", lifetime: .seconds(1))]
    }
    session.openStreams()
    Sessions.run([session]) { _ in session.isLive }
    var wasDown = false
    let messages = Sessions.run([session]) {
      if !session.isLive { wasDown = true }
      return $0.count(of: .subscribed(StreamID("prices"))) == 2
    }
    #expect(!wasDown)
    #expect(messages.streamEnds == 0)
    #expect(messages.count(of: .subscribed(StreamID("prices"))) == 2)
  }

  @Test func framesBeforeAnswersAndPongsAfterwards() throws {
    let server = try venue { connection, _ in
      connection.send("before")
      connection.write(WebSocketFrame.encode(.ping, "p", mask: nil))
      if case .pong? = connection.message() { connection.send("pong") }
      _ = connection.read()
    }
    let session = Sessions.make(server) { $0.wanted = [PlainDialect.spec("prices")] }
    session.openStreams()
    Sessions.run([session], flushing: false) { $0.contains(.notice("prices before")) }
    let quiet = Sessions.run([session], atMost: 1, flushing: false) { _ in false }
    #expect(!quiet.contains(.notice("prices pong")))
    session.flushPongs()
    let messages = Sessions.run([session], flushing: false) { !$0.isEmpty }
    #expect(messages == [.notice("prices pong")])
  }

  @Test func whatIsNotUnderstoodIsSaidAndReadAgain() throws {
    let server = try venue { connection, _ in
      connection.send("nonsense")
      connection.send("sense")
      _ = connection.read()
    }
    let session = Sessions.make(server) {
      $0.wanted = [PlainDialect.spec("account", isPrivate: true)]
    }
    session.openStreams()
    let messages = Sessions.run([session]) { $0.contains(.notice("account sense")) }
    #expect(messages.contains(.notice("plain account: nonsense")))
    #expect(messages.contains(.resynchronise("a frame of account was not understood")))
    #expect(session.isLive)
  }

  @Test func theVenueMayEndAStream() throws {
    let server = try venue { connection, _ in
      if connection.countConnection("prices") == 1 { connection.send("over") }
      _ = connection.message()
    }
    let session = Sessions.make(server) { $0.wanted = [PlainDialect.spec("prices")] }
    session.openStreams()
    let messages = Sessions.run([session]) {
      $0.count(of: .subscribed(StreamID("prices"))) == 2
    }
    #expect(messages.contains(.streamEnded(StreamID("prices"), "the venue said so")))
    #expect(session.isLive)
  }

  @Test func theTimeOfASimulatedVenueIsThatOfItsNewestFrame() throws {
    let server = try venue { connection, _ in
      connection.send("5000")
      connection.send("4000")
      connection.send("done")
      _ = connection.read()
    }
    let session = Sessions.make(server) { $0.wanted = [PlainDialect.spec("prices")] }
    session.openStreams()
    Sessions.run([session]) { $0.contains(.notice("prices done")) }
    #expect(session.now == Timestamp(milliseconds: 5000))
  }

  @Test func twoVenuesShareOneLoopWithAnotherDescriptor() throws {
    let server = try venue { connection, _ in
      connection.send("hello")
      _ = connection.read()
    }
    let sessions: [any AnyVenueSession] = [
      Sessions.make(server) { $0.wanted = [PlainDialect.spec("one")] },
      Sessions.make(server) { $0.wanted = [PlainDialect.spec("two")] },
    ]
    for session in sessions { session.openStreams() }
    let messages = Sessions.run(sessions) {
      $0.contains(.notice("one hello")) && $0.contains(.notice("two hello"))
    }
    #expect(messages.count(of: .notice("one hello")) == 1)
    let pipe = Pipe()
    let descriptor = pipe.fileHandleForReading.fileDescriptor
    #expect(Poller.wait(for: [], also: [descriptor], atMost: .milliseconds(1)).isEmpty)
    try pipe.fileHandleForWriting.write(contentsOf: [1])
    let began = LocalClock.now
    #expect(Poller.wait(for: [], also: [descriptor], atMost: .seconds(5)) == [descriptor])
    #expect(LocalClock.now - began < .seconds(1))
  }

  @Test func anIdleLoopSleeps() throws {
    let server = try venue { connection, _ in _ = connection.read() }
    let session = Sessions.make(server) {
      $0.wanted = [PlainDialect.spec("prices"), PlainDialect.spec("account", isPrivate: true)]
    }
    session.openStreams()
    Sessions.run([session]) { _ in session.isLive }
    var turns = 0
    Sessions.run([session], atMost: 2) { _ in
      turns += 1
      return false
    }
    // Housekeeping every second and little else.
    #expect((2...12).contains(turns))
  }

  @Test func anUnreachableVenueIsTriedLaterEachTime() throws {
    let server = try venue { _, _ in }
    let dead = try LoopbackServer.deadPort()
    var dialect = PlainDialect()
    dialect.wanted = [PlainDialect.spec("prices")]
    let session = VenueSession(
      dialect: dialect,
      addresses: [.spotREST: server.http, .spotStream: "ws://127.0.0.1:\(dead)"],
      options: SessionOptions(clock: .venue))
    session.openStreams()
    let messages = Sessions.run([session], atMost: 3) { _ in false }
    let failures = messages.filter { "\($0)".contains("a connection failed") }
    #expect((2...5).contains(failures.count), "\(messages)")
    #expect(!session.isLive)
    #expect(!"\(messages)".contains("hidden"))
  }
}

extension [VenueMessage] {
  fileprivate var resynchronisations: Int {
    count { if case .resynchronise = $0 { true } else { false } }
  }
  fileprivate var streamEnds: Int {
    count { if case .streamEnded = $0 { true } else { false } }
  }
  fileprivate func count(of message: VenueMessage) -> Int { count { $0 == message } }
}
