import Foundation
import Testing

extension EndToEnd {
  /// Recorded markets that are wrong: the file, the line and what is wrong with it.
  @Suite struct BadMarkets {
    /// A change of one recorded file.
    enum Change: Sendable {
      case remove(line: Int)
      case removeMany(from: Int, count: Int)
      case repeated(line: Int)
      case swapped(line: Int)
      case cell(line: Int, column: Int, String)
      case gone
      case text(String)

      func apply(to lines: [String]) -> [String]? {
        var lines = lines
        switch self {
        case .remove(let line): lines.remove(at: line - 1)
        case .removeMany(let from, let count): lines.removeSubrange((from - 1)..<(from - 1 + count))
        case .repeated(let line): lines.insert(lines[line - 1], at: line)
        case .swapped(let line): lines.swapAt(line - 1, line)
        case .cell(let line, let column, let text):
          var cells = lines[line - 1].components(separatedBy: ",")
          cells[column] = text
          lines[line - 1] = cells.joined(separator: ",")
        case .gone: return nil
        case .text(let text): return [text]
        }
        return lines
      }
    }

    struct Case: CustomTestStringConvertible, Sendable {
      let file: String
      let change: Change
      let reasons: [String]

      init(_ file: String, _ change: Change, _ reasons: String...) {
        self.file = file
        self.change = change
        self.reasons = reasons
      }

      var testDescription: String { "\(file) \(change)" }
    }

    private static let spot = "klines/binance/spot/BTCUSDT-1h.csv"
    private static let perp = "klines/binance/perp/BTCUSDT-1h.csv"
    private static let mark = "klines/binance/mark/BTCUSDT-1h.csv"
    private static let funding = "funding/binance/BTCUSDT.csv"

    private static let cases = [
      Case(spot, .removeMany(from: 100, count: 7), "7 bars are missing", "--max-gap-hours"),
      Case(perp, .removeMany(from: 2, count: 7), "do not cover"),
      Case(spot, .cell(line: 9, column: 4, "NaN"), "line 9", "close", "\"NaN\""),
      Case(spot, .cell(line: 9, column: 1, "-1"), "line 9", "open", "\"-1\""),
      Case(spot, .cell(line: 9, column: 1, "0"), "line 9", "open", "\"0\""),
      Case(perp, .cell(line: 9, column: 2, "1e5"), "line 9", "high", "\"1e5\""),
      Case(perp, .cell(line: 9, column: 2, "1"), "line 9", "high is below"),
      Case(perp, .cell(line: 9, column: 3, "900000"), "line 9", "low is above"),
      Case(perp, .cell(line: 9, column: 2, ""), "line 9", "high", "\"\""),
      Case(perp, .cell(line: 9, column: 5, "-1"), "line 9", "volume"),
      Case(spot, .cell(line: 9, column: 0, "2024-01-01 at 7"), "line 9", "not a UTC time"),
      Case(spot, .cell(line: 9, column: 0, "2024-01-01T07:30:00Z"), "line 9", "grid"),
      Case(spot, .cell(line: 9, column: 5, "1,1"), "line 9", "7 fields"),
      Case(spot, .repeated(line: 50), "line 51", "duplicate"),
      Case(perp, .swapped(line: 50), "line 51", "goes back"),
      Case(spot, .text("time,price"), "line 1", "first line"),
      Case(spot, .text(""), "line 1", "first line"),
      Case(spot, .gone, "no file", "BTCUSDT-1h.csv"),
      Case(mark, .cell(line: 9, column: 4, "NaN"), "line 9", "\"NaN\""),
      Case(funding, .remove(line: 140), "line 140", "is missing"),
      Case(funding, .repeated(line: 140), "line 141", "duplicate"),
      Case(funding, .swapped(line: 140), "line 140", "is missing"),
      Case(funding, .cell(line: 140, column: 1, "NaN"), "line 140", "\"NaN\""),
      Case(funding, .cell(line: 140, column: 1, "2"), "line 140", "-1 to 1"),
      Case(funding, .cell(line: 140, column: 2, "0"), "line 140", "interval_hours"),
      Case(funding, .cell(line: 140, column: 3, "-5"), "line 140", "mark_price"),
      Case(funding, .text("time,rate,interval_hours,mark_price"), "no settlement"),
      Case(funding, .gone, "no file", "BTCUSDT.csv"),
    ]

    @Test(arguments: cases)
    func aWrongFileIsNamedWithItsLine(_ wrong: Case) throws {
      let folder = TemporaryFolder()
      for file in [Self.spot, Self.perp, Self.mark, Self.funding] {
        let text = try String(
          contentsOfFile: "\(try RecordedMarket.shared.get().path)/\(file)", encoding: .utf8)
        var lines: [String]? = text.components(separatedBy: "\n")
        if file == wrong.file { lines = lines.flatMap(wrong.change.apply) }
        if let lines { try folder.write(file, lines.joined(separator: "\n")) }
      }
      let input = BadInput(
        arguments: [
          "backtest", "--no-database", "--data", folder.path, "--symbols", "BTCUSDT", "--from",
          "2024-01-01", "--to", "2024-01-20",
        ], code: 1, reasons: wrong.reasons + [wrong.file])
      try input.expectRefusal()
    }

    @Test(arguments: [("2023-12-01", "2024-01-10"), ("2024-02-01", "2024-04-01")])
    func aRangeThatIsNotCovered(from: String, to: String) throws {
      let market = try RecordedMarket.shared.get()
      let input = BadInput(
        arguments: [
          "backtest", "--no-database", "--data", market.path, "--symbols", "BTCUSDT", "--from",
          from,
          "--to", to,
        ], code: 1, reasons: ["cover", "choose a range within"])
      try input.expectRefusal()
    }

    /// Nothing is left behind by a run whose market cannot be read.
    @Test func aRunLeavesTheBooksAlone() throws {
      let books = try Books()
      let input = BadInput(
        arguments: ["run", "--database-url", books.url, "--data", "/nonexistent"], code: 1,
        reasons: ["/nonexistent"])
      try input.expectRefusal()
      #expect(try books.value("SELECT to_regclass('journal.record')") == "-")
    }
  }
}

extension BadInput {
  init(arguments: [String], code: Int32, reasons: [String]) {
    self.arguments = arguments
    self.code = code
    self.reasons = reasons
    environment = [:]
  }
}
