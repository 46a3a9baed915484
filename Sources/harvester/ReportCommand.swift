import ArgumentParser
import Foundation
import Store
import Trading

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Print a report from the books.",
    discussion: """
      funding: income by day, carry, symbol or venue. pnl: attribution that sums, with what is \
      unexplained; with a range, the whole life of the carries held in it. legs: every fill. payments: every funding payment, expected against actual. \
      rebalances, execution, equity. alerts: what is missing or stands open now. The numbers are those of the views in schema report.
      """)

  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case funding, pnl, legs, payments, rebalances, execution, equity, alerts
  }

  enum Grouping: String, CaseIterable, ExpressibleByArgument {
    case day, carry, symbol, venue
  }

  @Argument(help: "funding, pnl, legs, payments, rebalances, execution, equity or alerts.")
  var kind: Kind
  @Option(help: "From, inclusive, UTC.") var from: Moment?
  @Option(help: "To, exclusive, UTC.") var to: Moment?
  @Option(name: .customLong("by"), help: "For funding and pnl: day, carry, symbol or venue.")
  var grouping: Grouping?
  @OptionGroup var common: CommonOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    if let from, let to, from.value >= to.value {
      throw Failure(
        .usage, "the range is empty (\(from.value) to \(to.value)); give a later --to")
    }
    let query = try query()
    let connection = try common.connectToBooks(as: .reader)
    let parameters = [SQLValue(from?.value.description), SQLValue(to?.value.description)]
    let rows = try withDatabase { () throws(PostgresError) in
      try connection.execute(query.sql, parameters)
    }
    var table = Table(query.columns, rows)
    // The last row of a grouping is its total.
    if query.hasTotal, let last = table.rows.popLast(), table.rows.count > 0 { table.total = last }
    table.print(as: output.format)
  }

  private func query() throws -> ReportQuery {
    switch kind {
    case .funding: return .funding(by: grouping ?? .symbol)
    case .pnl: return grouping == .day ? .profitByDay : .profit(by: grouping ?? .carry)
    case .legs, .payments, .rebalances, .execution, .equity, .alerts:
      guard grouping == nil else {
        throw Failure(.usage, "--by is for funding and pnl; leave it out for \(kind.rawValue)")
      }
      return .plain(kind)
    }
  }
}

/// A query of the report views with the kinds of its columns; `$1` and `$2` bound the time.
struct ReportQuery {
  let sql: String
  let columns: [Column]
  var hasTotal = false

  static func funding(by grouping: ReportCommand.Grouping) -> ReportQuery {
    let key =
      switch grouping {
      case .day: "to_char(settled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
      case .carry: "carry_id::text"
      case .symbol: "symbol"
      case .venue: "venue"
      }
    // Annualised by elapsed time: the sum of rates over the sum of hours, never a count.
    return ReportQuery(
      sql: """
        SELECT coalesce(\(key), 'total'), count(*), sum(amount), sum(difference),
          avg(abs(position_quantity) * mark_price),
          sum(rate) * 8760 / nullif(sum(interval_hours), 0)
        FROM report.funding_payment
        WHERE settled_at >= coalesce($1::timestamptz, '-infinity')
          AND settled_at < coalesce($2::timestamptz, 'infinity')
        GROUP BY ROLLUP (\(key)) ORDER BY grouping(\(key)), \(order(grouping, key))
        """,
      columns: [
        keyColumn(grouping), Column("payments", .integer), Column("amount", .money),
        Column("difference", .money, "actual − expected"),
        Column("average_notional", .money, "average notional"),
        Column("annualized_rate", .percent, "rate a year"),
      ], hasTotal: true)
  }

  static func profit(by grouping: ReportCommand.Grouping) -> ReportQuery {
    let key =
      switch grouping {
      case .symbol: "symbol"
      case .venue: "venue"
      case .carry, .day: "carry_id::text"
      }
    let parts = [
      Column("funding", .money), Column("basis_pnl", .money, "basis"),
      Column("directional_pnl", .money, "directional"),
      Column("tilt_pnl", .money, "tilt", isShown: false),
      Column("spot_price_pnl", .money, isShown: false),
      Column("perp_price_pnl", .money, isShown: false),
      Column("spot_fees", .money, "spot fees"), Column("perp_fees", .money, "perp fees"),
      Column("slippage", .money), Column("borrow_interest", .money, isShown: false),
      Column("other", .money), Column("total", .money),
      Column("equity_change", .money, isShown: false), Column("unexplained", .number),
      Column("rebalance_cost", .money, "rebalancing"),
    ]
    let sums = parts.map { "sum(\($0.name))" }.joined(separator: ", ")
    return ReportQuery(
      sql: """
        SELECT coalesce(\(key), 'total'), count(*), \(sums),
          CASE WHEN sum(days) >= 1 THEN sum(total) * 365 / sum(deployed_capital * days) END
        FROM report.carry_pnl CROSS JOIN LATERAL (
          SELECT (extract(epoch FROM
            coalesce(closed_at, (SELECT max(at) FROM report.mark)) - opened_at) / 86400)::numeric
            AS days) AS held
        WHERE opened_at < coalesce($2::timestamptz, 'infinity')
          AND coalesce(closed_at, 'infinity') >= coalesce($1::timestamptz, '-infinity')
        GROUP BY ROLLUP (\(key)) ORDER BY grouping(\(key)), \(order(grouping, key))
        """,
      columns: [keyColumn(grouping), Column("carries", .integer)] + parts
        + [Column("return_on_capital_annualized", .percent, "a year")],
      hasTotal: true)
  }

  /// What the account earned each day; it has causes by carry, not by day, except for funding.
  static let profitByDay = ReportQuery(
    sql: """
      SELECT e.day::text, e.asset, f.amount,
        coalesce(e.change, e.equity) - e.external_flow - f.amount,
        coalesce(e.change, e.equity) - e.external_flow, e.equity
      FROM report.equity_daily AS e
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(d.amount), 0) AS amount FROM report.funding_income_daily AS d
        WHERE d.day = e.day AND d.mode = e.mode AND d.venue = e.venue) AS f
      WHERE e.day >= coalesce($1::timestamptz, '-infinity')
        AND e.day < coalesce($2::timestamptz, 'infinity')
      ORDER BY e.day, e.mode, e.venue, e.asset
      """,
    columns: [
      Column("day", .text), Column("asset", .text), Column("funding", .money),
      Column("prices_and_costs", .money, "prices and costs"), Column("total", .money),
      Column("equity", .money),
    ])

  /// The first column of a grouping; the total has no carry.
  private static func keyColumn(_ grouping: ReportCommand.Grouping) -> Column {
    grouping == .carry
      ? Column("carry_id", .integer, "carry") : Column(grouping.rawValue, .text)
  }

  /// Carries in the order of their numbers, everything else by name.
  private static func order(_ grouping: ReportCommand.Grouping, _ key: String) -> String {
    grouping == .carry ? "min(carry_id)" : key
  }

  static func plain(_ kind: ReportCommand.Kind) -> ReportQuery {
    switch kind {
    case .legs: legs
    case .payments: payments
    case .rebalances: rebalances
    case .execution: execution
    case .equity: equity
    case .alerts: alerts
    case .funding, .pnl: preconditionFailure("Invariant: grouped reports have their own queries")
    }
  }

  private static func select(
    _ columns: [Column], from view: String, bounded column: String, order: String
  ) -> ReportQuery {
    ReportQuery(
      sql: """
        SELECT \(columns.map(\.name).joined(separator: ", ")) FROM report.\(view)
        WHERE \(column) >= coalesce($1::timestamptz, '-infinity')
          AND \(column) < coalesce($2::timestamptz, 'infinity')
        ORDER BY \(order)
        """, columns: columns)
  }

  private static let legs = select(
    [
      Column("filled_at", .time, "filled"), Column("carry_id", .integer, "carry"),
      Column("venue", .text), Column("symbol", .text), Column("market", .text),
      Column("purpose", .text), Column("side", .text), Column("quantity", .number),
      Column("price", .number), Column("fee", .number), Column("fee_asset", .text, ""),
      Column("liquidity", .text), Column("spot_mid", .number, "spot mid"),
      Column("perp_mid", .number, "perp mid"),
      Column("client_order_id", .text, "order"), Column("trade_id", .text, "trade"),
    ], from: "leg_fill", bounded: "filled_at", order: "filled_at, trade_id")

  private static let payments = select(
    [
      Column("settled_at", .time, "settled"), Column("carry_id", .integer, "carry"),
      Column("venue", .text), Column("symbol", .text),
      Column("interval_hours", .integer, "hours"), Column("rate", .number),
      Column("position_quantity", .number, "position"), Column("mark_price", .number, "mark"),
      Column("expected_amount", .number, "expected"), Column("amount", .number),
      Column("asset", .text), Column("difference", .number),
      Column("venue_payment_id", .text, "payment"),
    ], from: "funding_payment", bounded: "settled_at", order: "settled_at, symbol")

  private static let rebalances = select(
    [
      Column("at", .time), Column("carry_id", .integer, "carry"), Column("reason", .text),
      Column("market", .text), Column("quantity", .number),
      Column("delta_before", .number, "delta before"), Column("delta_after", .number, "after"),
      Column("fees", .money), Column("slippage", .money),
    ], from: "rebalance", bounded: "at", order: "at, carry_id, market")

  private static let execution = select(
    [
      Column("intended_at", .time, "intended"), Column("client_order_id", .text, "order"),
      Column("carry_id", .integer, "carry"), Column("market", .text), Column("side", .text),
      Column("quantity", .number), Column("filled_quantity", .number, "filled"),
      Column("decision_mid", .number, "decision mid"),
      Column("average_price", .number, "average price"),
      Column("slippage_bps", .number, "slippage bp"), Column("outcome", .text),
    ], from: "execution", bounded: "intended_at", order: "intended_at, client_order_id")

  private static let equity = select(
    [
      Column("day", .text), Column("mode", .text), Column("venue", .text), Column("asset", .text),
      Column("equity", .money), Column("change", .money),
      Column("external_flow", .money, "from outside"),
    ], from: "equity_daily", bounded: "day", order: "day, mode, venue, asset")

  /// What is missing or stands open now, oldest first.
  static let alerts = select(
    [
      Column("raised_at", .time, "raised"), Column("severity", .text), Column("kind", .text),
      Column("venue", .text), Column("symbol", .text), Column("carry_id", .integer, "carry"),
      Column("subject", .text), Column("detail", .text),
    ], from: "alert", bounded: "raised_at", order: "raised_at, kind, subject, carry_id")
}
