import FixedPoint
import Trading

/// What the workload asks for, of one symbol.
struct Figures: Equatable {
  var entries = 0
  var exits = 0
  var rebalances = 0
  var fills = 0
  var payments = 0
  var funding = Notional.zero
  var spotFees = Notional.zero
  var perpFees = Notional.zero
  var slippage = Notional.zero
  /// Price result of the spot leg, between closes.
  var spotResult = Notional.zero
  /// Price result of the perpetual leg, between closes.
  var perpResult = Notional.zero
  var finalEquity = Notional.zero
  var openSpot = Quantity.zero
  var openPerp = Quantity.zero
  /// Every fill and payment, when asked for.
  var ledger: [LedgerRow] = []

  /// One line: money to the cent, halves away from zero.
  func summary(symbol: Int) -> String {
    let counts: [(String, Int)] = [
      ("symbol", symbol), ("entries", entries), ("exits", exits), ("rebalances", rebalances),
      ("fills", fills), ("funding_payments", payments),
    ]
    let fields =
      counts.map { "\"\($0)\":\($1)" } + amounts.map { "\"\($0)\":\($1.cents)" }
      + quantities.map { "\"\($0)\":\($1.text(minimumPlaces: 3))" }
    return "{\(fields.joined(separator: ","))}"
  }

  /// Every digit, one field a line.
  var exact: String {
    let counts: [(String, Int)] = [
      ("entries", entries), ("exits", exits), ("rebalances", rebalances), ("fills", fills),
      ("funding_payments", payments),
    ]
    let fields =
      counts.map { " \"\($0)\": \($1)" } + amounts.map { " \"\($0)\": \"\($1)\"" }
      + quantities.map { " \"\($0)\": \"\($1)\"" }
    return "{\n\(fields.joined(separator: ",\n"))\n}"
  }

  private var amounts: [(String, Notional)] {
    [
      ("funding", funding), ("fees_spot", spotFees), ("fees_perp", perpFees),
      ("slippage", slippage), ("spot_pnl", spotResult), ("perp_pnl", perpResult),
      ("final_equity", finalEquity),
    ]
  }

  private var quantities: [(String, Quantity)] {
    [("open_spot_qty", openSpot), ("open_perp_qty", openPerp)]
  }
}

extension Notional {
  /// To the cent, halves away from zero.
  var cents: String { rounded(places: 2, .halfUp).text(minimumPlaces: 2) }
}

/// One fill or funding payment.
struct LedgerRow: Equatable {
  enum Kind: String { case funding, fill }

  let at: Timestamp
  let kind: Kind
  let market: Market
  /// Bought is positive; of a payment the position.
  let quantity: Quantity
  let price: Price
  /// Fee or payment.
  let amount: Amount

  /// Time, kind, leg, quantity in 0.001, price in 0.01, amount in 10⁻¹³.
  var line: String {
    "\(at.nanoseconds / 1_000_000),\(kind.rawValue),\(market.rawValue),"
      + "\(quantity.raw / Decimals.power(15)),\(price.raw / Decimals.power(16)),"
      + "\(amount.raw / Decimals.power(5))"
  }
}

extension [LedgerRow] {
  /// As the workload lists them: in a minute funding first, then spot, then the perpetual.
  var inWorkloadOrder: [LedgerRow] {
    func rank(_ row: LedgerRow) -> Int {
      row.kind == .funding ? 0 : row.market == .spot ? 1 : 2
    }
    return sorted { ($0.at, rank($0)) < ($1.at, rank($1)) }
  }
}
