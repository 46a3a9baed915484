import Accounting
import FixedPoint
import Trading

/// Start and recovery are the same: fold the facts, ask every venue, compare, and only then trade.
extension Engine {
  /// Takes over the books and asks every venue for its account and every perpetual for its history.
  mutating func start(run: Int32, at now: Timestamp, into outcome: inout Outcome) {
    record(.started(RunStart(run: run)), into: &outcome)
    phase = .reconciling(Set(universe.venues))
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
  mutating func check(_ venues: [VenueID], at now: Timestamp, into outcome: inout Outcome) {
    askForAccounts(venues, at: now, into: &outcome)
    for (place, pair) in universe.pairs.enumerated()
    where venues.contains(pair.venue) && !state.shortChanges[place].isEmpty {
      let since = max(now - Self.missable, state.openedAt[pair.venue] ?? now)
      outcome.actions.append(.request(.fundingHistory(universe[pair.perp].id, since: since)))
    }
  }

  /// How far back a settlement may have been missed.
  private static let missable = TimeSpan.days(2)

  /// Asks every venue for its account, with what happened since the last event that was stored.
  mutating func askForAccounts(
    _ venues: [VenueID], at now: Timestamp, into outcome: inout Outcome
  ) {
    for venue in venues {
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
      outcome.actions.append(.request(.query(request.id, request.instrument)))
    }
    let mismatches = self.mismatches(with: snapshot)
    guard isConfirmed(mismatches, at: snapshot.venue, at: now, into: &outcome) else { return }
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

  /// Whether a difference is more than something that happened while the account was read: it has to
  /// be found twice.
  private mutating func isConfirmed(
    _ mismatches: [Mismatch], at venue: VenueID, at now: Timestamp, into outcome: inout Outcome
  ) -> Bool {
    let isNew = !mismatches.isEmpty && suspicions[venue] != mismatches
    suspicions[venue] = mismatches
    if universe.traits(of: venue).isSnapshotAtomic || !isNew { return true }
    askForAccounts([venue], at: now, into: &outcome)
    return false
  }

  /// Books the fills, payments and transfers that happened while nobody listened.
  private mutating func takeOver(
    _ snapshot: AccountSnapshot, history: Bool, at now: Timestamp, into outcome: inout Outcome
  ) {
    for position in snapshot.positions { hold(position) }
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
    guard case .reconciling = phase else { return }
    // What the venue has not seen at a start was never sent: requests do not outlive their process.
    for id in state.transfers.keys.sorted() where state.transfers[id]?.venue == snapshot.venue {
      endTransfer(id, succeeded: false, reason: "never sent", into: &outcome)
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
