import TestKit
import Testing

@testable import benchmarks

/// The fixed workload for sixty days: an independent program of plain integers says what must come out.
@Suite struct WorkloadTests {
  @Test func theEngineAgreesWithPlainIntegersToTheLastDigit() throws {
    let folder = TemporaryFolder()
    for symbol in 0...1 {
      try WorkloadMarket(seed: 20_250_101 + UInt64(symbol), days: 60)
        .write(symbol: symbol, into: folder)
    }
    let figures = WorkloadRun(try RecordedMarkets(folder: folder.path, symbols: 0...1)).figures()
    #expect(figures.map(\.exact) == [Self.first, Self.second])
  }

  private static let first = """
    {
     "entries": 1,
     "exits": 1,
     "rebalances": 2,
     "fills": 6,
     "funding_payments": 80,
     "funding": "986.9144073935964",
     "fees_spot": "181.1428916",
     "fees_perp": "91.088377735",
     "slippage": "36.33682",
     "spot_pnl": "-18834.54496",
     "perp_pnl": "18785.43649",
     "final_equity": "200629.2378480585964",
     "open_spot_qty": "0",
     "open_perp_qty": "0"
    }
    """
  private static let second = """
    {
     "entries": 2,
     "exits": 1,
     "rebalances": 16,
     "fills": 22,
     "funding_payments": 156,
     "funding": "3043.5039681236261",
     "fees_spot": "288.6046719",
     "fees_perp": "148.0762516",
     "slippage": "58.47431",
     "spot_pnl": "-15994.53471",
     "perp_pnl": "15511.80237",
     "final_equity": "202065.6163946236261",
     "open_spot_qty": "1.985",
     "open_perp_qty": "-1.975"
    }
    """
}
