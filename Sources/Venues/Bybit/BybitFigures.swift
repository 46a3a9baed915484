import FixedPoint
import Trading
import Wire

/// What is told of an instrument beside its prices: what is known, and what of it was passed on.
struct BybitFigures: Sendable {
  /// Open interest and turnover change with nearly every frame, and nobody acts on them so often.
  private static let pause = TimeSpan.seconds(10)

  private var known: MarketFigures
  private var told = MarketFigures()
  private var dueAt = Timestamp.distantPast

  /// Begins with what the survey found, which is passed on with the first frame.
  init(_ market: BybitMarket) {
    known = MarketFigures(fundingCap: market.terms?.cap, listedAt: market.listedAt)
  }

  /// Whether the venue was ever heard about this account's place in the queue of deleveraging.
  var hasRank: Bool { known.deleveragingRank != nil }

  /// Takes over what a ticker says; what it leaves out is unchanged.
  mutating func hear(openInterest: Quantity?, turnover: Notional?, fundingCap: Rate?) {
    if let openInterest { known.openInterest = openInterest }
    if let turnover { known.turnover = turnover }
    if let fundingCap { known.fundingCap = fundingCap }
  }

  /// What differs from what was passed on; nil when nothing does, or too soon after the last time.
  mutating func news(at time: Timestamp) -> MarketFigures? {
    guard time >= dueAt, known != told else { return nil }
    let news = MarketFigures(
      turnover: Self.news(known.turnover, told.turnover),
      openInterest: Self.news(known.openInterest, told.openInterest),
      fundingCap: Self.news(known.fundingCap, told.fundingCap),
      listedAt: Self.news(known.listedAt, told.listedAt),
      deleveragingRank: Self.news(known.deleveragingRank, told.deleveragingRank))
    told = known
    dueAt = time + Self.pause
    return news
  }

  /// A place in the queue of deleveraging; nil when it is the one passed on last.
  ///
  /// It comes with positions, so it changes seldom and is passed on at once.
  mutating func news(rank: Int) -> MarketFigures? {
    guard rank != told.deleveragingRank else { return nil }
    known.deleveragingRank = rank
    told.deleveragingRank = rank
    return MarketFigures(deleveragingRank: rank)
  }

  /// Passes everything on anew: before the streams are opened, whoever reads an account or a survey
  /// looks for that alone.
  mutating func beginAnew() {
    told = MarketFigures()
    dueAt = .distantPast
  }

  private static func news<Value: Equatable>(_ known: Value?, _ told: Value?) -> Value? {
    known == told ? nil : known
  }
}

extension BybitDialect {
  /// The ticker of a spot market comes twenty times a second for one figure: it is read instead.
  private static let spotPause = TimeSpan.minutes(15)

  /// Passes on what is new about the market at a place, unless that was done a moment ago.
  mutating func tellFigures(
    _ place: Int, at time: Timestamp, into messages: inout [VenueMessage]
  ) {
    guard let news = figures[place].news(at: time) else { return }
    messages.append(.event(.figures(markets.all[place].index, news)))
  }

  // MARK: - Turnover of spot

  /// Nothing is needed for the streams, which log in by themselves; what they do not tell is read
  /// from now on.
  mutating func beginStreams(at time: Timestamp) -> [Call<BybitPurpose>] {
    spotFiguresAt = spotFiguresAt ?? time
    for place in figures.indices { figures[place].beginAnew() }
    return [Self.clockCall(.reply([.streamsChanged]))]
  }

  mutating func dueSpotFigures(at time: Timestamp) -> [Call<BybitPurpose>] {
    guard let due = spotFiguresAt, due <= time else { return [] }
    spotFiguresAt = time + Self.spotPause
    return markets.all.filter { $0.category == .spot }.map { market in
      get(
        "/v5/market/tickers", [Parameter("category", "spot"), Parameter("symbol", market.name)],
        signed: false, urgency: .low, BybitPurpose(.spotFigures(market.id)))
    }
  }

  /// Takes a day's turnover in; without it the last one stands until the next time.
  mutating func finishSpotFigures(
    _ id: InstrumentID, _ answer: BybitAnswer, at time: Timestamp,
    _ reaction: inout Reaction<BybitPurpose>
  ) {
    guard case .done(let result) = answer, let place = markets.place(id),
      let row = result["list"]?[0], row["symbol"]?.text == markets.all[place].name
    else { return }
    figures[place].hear(
      openInterest: nil, turnover: BybitField.figure(row["turnover24h"]), fundingCap: nil)
    tellFigures(place, at: time, into: &reaction.messages)
  }

  // MARK: - Deleveraging

  /// Passes on the rank of a position's row, 0 … 5 as the venue counts; nothing when it is no rank.
  mutating func tellRank(
    _ row: JSON, of id: InstrumentID, into messages: inout [VenueMessage]
  ) {
    if let rank = BybitPositionRow.rank(row) { tell(rank: rank, of: id, into: &messages) }
  }

  /// Passes on the ranks of an account that was read.
  ///
  /// Flat positions are left out of the list: one that had a rank and is gone is in no queue.
  mutating func tellRanks(
    _ ranks: [InstrumentID: Int], held: [Position], into messages: inout [VenueMessage]
  ) {
    for (place, market) in markets.all.enumerated() where market.category == .linear {
      if let rank = ranks[market.id] {
        tell(rank: rank, of: market.id, into: &messages)
      } else if figures[place].hasRank, !held.contains(where: { $0.instrument == market.id }) {
        tell(rank: 0, of: market.id, into: &messages)
      }
    }
  }

  private mutating func tell(
    rank: Int, of id: InstrumentID, into messages: inout [VenueMessage]
  ) {
    guard let place = markets.place(id), let news = figures[place].news(rank: rank) else { return }
    messages.append(.event(.figures(markets.all[place].index, news)))
  }
}
