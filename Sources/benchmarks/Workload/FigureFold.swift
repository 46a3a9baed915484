import Accounting
import Core
import FixedPoint
import Trading

/// Folds facts into the workload's figures, symbol by symbol.
struct FigureFold {
  private let universe: Universe
  private let keepsLedger: Bool
  private var figures: [Figures]
  /// By place of the pair.
  private var holdings: [CarryHoldings]
  private var mids: [LegMids?]
  private var settled: [Settlement?]
  private var placeOfCarry: [CarryID: Int] = [:]

  init(universe: Universe, keepsLedger: Bool) {
    self.universe = universe
    self.keepsLedger = keepsLedger
    let count = universe.pairs.count
    figures = Array(repeating: Figures(), count: count)
    holdings = Array(repeating: CarryHoldings(), count: count)
    mids = Array(repeating: nil, count: count)
    settled = Array(repeating: nil, count: count)
  }

  mutating func add(_ fact: Fact) {
    switch fact.body {
    case .carryPlanned(let planned):
      placeOfCarry[planned.carry] = place(planned.venue, planned.symbol)
    case .carryMoved(let moved) where moved.state == .closed:
      figures[place(moved.venue, moved.symbol)].exits += 1
    case .filled(let booked): add(booked)
    case .settled(let settlement):
      settled[place(settlement.venue, settlement.symbol)] = settlement
    case .fundingReceived(let booked): add(booked.payment)
    case .rebalanced(let record):
      if let place = placeOfCarry[record.carry] { figures[place].rebalances += 1 }
    case .marked(let mark): mids[place(mark.venue, mark.symbol)] = mark.mids
    case .valued(let record):
      if let place = universe.pairs.firstIndex(where: { universe[$0.perp].quote == record.asset }) {
        figures[place].finalEquity = record.equity
      }
    default: break
    }
  }

  /// Marks what is still held to the last closes.
  func finish() -> [Figures] {
    zip(figures, zip(holdings, mids)).map { figures, market in
      var result = figures
      let (held, mids) = market
      result.openSpot = held.spot
      result.openPerp = held.perp
      if let mids {
        let (_, _, spot, perp) = held.priceResult(to: mids)
        result.spotResult += spot
        result.perpResult += perp
      }
      return result
    }
  }

  private mutating func add(_ booked: BookedFill) {
    guard let carry = booked.carry, let place = placeOfCarry[carry],
      let attribution = booked.attribution
    else { preconditionFailure("Invariant: every fill of the workload has its carry") }
    let wasEmpty = holdings[place].spot.isZero && holdings[place].perp.isZero
    if wasEmpty { figures[place].entries += 1 }
    holdings[place] = attribution.holdings
    figures[place].fills += 1
    figures[place].spotFees += attribution.profit.spotFees
    figures[place].perpFees += attribution.profit.perpFees
    figures[place].slippage += attribution.profit.slippage
    figures[place].spotResult += attribution.profit.spotPrice
    figures[place].perpResult += attribution.profit.perpPrice
    let fill = booked.fill
    keep(
      LedgerRow(
        at: fill.at, kind: .fill, market: fill.instrument.market, quantity: fill.signedQuantity,
        price: fill.price, amount: fill.fee),
      at: place)
  }

  private mutating func add(_ payment: FundingPayment) {
    let place = place(payment.instrument.venue, payment.instrument.symbol)
    figures[place].payments += 1
    figures[place].funding += payment.amount.reinterpreted(as: Unit.Quote.self)
    guard let settlement = settled[place] else { return }
    keep(
      LedgerRow(
        at: payment.settledAt, kind: .funding, market: .perp, quantity: settlement.quantity,
        price: settlement.mark, amount: payment.amount),
      at: place)
  }

  private mutating func keep(_ row: LedgerRow, at place: Int) {
    if keepsLedger { figures[place].ledger.append(row) }
  }

  private func place(_ venue: VenueID, _ symbol: Symbol) -> Int {
    guard let pair = universe.pair(venue: venue, symbol: symbol) else {
      preconditionFailure("Invariant: the engine trades the workload's symbols only")
    }
    return pair.position
  }
}
