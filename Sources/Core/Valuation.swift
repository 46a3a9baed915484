import Accounting
import FixedPoint
import Trading

/// What the account is worth, at mid prices. A valuation is a fact, never an entry in the books.
extension Engine {
  /// Records the mark of each pair that is held and the equity of each venue.
  ///
  /// Nothing is recorded while a price that is needed is unknown.
  mutating func value(at now: Timestamp, everything: Bool, into outcome: inout Outcome) {
    // Once a moment: a process may stop at the very midnight that it has just valued.
    guard now > state.valuedAt else { return }
    for (place, pair) in universe.pairs.enumerated() where isReconciled(pair.venue) {
      let isHeld = state.carries[place] != nil
      if isHeld || everything, market.pairs[place].isQuoted {
        recordMark(PairIndex(place), at: now, into: &outcome)
      }
      let isFirstOfItsKind = !universe.pairs.prefix(place).contains {
        $0.venue == pair.venue && universe[$0.perp].quote == universe[pair.perp].quote
      }
      if isFirstOfItsKind,
        let equity = equity(of: pair.venue, in: universe[pair.perp].quote)
      {
        record(
          .valued(
            EquityRecord(venue: pair.venue, asset: universe[pair.perp].quote, equity: equity)),
          into: &outcome)
      }
    }
  }

  /// An open carry is valued at least this often while prices come.
  private static let markInterval = TimeSpan.hours(1)

  /// Records the prices of pairs whose position changed, once the moment's prices are in.
  ///
  /// Every open carry is marked now and then too, so that its margin is known.
  mutating func markPaid(at now: Timestamp, into outcome: inout Outcome) {
    for place in market.changed.indices {
      let pair = market.changed[place]
      let isOld = now >= market[pair].markedAt + Self.markInterval
      let isDue = market[pair].needsMark || (isOld && state.standings[pair.position] != nil)
      if isDue, market[pair].isQuoted, isReconciled(universe[pair].venue) {
        recordMark(pair, at: now, into: &outcome)
      }
    }
  }

  /// Records the prices by which a pair's carry is valued.
  mutating func recordMark(_ pair: PairIndex, at now: Timestamp, into outcome: inout Outcome) {
    guard now > max(market[pair].markedAt, state.markedAt[pair.position]) else { return }
    market[pair].markedAt = now
    market[pair].needsMark = false
    record(
      .marked(
        MarkRecord(
          venue: universe[pair].venue, symbol: universe[pair].symbol, mids: market[pair].mids,
          mark: market[pair].perp.mark,
          liquidationPrice: market[pair].position?.liquidationPrice)),
      into: &outcome)
  }

  /// Cash, base assets and unrealised profit in quote units; nil when a price is unknown.
  func equity(of venue: VenueID, in quote: AssetID) -> Notional? {
    var held: [AssetID: Amount] = [:]
    for balance in state.wallets(of: venue) { held[balance.asset, default: .zero] += balance.total }
    var equity = (held[quote] ?? .zero).reinterpreted(as: Unit.Quote.self)
    var seen: Set<AssetID> = []
    for place in universe.pairs.indices {
      let pair = universe.pairs[place]
      guard pair.venue == venue, universe.instruments[pair.perp.position].quote == quote
      else { continue }
      let base = universe.instruments[pair.spot.position].base
      if seen.insert(base).inserted {
        let amount = (held[base] ?? .zero) + state.balance(.dust(venue), base)
        guard amount.isZero || market.pairs[place].isQuoted else { return nil }
        if !amount.isZero {
          equity += market.pairs[place].spot.mid
            .notional(of: amount.reinterpreted(as: Unit.Base.self))
        }
      }
      guard state.standings[place] != nil, let held = state.carries[place]?.holdings,
        !held.perp.isZero
      else { continue }
      guard market.pairs[place].isQuoted else { return nil }
      equity += market.pairs[place].perp.mid.notional(of: held.perp) - held.perpCost
    }
    return equity
  }
}
