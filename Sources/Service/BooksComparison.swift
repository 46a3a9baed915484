public import FixedPoint
public import Store
public import Trading

/// A balance or a position in which an account and the books differ.
public struct AccountDifference: Hashable, Sendable {
  /// The venue.
  public let venue: VenueID
  /// `balance`, `position` or `order`.
  public let kind: String
  /// `wallet:asset`, or the symbol.
  public let subject: String
  /// By the books.
  public let books: Amount
  /// By the venue.
  public let venueValue: Amount

  /// What the venue has more than the books.
  public var difference: Amount { venueValue - books }
}

/// Compares what a venue says with what is in the database, without a process.
public enum BooksComparison {
  /// Every difference at a venue, in order of subject, and how many things agree.
  public static func differences(
    _ snapshot: AccountSnapshot, layout: AccountLayout, mode: String,
    over connection: PostgresConnection
  ) throws(PostgresError) -> (differences: [AccountDifference], agreeing: Int) {
    var lines: [String: (books: Amount, venue: Amount)] = [:]
    for balance in try books(of: snapshot.venue, layout: layout, mode: mode, over: connection) {
      lines["balance \(balance.key)", default: (.zero, .zero)].books += balance.amount
    }
    for balance in snapshot.balances {
      let key = "balance \(balance.wallet.rawValue):\(balance.asset)"
      lines[key, default: (.zero, .zero)].venue += balance.total
    }
    for (symbol, quantity) in try shorts(at: snapshot.venue, mode: mode, over: connection) {
      lines["position \(symbol)", default: (.zero, .zero)].books += quantity
    }
    for position in snapshot.positions {
      let key = "position \(position.instrument.symbol)"
      lines[key, default: (.zero, .zero)].venue += position.quantity.amount
    }
    for order in snapshot.openOrders where order.id == nil {
      lines["order \(order.instrument.symbol) \(order.venueOrder)"] = (.zero, "1")
    }
    let all = lines.sorted { $0.key < $1.key }.map { key, value in
      let kind = key.prefix { $0 != " " }
      return AccountDifference(
        venue: snapshot.venue, kind: String(kind),
        subject: String(key.dropFirst(kind.count + 1)), books: value.books,
        venueValue: value.venue)
    }
    let differences = all.filter { !$0.difference.isZero }
    return (differences, all.count - differences.count)
  }

  /// Wallets, the dust left in them included.
  private static func books(
    of venue: VenueID, layout: AccountLayout, mode: String, over connection: PostgresConnection
  ) throws(PostgresError) -> [(key: String, amount: Amount)] {
    let rows = try connection.execute(
      "SELECT account, asset, amount::text FROM report.balance "
        + "WHERE mode = $1 AND venue = $2 AND account LIKE 'assets:%'",
      [.text(mode), .text(venue.rawValue)])
    return rows.map { row in
      let wallet = (row[0] ?? "").split(separator: ":").last.map(String.init) ?? ""
      let name = wallet == "dust" ? layout.wallet(of: .spot).rawValue : wallet
      return ("\(name):\(row[1] ?? "")", Amount(row[2] ?? "") ?? .zero)
    }
  }

  private static func shorts(
    at venue: VenueID, mode: String, over connection: PostgresConnection
  ) throws(PostgresError) -> [(symbol: String, quantity: Amount)] {
    let rows = try connection.execute(
      "SELECT symbol, perp_quantity::text FROM report.carry "
        + "WHERE mode = $1 AND venue = $2 AND state NOT IN ('closed', 'refused')",
      [.text(mode), .text(venue.rawValue)])
    return rows.map { ($0[0] ?? "", Amount($0[1] ?? "") ?? .zero) }
  }
}
