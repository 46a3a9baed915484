import Foundation
import Testing

extension EndToEnd {
  /// Every report in every format, over the same books.
  @Suite struct Reports {
    private static let kinds = [
      ["funding"], ["funding", "--by", "day"], ["funding", "--by", "carry"],
      ["funding", "--by", "symbol"], ["funding", "--by", "venue"], ["pnl"],
      ["pnl", "--by", "day"], ["pnl", "--by", "carry"], ["pnl", "--by", "symbol"],
      ["pnl", "--by", "venue"], ["legs"],
      ["payments"], ["rebalances"], ["execution"], ["equity"],
    ]

    @Test(arguments: kinds)
    func itsThreeFormatsSayTheSame(kind: [String]) throws {
      let objects = try json(kind)
      let csv = try output(kind, "csv")
      let table = try output(kind, "table")
      let lines = csv.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
      #expect(lines.last == "", "the last line ends as every other does")
      #expect(lines.count == objects.count + 2)
      let columns = lines[0].split(separator: ",").map(String.init)
      for (object, line) in zip(objects, lines.dropFirst()) {
        #expect(Set(object.keys) == Set(columns))
        let cells = columns.map { Self.cell(object[$0]) }
        #expect(line == cells.joined(separator: ","))
      }
      if kind == ["rebalances"] {
        #expect(objects.isEmpty && table == "(none)\n")
      } else {
        #expect(!objects.isEmpty)
        #expect(table.split(separator: "\n").count >= objects.count + 2)
      }
    }

    /// Amounts are text, times end in Z, and nothing but counts is a JSON number.
    @Test(arguments: kinds + [["status"]])
    func amountsAreTextAndTimesAreUTC(kind: [String]) throws {
      let counts: Set = [
        "payments", "carries", "carry_id", "interval_hours", "break_even_settlements",
      ]
      for object in try json(kind) {
        for (key, value) in object {
          #expect(key == key.lowercased())
          if counts.contains(key) {
            #expect(value is Int || value is NSNull, "\(key)")
          } else {
            #expect(value is String || value is NSNull, "\(key)")
          }
          if key.hasSuffix("_at") || key == "at", let text = value as? String {
            #expect(
              text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/) != nil, "\(text)")
          }
        }
      }
    }

    @Test func groupedReportsAddUpToTheSame() throws {
      let books = try History.books.get()
      let paid = try books.value("SELECT trim_scale(sum(amount)) FROM report.funding_payment")
      for grouping in ["day", "carry", "symbol", "venue"] {
        let rows = try json(["funding", "--by", grouping])
        let sum = rows.compactMap { ($0["amount"] as? String).flatMap { Decimal(string: $0) } }
          .reduce(Decimal.zero, +)
        #expect(sum == Decimal(string: paid), "\(grouping)")
      }
      let total = try books.value("SELECT trim_scale(sum(total)) FROM report.carry_pnl")
      for grouping in ["carry", "symbol", "venue"] {
        let rows = try json(["pnl", "--by", grouping])
        let sum = rows.compactMap { ($0["total"] as? String).flatMap { Decimal(string: $0) } }
          .reduce(Decimal.zero, +)
        #expect(sum == Decimal(string: total), "\(grouping)")
        #expect(rows.allSatisfy { $0["unexplained"] as? String == "0" })
      }
    }

    /// From is inclusive, to is exclusive: a moment belongs to one of two adjoining ranges.
    @Test func rangesAreHalfOpen() throws {
      let border = "2024-01-10"
      for kind in ["payments", "legs", "execution", "equity"] {
        let all = try json([kind]).count
        let before = try json([kind, "--to", border])
        let after = try json([kind, "--from", border])
        #expect(before.count + after.count == all, "\(kind)")
        #expect(!before.isEmpty && !after.isEmpty)
      }
      let midnight = try json(["payments", "--from", border, "--to", "2024-01-10T00:00:01Z"])
      #expect(midnight.count == 1)
    }

    private func output(_ kind: [String], _ format: String) throws -> String {
      let books = try History.books.get()
      let command = kind == ["status"] ? kind : ["report"] + kind
      let ending = try Program(
        command + ["--database-url", books.url, "--format", format]
      ).wait()
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(ending.errors == "")
      return ending.output
    }

    private func json(_ kind: [String]) throws -> [[String: Any]] {
      let data = Data(try output(kind, "json").utf8)
      return try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
    }

    private static func cell(_ value: Any?) -> String {
      switch value {
      case let text as String: text.contains(",") ? "\"\(text)\"" : text
      case let number as Int: String(number)
      default: ""
      }
    }
  }
}
