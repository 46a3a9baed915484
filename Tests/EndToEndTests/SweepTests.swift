import FixedPoint
import Testing
import Trading

extension EndToEnd {
  /// Many settings, fees and beginnings over one generated market.
  @Suite struct Sweeps {
    @Test func feesBeginningsAndSizesAreVaried() throws {
      let ending = try Program.run(
        "sweep", "--symbols", "BTCUSDT", "--from", "2024-01-01", "--to", "2024-02-01",
        "--grid", "fees=0.003,maker", "--grid", "from=2024-01-01,2024-01-15",
        "--grid", "sizing.notional+paper.deposit=1000+2000,2000+4000", "--benchmarks",
        "--format", "csv")
      #expect(ending.code == 0, "\(ending.errors)")
      let rows = ending.output.split(whereSeparator: \.isNewline)
        .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
      #expect(rows.count == 9)
      #expect(Array(rows[0].prefix(4)) == ["fees", "from", "sizing.notional", "paper.deposit"])
      #expect(rows[1][0] == "0.003" && rows[8][0] == "maker")
      #expect(rows[1][1] == "2024-01-01" && rows[3][1] == "2024-01-15")
      let final = try #require(rows[0].firstIndex(of: "final_equity"))
      // Each account begins with its deposit and moves by a few percent at most.
      for row in rows.dropFirst() {
        let deposit = Notional(String(row[3])) ?? .zero
        let equity = Notional(String(row[final])) ?? .zero
        #expect((equity - deposit).magnitude <= deposit.times("0.1"))
      }
      // Cash earns its rate whatever the settings; the fixed rules pay the fees of their row.
      #expect(rows[0].last == "cash_net_return_annualized")
      for row in rows.dropFirst() {
        let cash = Rate(String(row.last ?? "")) ?? .zero
        #expect((cash - "0.04").magnitude < "0.0001")
      }
      let hold = try #require(rows[0].firstIndex(of: "hold_through_net_return_annualized"))
      #expect(rows[1][hold] != rows[5][hold])
    }
  }
}
