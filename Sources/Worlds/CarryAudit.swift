import Accounting
import Core
import FixedPoint
import Trading

/// One carry's profit by two roads: what its facts attribute, and what its entries in the ledger left.
struct CarryAudit: Sendable {
  private var cash = Notional.zero
  private var base = Quantity.zero
  private var holdings = CarryHoldings()
  private var profit = CarryProfit()

  mutating func add(_ entry: JournalEntry, quote: AssetID) {
    for posting in entry.postings {
      guard case .assets = posting.account else { continue }
      if posting.asset == quote {
        cash += posting.amount.reinterpreted(as: Unit.Quote.self)
      } else {
        base += posting.amount.reinterpreted(as: Unit.Base.self)
      }
    }
  }

  mutating func add(_ attribution: FillAttribution) {
    profit += attribution.profit
    holdings = attribution.holdings
  }

  mutating func addFunding(_ amount: Notional) { profit.funding += amount }

  mutating func addOther(_ amount: Notional) { profit.other += amount }

  /// What one road has and the other has not: zero, always.
  var unexplained: Notional {
    guard let mids = holdings.mids else { return cash - profit.total }
    return cash + mids.spot.notional(of: base) + mids.perp.notional(of: holdings.perp)
      - holdings.perpCost - profit.total
  }

  /// What its entries left of its base asset; nothing once it is closed, since dust leaves it.
  var heldBase: Quantity { base }

  /// Whether both splits of the price result agree.
  var isSplit: Bool {
    profit.basis + profit.directional == profit.spotPrice + profit.perpPrice
  }
}
