import FixedPoint
public import Trading
public import Transport
public import Venues

/// One thing that was looked at before money moves.
public struct VenueCheck: Hashable, Sendable {
  /// Where; empty for what concerns no venue.
  public let venue: String
  /// What.
  public let name: String
  /// What was found.
  public let value: String
  /// What it has to be.
  public let wanted: String
  /// Whether trading may begin.
  public let isPassed: Bool
  /// Whether nothing could be looked at, because nobody answered.
  public let isUnavailable: Bool

  /// States a check.
  public init(
    _ name: String, _ value: String, wanted: String, isPassed: Bool, isUnavailable: Bool = false,
    venue: VenueID? = nil
  ) {
    self.venue = venue?.rawValue ?? ""
    self.name = name
    self.value = value
    self.wanted = wanted
    self.isPassed = isPassed
    self.isUnavailable = isUnavailable
  }
}

/// The venues of a live process: connected, looked at, and set up as wanted.
public struct LiveVenues {
  /// One conversation per venue, in order of name.
  public let sessions: [any AnyVenueSession]
  /// What is traded where, as the venues list it.
  public private(set) var listings: [VenueID: [Listing]] = [:]
  /// All of it; nil before the survey, or when nothing was found.
  public private(set) var universe: Universe?
  /// What an operator should know though it does not stand in the way.
  public private(set) var warnings: [String] = []
  /// What was looked at, in order.
  public private(set) var checks: [VenueCheck] = []

  private let configuration: Configuration

  /// Takes conversations that are not open yet.
  public init(_ sessions: [any AnyVenueSession], _ configuration: Configuration) {
    self.sessions = sessions
    self.configuration = configuration
  }

  /// What stands in the way of trading; empty when nothing does.
  public var problems: [String] {
    checks.filter { !$0.isPassed }.map {
      "\($0.venue)\($0.venue.isEmpty ? "" : ": ")\($0.name) is \($0.value); it must be \($0.wanted)"
    }
  }

  /// Looks at clock, key, instruments and fees of every venue; changes nothing there.
  public mutating func survey() {
    for session in sessions {
      // Of a venue that does not answer nothing more is asked.
      guard checkClock(session) else { continue }
      checkKey(session)
      readListings(session)
    }
    let pairs = sessions.flatMap { listings[$0.venue] ?? [] }.map { ($0.spot, $0.perp) }
    guard !pairs.isEmpty else { return }
    let traits = sessions.map { session in
      let lookup = session.capabilities.lookupDelay
      return (
        session.venue,
        VenueTraits(
          layout: session.capabilities.layout, lookupDelay: lookup,
          margin: configuration.live[session.venue]?.margin ?? .isolated, isSnapshotAtomic: false,
          tellsFigures: true)
      )
    }
    let combos = listings.values.joined().compactMap { listing in
      listing.combo.map { (listing.perp.id, $0) }
    }
    let universe = Universe(
      pairs: pairs, venues: Dictionary(uniqueKeysWithValues: traits),
      combos: Dictionary(uniqueKeysWithValues: combos))
    self.universe = universe
    for session in sessions {
      session.attach(universe, listings: listings[session.venue] ?? [])
    }
  }

  /// Looks at what the accounts hold: cash to trade with, and nothing of anybody else's.
  public mutating func checkAccounts() {
    for session in sessions where listings[session.venue]?.isEmpty == false {
      guard case .success(let snapshot) = Emergency.read(session) else {
        add(session, "account", "not readable", wanted: "readable", false)
        continue
      }
      let traded = listings[session.venue] ?? []
      for quote in Set(traded.map(\.perp.quote)).sorted() {
        let held = snapshot.balances.filter { $0.asset == quote }
        let words = held.map { "\($0.total) in \($0.wallet.rawValue)" }.joined(separator: ", ")
        add(
          session, quote.rawValue, held.isEmpty ? "none" : words, wanted: "some", !held.isEmpty)
      }
      let strange = snapshot.positions.map(\.instrument).filter { id in
        !traded.contains { $0.perp.id == id }
      }
      add(
        session, "positions of pairs not traded",
        strange.isEmpty ? "none" : strange.map(\.symbol.rawValue).joined(separator: ", "),
        wanted: "none", strange.isEmpty)
      let orders = snapshot.openOrders.filter { $0.id == nil }.count
      add(session, "orders of somebody else", "\(orders)", wanted: "0", orders == 0)
    }
  }

  /// Looks at position mode, margin mode and leverage.
  ///
  /// - Parameter setting: whether they are first set as wanted.
  public mutating func checkModes(setting: Bool) {
    for session in sessions where listings[session.venue]?.isEmpty == false {
      let leverage = configuration.parameters.sizing.leverage
      let task = setting ? VenueTask.prepare(leverage: leverage) : .readModes
      let messages = session.performAndWait(task)
      guard let modes = messages.compactMap(\.modes).last else {
        addUnread(session, "modes", messages)
        continue
      }
      add(
        session, "position mode", modes.isOneWay ? "one-way" : "hedged", wanted: "one-way",
        modes.isOneWay)
      let wanted = configuration.live[session.venue]?.margin ?? .isolated
      let found = modes.isIsolated ? MarginMode.isolated : .cross
      addMode(session, "margin mode", found.rawValue, wanted: wanted.rawValue, setting)
      for (instrument, value) in modes.leverage.sorted(by: { $0.key < $1.key }) {
        addMode(
          session, "leverage \(instrument.symbol)", value.description,
          wanted: leverage.description, false)
        if setting, value != leverage { hold(instrument, leverage: value, wanted: leverage) }
      }
      if setting { warnings += modes.problems.map { "\(session.venue): \($0)" } }
    }
  }

  /// A pair whose leverage cannot be set, because a position is open, is tended but not added to.
  private mutating func hold(_ instrument: InstrumentID, leverage: Rate, wanted: Rate) {
    let place = listings[instrument.venue]?.firstIndex { $0.perp.id == instrument }
    if let place { listings[instrument.venue]?[place].perpStatus = .reduceOnly }
    warnings.append(
      "\(instrument) has leverage \(leverage), not \(wanted); nothing is added to it")
  }

  /// A mode that a process sets when it starts: before that it may be anything.
  private mutating func addMode(
    _ session: any AnyVenueSession, _ name: String, _ value: String, wanted: String,
    _ isSet: Bool
  ) {
    let isWanted = value == wanted
    add(
      session, name, isWanted || isSet ? value : "\(value); run sets it", wanted: wanted,
      isWanted || !isSet)
  }

  // MARK: - Checks of one venue

  /// - Returns: whether the venue answers.
  private mutating func checkClock(_ session: any AnyVenueSession) -> Bool {
    let messages = session.performAndWait(.readClock)
    guard messages.contains(where: \.isClock) else {
      addUnread(session, "clock", messages)
      return checks.last?.isUnavailable == false
    }
    guard configuration.live.clock == .system, let estimate = session.clockEstimate else {
      return true
    }
    let skew = TimeSpan(nanoseconds: abs(estimate.offset.nanoseconds))
    add(
      session, "clock skew", "\(skew.seconds.rounded(places: 3, .up)) s", wanted: "below 1 s",
      skew < .seconds(1))
    return true
  }

  private mutating func checkKey(_ session: any AnyVenueSession) {
    let messages = session.performAndWait(.readKey)
    guard let key = messages.compactMap(\.key).last else {
      return addUnread(session, "key", messages)
    }
    add(
      session, "withdrawal rights",
      key.mayWithdraw ? key.withdrawalRights.joined(separator: ", ") : "none", wanted: "none",
      !key.mayWithdraw)
    let trades = key.mayTradeSpot && key.mayTradePerpetuals
    let rights =
      [(key.mayTradeSpot, "spot"), (key.mayTradePerpetuals, "perpetuals")].filter(\.0).map(\.1)
    add(
      session, "trading rights", rights.isEmpty ? "none" : rights.joined(separator: ", "),
      wanted: "spot, perpetuals", trades)
    if session.capabilities.layout == .separate {
      add(
        session, "transfers between wallets", key.mayTransfer ? "allowed" : "refused",
        wanted: "allowed", key.mayTransfer)
    }
    add(
      session, "bound to addresses", key.isBoundToAddress ? "yes" : "no", wanted: "yes, advisably",
      true)
    if let end = key.expiresAt {
      add(session, "key valid until", end.description, wanted: "a future day", end > session.now)
    }
  }

  private mutating func readListings(_ session: any AnyVenueSession) {
    let symbols = configuration.live[session.venue]?.symbols ?? []
    let messages = session.performAndWait(.survey(symbols), atMost: .seconds(60))
    guard let (found, missing) = messages.compactMap(\.survey).last else {
      return addUnread(session, "instruments", messages)
    }
    listings[session.venue] = found
    for symbol in missing {
      add(session, "\(symbol)", "not listed as spot and perpetual", wanted: "listed", false)
    }
    for listing in found {
      let isTrading = listing.spotStatus == .trading && listing.perpStatus == .trading
      let fees = "fees \(listing.spot.fees.taker) spot, \(listing.perp.fees.taker) perpetual"
      let terms = "funding every \(listing.terms.intervalHours) h"
      let factor = listing.multiplier == 1 ? "" : ", contract of \(listing.multiplier)"
      add(
        session, "\(listing.perp.id.symbol)",
        (isTrading ? "trading" : "\(listing.spotStatus.rawValue)/\(listing.perpStatus.rawValue)")
          + ", \(fees), \(terms)\(factor)", wanted: "trading, or nothing is opened", true)
    }
  }

  private mutating func add(
    _ session: any AnyVenueSession, _ name: String, _ value: String, wanted: String,
    _ isPassed: Bool
  ) {
    checks.append(
      VenueCheck(name, value, wanted: wanted, isPassed: isPassed, venue: session.venue))
  }

  /// What could not be read, and why.
  private mutating func addUnread(
    _ session: any AnyVenueSession, _ name: String, _ messages: [VenueMessage]
  ) {
    let failures = messages.compactMap { message in
      if case .failed(_, let failure) = message { failure } else { nil }
    }
    let isRefused = if case .refused = failures.last { true } else { false }
    checks.append(
      VenueCheck(
        name, failures.last?.description ?? "not answered", wanted: "readable", isPassed: false,
        isUnavailable: !isRefused, venue: session.venue))
  }
}

extension VenueMessage {
  var isClock: Bool { if case .clock = self { true } else { false } }

  var key: KeyPermissions? { if case .key(let key) = self { key } else { nil } }

  var modes: AccountModes? { if case .modes(let modes) = self { modes } else { nil } }

  var survey: ([Listing], [Symbol])? {
    if case .surveyed(let found, let missing) = self { (found, missing) } else { nil }
  }

  var event: VenueEvent? { if case .event(let event) = self { event } else { nil } }
}
