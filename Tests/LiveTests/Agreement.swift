import FixedPoint
import TestKit
import Testing
import Trading
import Wire

extension LiveDesk {
  /// Holds the books against what is true at the venues, to the last digit, and against themselves.
  ///
  /// - Parameter adopted: how many differences were found and explained.
  func expectBooksAreTrue(
    adopted: Int = 0, _ location: SourceLocation = #_sourceLocation
  ) throws {
    // Venues pay to eight places.
    let faults = try books.faults(rounding: "0.000000005")
    #expect(faults.count == adopted, "\(name) \(faults)", sourceLocation: location)
    let differences = try differences()
    #expect(differences.isEmpty, "\(name) \(differences)", sourceLocation: location)
    let reconciled = try ask("reconcile")
    #expect(reconciled.code == 0, "\(reconciled.errors)", sourceLocation: location)
    #expect(reconciled.output == "(none)\n", sourceLocation: location)
  }

  /// What the books and the venues have not in common, in words.
  func differences() throws -> [String] {
    try Self.venues.flatMap { venue in
      let truth = try simulator.truth(venue)
      return try fills(venue, truth) + payments(venue, truth) + balances(venue, truth)
        + positions(venue, truth)
    }
  }

  /// What only one of two lists has, with how often.
  private func compare(_ what: String, _ venue: String, books: [[String]], truth: [String])
    -> [String]
  {
    var counts: [String: Int] = [:]
    for row in books { counts[row.joined(separator: " "), default: 0] += 1 }
    for row in truth { counts[row, default: 0] -= 1 }
    return counts.filter { $0.value != 0 }.sorted { $0.key < $1.key }.map { row, count in
      "\(what) only \(count > 0 ? "in the books" : "at \(venue)"): \(row)"
        + (abs(count) > 1 ? " (\(abs(count)) times)" : "")
    }
  }

  /// Every fill once: as many as there are, each with the figures of the venue.
  private func fills(_ venue: String, _ truth: JSON) throws -> [String] {
    let names = [
      "client_id", "symbol", "market", "side", "quantity", "price", "fee", "fee_asset",
    ]
    let actual = (truth["fills"]?.elements ?? []).map { fill in
      // The venue closed this itself: nobody's order in the books.
      let isForced = fill["cause"]?.text != "order"
      return names.map { isForced && $0 == "client_id" ? "-" : fill[$0]?.text ?? "-" }
        .joined(separator: " ")
    }
    let booked = try books.rows(
      """
      SELECT client_order_id, symbol, market, side, trim_scale(quantity), trim_scale(price),
        trim_scale(fee), fee_asset FROM report.leg_fill WHERE venue = '\(venue)'
      """)
    let trades = try books.value(
      "SELECT count(DISTINCT (market, symbol, trade_id)) FROM report.leg_fill "
        + "WHERE venue = '\(venue)'")
    return compare("fill", venue, books: booked, truth: actual)
      + (trades == "\(booked.count)" ? [] : ["\(booked.count) fills of \(trades) trades"])
  }

  private func payments(_ venue: String, _ truth: JSON) throws -> [String] {
    let actual = (truth["payments"]?.elements ?? []).map { payment in
      ["at", "symbol", "amount", "asset"].map { payment[$0]?.text ?? "-" }.joined(separator: " ")
    }
    let booked = try books.rows(
      """
      SELECT to_char(settled_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), symbol, trim_scale(amount), asset
      FROM report.funding_payment WHERE venue = '\(venue)'
      """)
    return compare("payment", venue, books: booked, truth: actual)
  }

  /// Wallets by asset.
  ///
  /// Dust has an account of its own in the books and lies in the spot wallet. The wallet for deposits
  /// is not traded from, and not in the books.
  private func balances(_ venue: String, _ truth: JSON) throws -> [String] {
    let actual = (truth["balances"]?.elements ?? []).compactMap { balance -> String? in
      guard let wallet = balance["wallet"]?.text, wallet != "funding",
        let total: Amount = balance["total"]?.decimal(), !total.isZero
      else { return nil }
      return "\(wallet) \(balance["asset"]?.text ?? "-") \(total)"
    }
    let booked = try books.rows(
      """
      SELECT CASE split_part(account, ':', 3) WHEN 'dust' THEN '\(venue == "bybit" ? "unified" : "spot")'
          ELSE split_part(account, ':', 3) END AS wallet,
        asset, trim_scale(sum(amount))
      FROM report.balance WHERE venue = '\(venue)' AND account LIKE 'assets:%'
      GROUP BY wallet, asset HAVING sum(amount) <> 0
      """)
    return compare("balance", venue, books: booked, truth: actual)
  }

  private func positions(_ venue: String, _ truth: JSON) throws -> [String] {
    let actual = (truth["positions"]?.elements ?? []).map { position in
      "\(position["symbol"]?.text ?? "-") \(position["quantity"]?.text ?? "-")"
    }
    let booked = try books.rows(
      """
      SELECT symbol, trim_scale(perp_quantity) FROM report.carry
      WHERE venue = '\(venue)' AND perp_quantity <> 0
      """)
    return compare("position", venue, books: booked, truth: actual)
  }
}
