import Accounting
import Backtest
import Core
import FixedPoint
import Foundation
import Service
import Store
import Trading

/// What is held, or planned, as the database has it.
struct StressBooks {
  let connection: PostgresConnection
  let instruments: InstrumentsFile
  let configuration: Configuration

  /// A book for each venue where something is held.
  ///
  /// - Parameter carry: only this one; nil for all.
  func held(_ carry: Int64?) throws -> [StressBook] {
    let rows = try withDatabase { () throws(PostgresError) in
      try connection.execute(
        """
        SELECT venue, symbol, quantity, entry, spot_mid, perp_mid,
               coalesce(rate, 0.0001) AS rate, coalesce(interval_hours, 8) AS hours
        FROM report.short
        WHERE $1::bigint IS NULL OR carry_id = $1
        ORDER BY venue, symbol
        """, [carry.map { .integer($0) } ?? .null])
    }
    guard !rows.isEmpty else {
      let which = carry.map { "carry \($0)" } ?? "nothing"
      throw Failure(.refused, "no short is held (\(which)); see harvester status, or give --plan")
    }
    var holdings: [VenueID: [StressBook.Holding]] = [:]
    for row in rows {
      holdings[VenueID(row["venue"] ?? ""), default: []].append(try holding(row))
    }
    return try holdings.sorted { $0.key < $1.key }.map { try book(at: $0.key, $0.value) }
  }

  private func holding(_ row: Rows.Row) throws -> StressBook.Holding {
    StressBook.Holding(
      symbol: Symbol(row["symbol"] ?? ""), quantity: try number(row, "quantity"),
      entry: try number(row, "entry"),
      mids: LegMids(spot: try number(row, "spot_mid"), perp: try number(row, "perp_mid")),
      rate: try number(row, "rate"), intervalHours: Int(row["hours"] ?? "") ?? 8)
  }

  /// The book that a plan would give.
  func planned(_ id: Int64) throws -> [StressBook] {
    let rows = try withDatabase { () throws(PostgresError) in
      try connection.execute("SELECT body FROM report.plan WHERE plan_id = $1", [.integer(id)])
    }
    guard let text = rows.first?["body"] else {
      throw Failure(.refused, "no such plan (\(id)); make one with harvester plan")
    }
    let plan = try JSONDecoder().decode(Plan.self, from: Data(text.utf8))
    guard plan.legs.count == 2 else { throw Failure(.refused, "the plan has no legs (\(id))") }
    let hours = plan.intervalHours ?? 8
    let yearly = plan.expectedAnnualRate ?? .zero
    let holding = StressBook.Holding(
      symbol: plan.symbol, quantity: plan.quantity, entry: nil,
      mids: LegMids(spot: plan.legs[1].mid, perp: plan.legs[0].mid),
      rate: yearly.times(hours).divided(by: Annualising.hoursPerYear, rounding: .halfEven),
      intervalHours: hours)
    return [try book(at: plan.venue, [holding])]
  }

  private func book(at venue: VenueID, _ holdings: [StressBook.Holding]) throws -> StressBook {
    let listings: [InstrumentsFile.Listing]
    do throws(ConfigurationError) {
      listings = try instruments.select(venue: venue, symbols: holdings.map(\.symbol))
    } catch {
      throw Failure(.badConfiguration, error.description)
    }
    let margin =
      configuration.mode == "live" ? configuration.live[venue]?.margin ?? .isolated : .isolated
    let universe = Universe(
      pairs: listings.map { ($0.spot, $0.perp) },
      venues: [venue: VenueTraits(layout: listings[0].layout, margin: margin)])
    return StressBook(
      universe: universe, venue: venue, holdings: holdings,
      cash: try cash(at: venue, listings[0].perp.quote))
  }

  private func cash(at venue: VenueID, _ quote: AssetID) throws -> [Balance] {
    let rows = try withDatabase { () throws(PostgresError) in
      try connection.execute(
        """
        SELECT account, amount FROM report.balance
        WHERE venue = $1 AND asset = $2 AND account LIKE 'assets:%' ORDER BY account
        """, [.text(venue.rawValue), .text(quote.rawValue)])
    }
    return try rows.compactMap { row in
      guard case .assets(_, let wallet) = AccountName(text: row["account"] ?? "") else {
        return nil
      }
      return Balance(wallet: wallet, asset: quote, total: try number(row, "amount"))
    }
  }

  private func number<Unit>(_ row: Rows.Row, _ name: String) throws -> Fixed<Unit> {
    guard let value: Fixed<Unit> = try Decimals.read(row[name], name) else {
      throw Failure(.refused, "the books have no value (\(name)); wait for the next mark")
    }
    return value
  }
}
