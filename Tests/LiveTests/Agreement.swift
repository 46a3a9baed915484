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
    for venue in Self.venues {
      let truth = try simulator.truth(venue)
      try expectFills(venue, truth, location)
      try expectPayments(venue, truth, location)
      try expectBalances(venue, truth, location)
      try expectPositions(venue, truth, location)
    }
    let reconciled = try ask("reconcile")
    #expect(reconciled.code == 0, "\(reconciled.errors)", sourceLocation: location)
    #expect(reconciled.output == "(none)\n", sourceLocation: location)
  }

  /// Every fill once: as many as there are, each with the figures of the venue.
  private func expectFills(_ venue: String, _ truth: JSON, _ location: SourceLocation) throws {
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
      """
    ).map { $0.joined(separator: " ") }
    #expect(booked.sorted() == actual.sorted(), "\(name)", sourceLocation: location)
    let trades = try books.value(
      "SELECT count(DISTINCT (market, symbol, trade_id)) FROM report.leg_fill "
        + "WHERE venue = '\(venue)'")
    #expect(trades == "\(actual.count)", "\(name)", sourceLocation: location)
  }

  private func expectPayments(_ venue: String, _ truth: JSON, _ location: SourceLocation) throws {
    let actual = (truth["payments"]?.elements ?? []).map { payment in
      ["at", "symbol", "amount", "asset"].map { payment[$0]?.text ?? "-" }.joined(separator: " ")
    }
    let booked = try books.rows(
      """
      SELECT to_char(settled_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), symbol, trim_scale(amount), asset
      FROM report.funding_payment WHERE venue = '\(venue)'
      """
    ).map { $0.joined(separator: " ") }
    #expect(booked.sorted() == actual.sorted(), "\(name)", sourceLocation: location)
  }

  /// Wallets by asset.
  ///
  /// Dust has an account of its own in the books and lies in the spot wallet. The wallet for deposits
  /// is not traded from, and not in the books.
  private func expectBalances(_ venue: String, _ truth: JSON, _ location: SourceLocation) throws {
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
      """
    ).map { $0.joined(separator: " ") }
    #expect(booked.sorted() == actual.sorted(), "\(name)", sourceLocation: location)
  }

  private func expectPositions(_ venue: String, _ truth: JSON, _ location: SourceLocation) throws {
    let actual = (truth["positions"]?.elements ?? []).map { position in
      "\(position["symbol"]?.text ?? "-") \(position["quantity"]?.text ?? "-")"
    }
    let booked = try books.rows(
      """
      SELECT symbol, trim_scale(perp_quantity) FROM report.carry
      WHERE venue = '\(venue)' AND perp_quantity <> 0
      """
    ).map { $0.joined(separator: " ") }
    #expect(booked.sorted() == actual.sorted(), "\(name)", sourceLocation: location)
  }
}
