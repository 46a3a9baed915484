public import Trading
public import Wire

/// One venue's protocol as a pure translator: it holds no socket, clock or task.
///
/// - A task becomes calls; each call's outcome becomes messages and perhaps more calls; a task is
///   over when none of its calls is left.
/// - A stream's frames become messages.
/// - Amounts stay text until they are exact decimals; a frame or answer that is not understood is an
///   error and changes nothing.
public protocol Dialect: Sendable {
  /// What a call is for.
  associatedtype Purpose: Hashable, Sendable

  /// The venue.
  var venue: VenueID { get }
  /// What it guarantees.
  var capabilities: VenueCapabilities { get }
  /// The newest time of the venue that was read from a frame or an answer; nil before the first.
  var venueTime: Timestamp? { get }

  /// Which instruments later messages are about, by venue names and multipliers of a survey.
  mutating func attach(_ universe: Universe, listings: [Listing])

  /// The first calls of a task.
  ///
  /// - Parameter time: the venue's time now.
  mutating func begin(_ task: VenueTask, at time: Timestamp) -> [Call<Purpose>]

  /// Adds key, timestamp and signature and writes the call out.
  ///
  /// - Parameter time: the venue's time now.
  func encode(_ call: Call<Purpose>, at time: Timestamp) -> HTTPRequest

  /// Understands what became of a call. Never throws: what is not understood is a message too.
  mutating func finish(
    _ call: Call<Purpose>, _ outcome: CallOutcome, at time: Timestamp
  ) -> Reaction<Purpose>

  /// Calls that keep something alive at the venue, such as a listen key; asked for every second.
  mutating func housekeeping(at time: Timestamp) -> [Call<Purpose>]

  /// The streams to hold open now; changes when `streamsChanged` was said.
  var streams: [StreamSpec] { get }

  /// Whether `streams` is all that should be held open; false while something that a private stream
  /// needs, such as a listen key, was not obtained.
  var isComplete: Bool { get }

  /// Frames to send as soon as a stream is open: login and subscriptions.
  mutating func opened(_ stream: StreamID, at time: Timestamp) -> [String]

  /// Understands one text frame of a stream.
  ///
  /// - Returns: frames to send back.
  mutating func receive(
    _ frame: UnsafeRawBufferPointer, on stream: StreamID, at time: Timestamp,
    into messages: inout [VenueMessage]
  ) throws(DialectError) -> [String]

  /// A frame that asks the venue for a sign of life, where its protocol wants one from the client;
  /// nil where WebSocket pings do.
  func heartbeat(of stream: StreamID, at time: Timestamp) -> String?

  /// Words of the venue, fit to be shown: without what identifies the account.
  func masked(_ text: String) -> String
}

extension Dialect {
  /// Private streams need nothing but the key.
  public var isComplete: Bool { true }

  /// Nothing identifies the account.
  public func masked(_ text: String) -> String { text }
}

/// Something to be done at a venue that takes one call or several.
public enum VenueTask: Hashable, Sendable {
  /// Read the venue's clock. → `clock`
  case readClock
  /// Read what the key may do. → `key`
  case readKey
  /// Read instruments, fees, funding terms and margin tiers of these pairs. → `surveyed`
  case survey([Symbol])
  /// Read only names and steps of these pairs, each market on its own. → `lots`
  case lots([Symbol])
  /// Take an order back by the venue's own id, whoever sent it; without a word when it is gone.
  case takeBack(OpenOrder)
  /// Set position mode, margin mode and leverage of the pairs attached, and read them back.
  /// → `modes`
  case prepare(leverage: Rate)
  /// Read position mode, margin mode and leverage without changing anything. → `modes`
  case readModes
  /// Obtain what private streams need. → `streamsChanged`
  case openStreams
  /// What the engine asks. → `event`
  case request(VenueRequest)
  /// Read everything on the account of these markets, whoever opened it. → `event(snapshot)`
  case snapshotWithoutHistory
  /// Read bars of an instrument, both limits inclusive and exclusive. → `bars`
  case bars(InstrumentID, from: Timestamp, to: Timestamp, interval: TimeSpan)
  /// Read settled funding rates, without limit of age. → `fundingHistory`
  case settlements(InstrumentID, from: Timestamp, to: Timestamp)
}

/// What follows from a call's outcome.
public struct Reaction<Purpose: Hashable & Sendable>: Hashable, Sendable {
  /// What was learnt.
  public var messages: [VenueMessage]
  /// Calls that belong to the same task.
  public var calls: [Call<Purpose>]

  /// States a reaction.
  public init(_ messages: [VenueMessage] = [], calls: [Call<Purpose>] = []) {
    self.messages = messages
    self.calls = calls
  }
}

/// Everything a dialect can say.
public enum VenueMessage: Hashable, Sendable {
  /// Something for the engine.
  case event(VenueEvent)
  /// The venue's clock, as it was while the call was under way.
  case clock(Timestamp)
  /// What the key may do.
  case key(KeyPermissions)
  /// The pairs that were asked for, and those that are missing.
  case surveyed([Listing], missing: [Symbol])
  /// Names and steps of the pairs that were asked for.
  case lots(TradableLots)
  /// The account's modes.
  case modes(AccountModes)
  /// `streams` is different now.
  case streamsChanged
  /// A stream logged in and is subscribed: what is true before this may have been missed.
  case subscribed(StreamID)
  /// The stream must be opened again.
  case streamEnded(StreamID, String)
  /// Private events may have been missed: read the account again.
  case resynchronise(String)
  /// Bars, oldest first.
  case bars([VenueBar])
  /// Settled rates with their marks where the venue gives them, oldest first.
  case settlements([VenueSettlement])
  /// The venue wants fewer requests until a moment.
  case slowDown(until: Timestamp, isBan: Bool)
  /// What the venue says is used of a budget.
  case budgetUsed(String, Int)
  /// Funding terms of an instrument differ from those of the survey.
  case termsChanged(InstrumentID, FundingTerms)
  /// Something that an operator should read; never contains a secret.
  case notice(String)
  /// A task cannot be finished.
  case failed(VenueTask, VenueFailure)
}

/// A name of a stream, unique for a venue.
public struct StreamID: Hashable, Sendable, CustomStringConvertible {
  /// The name.
  public let name: String
  /// States a name.
  public init(_ name: String) { self.name = name }
  /// The name.
  public var description: String { name }
}

/// One WebSocket connection to hold open.
public struct StreamSpec: Hashable, Sendable {
  /// Its name.
  public let id: StreamID
  /// Its host.
  public let endpoint: Endpoint
  /// Path and query; it may hold a listen key and is not to be logged.
  public let target: String
  /// Whether it carries account events.
  public let isPrivate: Bool
  /// Without any frame for this long it is dead, whatever TCP says.
  public let silenceLimit: TimeSpan
  /// Opened anew, before the old one is closed, when it is this old.
  public let lifetime: TimeSpan

  /// States a stream.
  public init(
    id: StreamID, endpoint: Endpoint, target: String, isPrivate: Bool, silenceLimit: TimeSpan,
    lifetime: TimeSpan
  ) {
    self.id = id
    self.endpoint = endpoint
    self.target = target
    self.isPrivate = isPrivate
    self.silenceLimit = silenceLimit
    self.lifetime = lifetime
  }
}

/// A frame or an answer that is not what the venue's documentation says.
public struct DialectError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was wrong; never the payload and never a secret.
  public let description: String
  /// States an error.
  public init(_ description: String) { self.description = description }
}

/// Why a task failed.
public enum VenueFailure: Hashable, Sendable, CustomStringConvertible {
  /// The venue refused: nothing happened. Code and text as sent.
  case refused(code: String, text: String)
  /// The venue cannot be reached or answers nonsense.
  case unavailable(String)

  /// What to tell an operator.
  public var description: String {
    switch self {
    case .refused(let code, let text): "refused with \(code): \(text)"
    case .unavailable(let text): text
    }
  }
}
