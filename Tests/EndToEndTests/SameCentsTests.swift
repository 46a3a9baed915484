import FixedPoint
import Foundation
import Testing
import Trading

extension EndToEnd {
  /// The books in PostgreSQL and the figures of a backtest are the same cents.
  @Suite struct SameCents {
    @Test func theProcessAndTheBacktestAgreeToTheLastDigit() throws {
      let market = try RecordedMarket.shared.get()
      let books = try Books()
      let ending = try market.run(books).wait()
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(try books.faults() == [])
      let backtest = try Backtested(market)
      #expect(try backtest.number("entries") > 2)
      #expect(try backtest.number("exits") > 1)
      for (figure, sql) in Self.pairs {
        let booked = try books.value(sql)
        #expect(try backtest.amount(figure) == Rate(booked[...]), "\(figure)")
      }
    }

    @Test func backtestExplainsEveryCent() throws {
      let backtest = try Backtested(try RecordedMarket.shared.get())
      #expect(try backtest.amount("unexplained") == .zero)
      #expect(backtest.code == 0, "\(backtest.errors)")
    }

    @Test func backtestHasThePromisedFigures() throws {
      let keys = try Backtested(try RecordedMarket.shared.get()).keys
      #expect(
        keys.text.isSuperset(of: [
          "funding", "basis_pnl", "directional_pnl", "spot_fees", "perp_fees", "slippage",
          "initial_equity", "final_equity", "unexplained", "max_drawdown", "days_in_market",
          "return_on_capital_annualized", "sharpe_daily",
        ]))
      #expect(keys.number.isSuperset(of: ["bars", "entries", "exits", "rebalances", "seconds"]))
    }

    /// Stopping at one day and going on to a later one changes nothing.
    @Test func aLongerRangeGoesOnWhereTheBooksEnd() throws {
      let market = try RecordedMarket.shared.get()
      let books = try Books(copyOf: try History.books.get())
      let ending = try market.run(books).wait()
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(try books.faults() == [])
      let backtest = try Backtested(market)
      for (figure, sql) in Self.pairs {
        let booked = try books.value(sql)
        #expect(try backtest.amount(figure) == Rate(booked[...]), "\(figure)")
      }
    }

    /// Each figure of a backtest with the query that gives it.
    private static let pairs =
      [
        "funding", "basis_pnl", "directional_pnl", "spot_fees", "perp_fees", "slippage", "other",
      ].map { ($0, "SELECT sum(\($0)) FROM report.carry_pnl") } + [
        ("funding", "SELECT sum(amount) FROM report.funding_payment"),
        ("payments", "SELECT count(*) FROM report.funding_payment"),
        ("fills", "SELECT count(*) FROM report.leg_fill"),
        ("entries", "SELECT count(*) FROM report.carry WHERE state <> 'refused'"),
        ("exits", "SELECT count(*) FROM report.carry WHERE state = 'closed'"),
        ("rebalances", "SELECT count(*) FROM report.rebalance"),
        ("final_equity", "SELECT equity FROM report.equity_daily ORDER BY day DESC LIMIT 1"),
      ]
  }
}

/// A finished `backtest --format json`.
struct Backtested {
  let code: Int32
  let errors: String
  private let figures: [String: Any]

  init(_ market: RecordedMarket) throws {
    let ending = try Program(
      ["backtest", "--no-database", "--format", "json"] + market.arguments()
    ).wait()
    code = ending.code
    errors = ending.errors
    let object = try JSONSerialization.jsonObject(with: Data(ending.output.utf8))
    figures = object as? [String: Any] ?? [:]
  }

  func number(_ key: String) throws -> Int { try #require(figures[key] as? Int) }

  /// An amount, which stands as text, or a count, which stands as a number.
  func amount(_ key: String) throws -> Rate {
    if let count = figures[key] as? Int { return Rate(count) }
    return try Rate(try #require(figures[key] as? String)[...])
  }

  /// Every key, those of text and those of numbers.
  var keys: (text: Set<String>, number: Set<String>) {
    (
      Set(figures.filter { $0.value is String }.keys),
      Set(figures.filter { $0.value is NSNumber }.keys)
    )
  }
}
