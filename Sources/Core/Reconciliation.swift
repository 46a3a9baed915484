import Accounting
import FixedPoint
import Trading

/// Start and recovery are the same: fold the facts, ask every venue, compare, and only then trade.
extension Engine {
  /// Takes over the books and asks every venue for its account and every perpetual for its history.
  mutating func start(run: Int32, at now: Timestamp, into outcome: inout Outcome) {
    record(.started(RunStart(run: run)), into: &outcome)
    phase = .reconciling(Set(universe.venues))
    inherited = Set(state.transfers.keys)
    restsUntil.removeAll()
    askForAccounts(universe.venues, at: now, into: &outcome)
    let window = TimeSpan.days(Int64(parameters.forecast.windowDays))
    for pair in universe.pairs {
      outcome.actions.append(
        .request(.fundingHistory(universe[pair.perp].id, since: now - window)))
    }
    // Timers do not survive a process; what waited for one is woken again.
    for carry in state.carries.compactMap({ $0 })
    where carry.state.isInMotion && carry.retryAt > now {
      outcome.actions.append(.wake(carry.retryAt))
    }
  }

  /// Asks for the accounts, and for settlements that may have been missed while something was held.
  ///
  /// Many may want to know at once; an account that takes time to be read is read once for all.
  mutating func check(_ venues: [VenueID], at now: Timestamp, into outcome: inout Outcome) {
    for venue in venues {
      let soonest = (accountAskedAt[venue] ?? .distantPast) + Self.betweenReadings
      guard universe.traits(of: venue).isSnapshotAtomic || now >= soonest else {
        askLater(venue, at: soonest, into: &outcome)
        continue
      }
      askForAccounts([venue], at: now, into: &outcome)
      for (place, pair) in universe.pairs.enumerated()
      where pair.venue == venue && !state.shortChanges[place].isEmpty {
        let since = max(now - Self.missable, state.openedAt[venue] ?? now)
        outcome.actions.append(.request(.fundingHistory(universe[pair.perp].id, since: since)))
      }
    }
  }

  /// Between two readings of an account.
  private static let betweenReadings = TimeSpan.seconds(2)

  private mutating func askLater(
    _ venue: VenueID, at moment: Timestamp, into outcome: inout Outcome
  ) {
    if let due = accountDueAt[venue], due <= moment { return }
    accountDueAt[venue] = moment
    outcome.actions.append(.wake(moment))
  }

  /// Asks for the accounts whose time has come.
  mutating func askWhereDue(at now: Timestamp, into outcome: inout Outcome) {
    if accountDueAt.isEmpty { return }
    let due = universe.venues.filter { accountDueAt[$0].map { $0 <= now } ?? false }
    check(due, at: now, into: &outcome)
  }

  /// A venue's streams went down, or are back: then its account is looked at before anything grows.
  mutating func link(
    _ venue: VenueID, isUp: Bool, at now: Timestamp, into outcome: inout Outcome
  ) {
    if isUp {
      guard offline.contains(venue) else { return }
      returning.insert(venue)
      // At once: what was asked before may have been answered before the streams were heard.
      askForAccounts([venue], at: now, into: &outcome)
    } else {
      offline.insert(venue)
      returning.remove(venue)
    }
  }

  /// How long a transfer may take to be seen at a venue.
  private static let transferDelay = TimeSpan.minutes(2)

  /// How far back a settlement may have been missed.
  private static let missable = TimeSpan.days(2)

  /// Asks every venue for its account, with what happened since the last event that was stored.
  mutating func askForAccounts(
    _ venues: [VenueID], at now: Timestamp, into outcome: inout Outcome
  ) {
    for venue in venues {
      accountAskedAt[venue] = now
      accountDueAt[venue] = nil
      // An account that is new to the books brings its balance and no history.
      let first = state.openedAt[venue] ?? now
      // A stream may have been silent while others went on: what is known already costs nothing.
      let since = max(first, (state.heardAt[venue] ?? first) - .hours(24))
      outcome.actions.append(.request(.snapshot(venue, since: since)))
    }
  }

  /// Takes over what was missed, then compares the venue's account with the books.
  mutating func reconcile(
    _ snapshot: AccountSnapshot, at now: Timestamp, into outcome: inout Outcome
  ) {
    let isFirst = state.openedAt[snapshot.venue] == nil
    if isFirst,
      let opening = Booking.opening(snapshot.balances, venue: snapshot.venue, at: now)
    {
      record(.booked(opening), into: &outcome)
    }
    // What traded before the first balance is in it.
    takeOver(snapshot, history: !isFirst, at: now, into: &outcome)
    for order in state.orders.values.sorted(by: { $0.intent.request.id < $1.intent.request.id })
    where order.intent.request.instrument.venue == snapshot.venue {
      let request = order.intent.request
      ask(about: request.id, request.instrument, at: now, into: &outcome)
    }
    guard
      let mismatches = confirmed(
        mismatches(with: snapshot), at: snapshot.venue, at: now, into: &outcome)
    else { return }
    standing[snapshot.venue] = mismatches
    record(
      .compared(AccountCompared(venue: snapshot.venue, differences: mismatches.count)),
      into: &outcome)
    if returning.remove(snapshot.venue) != nil {
      offline.remove(snapshot.venue)
      for (place, pair) in universe.pairs.enumerated() where pair.venue == snapshot.venue {
        hurry(PairIndex(place))
      }
    }
    let known = state.breaks[snapshot.venue] ?? []
    for mismatch in mismatches where !known.contains(mismatch) {
      record(.mismatched(mismatch), into: &outcome)
    }
    let isHalted = state.haltedVenues.contains(snapshot.venue)
    if isHalted != !mismatches.isEmpty {
      let subjects = mismatches.map(\.subject).joined(separator: ", ")
      record(
        .tradingChanged(
          TradingChanged(
            change: isHalted ? .released : .halted, venue: snapshot.venue,
            reason: isHalted
              ? "books and venue agree again" : "books and venue disagree on \(subjects)")),
        into: &outcome)
    }
    guard case .reconciling(var waiting) = phase else { return }
    waiting.remove(snapshot.venue)
    phase = waiting.isEmpty ? (isDraining ? .draining : .running) : .reconciling(waiting)
  }

  /// What differs for more than the moment in which the account was read; nil while that is not known.
  ///
  /// A reading during which something of ours was under way says nothing. A difference has to be found
  /// twice in the same place; one that never stands still, because somebody else trades on the account,
  /// counts after a few readings as well.
  private mutating func confirmed(
    _ mismatches: [Mismatch], at venue: VenueID, at now: Timestamp, into outcome: inout Outcome
  ) -> [Mismatch]? {
    if universe.traits(of: venue).isSnapshotAtomic || mismatches.isEmpty {
      suspicions[venue] = nil
      return mismatches
    }
    var suspicion = suspicions[venue] ?? Suspicion()
    if isBlurred(venue), suspicion.blurred < Self.mostBlurred {
      suspicion.blurred += 1
      suspicions[venue] = suspicion
      askLater(venue, at: now + Self.betweenReadings, into: &outcome)
      return nil
    }
    let again = mismatches.filter { mismatch in
      suspicion.mismatches.contains { $0.kind == mismatch.kind && $0.subject == mismatch.subject }
    }
    suspicion.mismatches = mismatches
    suspicion.rounds += 1
    suspicions[venue] = suspicion
    if suspicion.rounds >= Self.mostRounds { return mismatches }
    if !again.isEmpty { return again }
    askLater(venue, at: now + Self.betweenReadings, into: &outcome)
    return nil
  }

  /// Whether something of ours was under way at a venue while its account was read.
  private func isBlurred(_ venue: VenueID) -> Bool {
    (stirredAt[venue] ?? .distantPast) > (accountAskedAt[venue] ?? .distantPast)
      || state.orders.values.contains { $0.intent.request.instrument.venue == venue }
      || state.transfers.values.contains { $0.venue == venue }
  }

  /// Readings in a row that found something, before it counts whatever it was.
  private static let mostRounds = 4
  /// Readings that say nothing, before one counts all the same: about a minute.
  private static let mostBlurred = 30

  /// Books the fills, payments and transfers that happened while nobody listened.
  private mutating func takeOver(
    _ snapshot: AccountSnapshot, history: Bool, at now: Timestamp, into outcome: inout Outcome
  ) {
    for position in snapshot.positions { hold(position, at: now) }
    if history {
      for fill in snapshot.fills { book(fill, at: now, into: &outcome) }
      for payment in snapshot.payments { book(payment, into: &outcome) }
      for transfer in snapshot.transfers { arrived(transfer, at: now, into: &outcome) }
    }
    // Ours by its id, but unknown here: nobody waits for it.
    for open in snapshot.openOrders {
      guard let id = open.id, state.orders[id] == nil else { continue }
      outcome.actions.append(.request(.cancel(id, open.instrument)))
    }
    // What the venue has not seen at a start was never sent: requests do not outlive their process.
    // A history that takes time to show a transfer is given that time.
    let isAtomic = universe.traits(of: snapshot.venue).isSnapshotAtomic
    for id in inherited.sorted() where state.transfers[id]?.venue == snapshot.venue {
      let certainAt = (state.transferAskedAt[id] ?? .distantPast) + Self.transferDelay
      if isAtomic || now >= certainAt {
        endTransfer(id, succeeded: false, reason: "never sent", into: &outcome)
      } else {
        askLater(snapshot.venue, at: certainAt, into: &outcome)
      }
    }
  }

  /// Every difference between the venue's account and the books, in a fixed order.
  func mismatches(with snapshot: AccountSnapshot) -> [Mismatch] {
    var result: [Mismatch] = []
    let books = state.wallets(of: snapshot.venue)
    let keys = (books + snapshot.balances).map { [$0.wallet.rawValue, $0.asset.rawValue] }
    for key in Set(keys).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let isSame = { (balance: Balance) in
        balance.wallet.rawValue == key[0] && balance.asset.rawValue == key[1]
      }
      let ours = (books.first(where: isSame)?.total ?? .zero) + dust(key, at: snapshot.venue)
      let theirs = snapshot.balances.first(where: isSame)?.total ?? .zero
      if ours != theirs {
        result.append(
          Mismatch(
            venue: snapshot.venue, kind: "balance", subject: key.joined(separator: ":"),
            books: ours.description, venueValue: theirs.description, difference: theirs - ours))
      }
    }
    for pair in universe.pairs where pair.venue == snapshot.venue {
      let ours =
        state.carries[universe.pairOfInstrument[pair.perp.position].position]?
        .holdings.perp ?? .zero
      let theirs =
        snapshot.positions.first { $0.instrument == universe[pair.perp].id }?.quantity ?? .zero
      if ours != theirs {
        result.append(
          Mismatch(
            venue: snapshot.venue, kind: "position", subject: pair.symbol.rawValue,
            books: ours.description, venueValue: theirs.description,
            difference: (theirs - ours).amount))
      }
    }
    return result + foreign(in: snapshot)
  }

  /// Positions and orders of somebody else on the account.
  private func foreign(in snapshot: AccountSnapshot) -> [Mismatch] {
    let positions = snapshot.positions.filter { universe.index(of: $0.instrument) == nil }.map {
      Mismatch(
        venue: snapshot.venue, kind: "position", subject: $0.instrument.symbol.rawValue, books: "0",
        venueValue: $0.quantity.description, difference: $0.quantity.amount)
    }
    let orders = snapshot.openOrders.filter { $0.id == nil }.map {
      Mismatch(
        venue: snapshot.venue, kind: "order",
        subject: "\($0.instrument.symbol) \($0.venueOrder)", books: "0", venueValue: "1",
        difference: "1")
    }
    return positions + orders
  }

  /// Dust has an account of its own in the books but lies in the spot wallet at the venue.
  private func dust(_ key: [String], at venue: VenueID) -> Amount {
    guard key[0] == universe.wallet(of: venue, .spot).rawValue else { return .zero }
    return state.balance(.dust(venue), AssetID(key[1]))
  }
}
