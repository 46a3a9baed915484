import Accounting
import FixedPoint
import Testing
import Trading

@Suite("Attribution")
struct AttributionTests {
  private let spot = InstrumentID(venue: "binance", market: .spot, symbol: "BTCUSDT")
  private let perp = InstrumentID(venue: "binance", market: .perp, symbol: "BTCUSDT")

  private func fill(
    _ instrument: InstrumentID, _ signed: Quantity, at price: Price, fee: Amount,
    in asset: AssetID, realized: Notional = .zero
  ) -> Fill {
    Fill(
      instrument: instrument, trade: "1", order: nil, venueOrder: "1", at: .distantPast,
      side: signed.isNegative ? .sell : .buy, quantity: signed.magnitude, price: price, fee: fee,
      feeAsset: asset, realized: realized, liquidity: .taker, cause: .order)
  }

  /// The round trip of vector I01: fee in base on the way in, three fundings of which one is paid.
  ///
  /// The vector values the fee in base at the fill price, we at the mid, as the identity between
  /// two fills demands: 0.001 × (60 006 − 60 000) moves from the fee to the price result, and no
  /// other part changes.
  @Test("I01 round trip")
  func roundTrip() {
    var holdings = CarryHoldings()
    var profit = CarryProfit()
    let steps: [(Fill, LegMids)] = [
      (
        fill(spot, "1", at: "60006", fee: "0.001", in: "BTC"),
        LegMids(spot: "60000", perp: "60040")
      ),
      (
        fill(perp, "-0.999", at: "60035", fee: "29.9874825", in: "USDT"),
        LegMids(spot: "60000", perp: "60040")
      ),
      (
        fill(
          perp, "0.999", at: "61212", fee: "30.575394", in: "USDT", realized: "-1175.823"),
        LegMids(spot: "61200", perp: "61205")
      ),
      (
        fill(spot, "-0.999", at: "61190", fee: "61.12881", in: "USDT"),
        LegMids(spot: "61200", perp: "61205")
      ),
    ]
    for (fill, mids) in steps {
      let attribution = FillAttribution(
        of: fill, base: "BTC", quote: "USDT", mids: mids, isCorrective: false, holdings: holdings)
      holdings = attribution.holdings
      profit += attribution.profit
    }
    profit.funding = "18.07191"
    #expect(profit.total == "-156.6327765")
    #expect(profit.spotPrice == "1198.8")
    #expect(profit.spotFees == "121.12881")
    #expect(profit.perpPrice == "-1163.835")
    #expect(profit.slippage == "27.978")
    #expect(profit.perpFees == "60.5628765")
    #expect(profit.basis == "34.965")
    #expect(profit.directional == .zero)
    #expect(profit.other == .zero)
    #expect(holdings.spot.isZero && holdings.perp.isZero && holdings.perpCost.isZero)
  }

  @Test("I03 equal quantities earn the change of the basis")
  func basis() {
    var holdings = CarryHoldings()
    holdings.spot = "0.75"
    holdings.perp = "-0.75"
    holdings.mids = LegMids(spot: "60000", perp: "60060")
    let result = holdings.priceResult(to: LegMids(spot: "63150", perp: "63130"))
    #expect(result.spot == "2362.5")
    #expect(result.perp == "-2302.5")
    #expect(result.basis == "60")
    #expect(result.directional == .zero)
  }

  @Test("What is not matched is directional, and both splits sum to the same")
  func directional() {
    var holdings = CarryHoldings()
    holdings.spot = "1.25"
    holdings.perp = "-1"
    holdings.mids = LegMids(spot: "100", perp: "101")
    let result = holdings.priceResult(to: LegMids(spot: "110", perp: "112"))
    #expect(result.basis == "-1")
    #expect(result.directional == "2.5")
    #expect(result.basis + result.directional == result.spot + result.perp)
  }

  @Test("What a hedge ratio leaves unmatched by choice is a share of what is directional")
  func tilt() {
    var holdings = CarryHoldings()
    holdings.spot = "1"
    holdings.mids = LegMids(spot: "100", perp: "101")
    let mids = LegMids(spot: "110", perp: "112")
    holdings.perp = "-1.02"
    #expect(holdings.tiltResult(to: mids, hedge: "1.02") == "-0.22")
    #expect(holdings.priceResult(to: mids).directional == "-0.22")
    holdings.perp = "-0.98"
    #expect(holdings.tiltResult(to: mids, hedge: "0.98") == "0.2")
    #expect(holdings.priceResult(to: mids).directional == "0.2")
    #expect(holdings.tiltResult(to: mids, hedge: .one) == nil)
  }

  @Test("H03 slippage against the decision mid")
  func slippage() {
    let mids = LegMids(spot: "100", perp: "100")
    let trades: [(Quantity, Price)] = [("4", "100.05"), ("3", "100.2")]
    let fills = trades.map { fill(spot, $0.0, at: $0.1, fee: .zero, in: "USDT") }
    let cost = fills.reduce(Notional.zero) {
      $0
        + FillAttribution(
          of: $1, base: "BTC", quote: "USDT", mids: mids, isCorrective: false,
          holdings: CarryHoldings()
        ).profit.slippage
    }
    #expect(cost == "0.8")
  }

  @Test("A loss that the venue did not collect stays with the carry as other")
  func bankruptcy() {
    var holdings = CarryHoldings()
    holdings.perp = "-1"
    holdings.perpCost = "-100"
    holdings.mids = LegMids(spot: "100", perp: "100")
    let forced = fill(perp, "1", at: "160", fee: .zero, in: "USDT", realized: "-50")
    let attribution = FillAttribution(
      of: forced, base: "BTC", quote: "USDT", mids: LegMids(spot: "160", perp: "160"),
      isCorrective: false,
      holdings: holdings)
    #expect(attribution.profit.perpPrice == "-60")
    #expect(attribution.profit.other == "10")
    #expect(attribution.profit.total == "-50")
    #expect(attribution.holdings.perpCost.isZero)
  }
}

@Suite("Entries")
struct BookingTests {
  private let fill = Fill(
    instrument: InstrumentID(venue: "binance", market: .spot, symbol: "BTCUSDT"), trade: "8812",
    order: nil, venueOrder: "1", at: .distantPast, side: .buy, quantity: "0.5", price: "60000",
    fee: "0.0005", feeAsset: "BTC", realized: .zero, liquidity: .taker, cause: .order)

  @Test func aSpotFillBalancesForEachAsset() {
    let entry = Booking.spotFill(
      fill, base: "BTC", quote: "USDT", cost: "30000", wallet: .spot, carry: CarryID(7))
    #expect(entry.isBalanced)
    let text = PlainText.hledger(
      day: "2026-03-04", description: "spot_fill \(entry.sourceKey)",
      postings: entry.postings.map { ($0.account.text, $0.asset.rawValue, $0.amount) })
    #expect(
      text == """
        2026-03-04 spot_fill binance:fill:spot:BTCUSDT:8812
            assets:binance:spot  0.5 BTC
            equity:conversion  -0.5 BTC
            equity:conversion  30000 USDT
            assets:binance:spot  -30000 USDT
            expenses:fees:trading  0.0005 BTC
            assets:binance:spot  -0.0005 BTC


        """)
  }

  @Test func anEntryThatDoesNotBalanceStopsTheProcess() async {
    await #expect(processExitsWith: .failure) {
      _ = JournalEntry(
        sourceKey: "x", at: .distantPast, kind: .funding, venue: "binance", carry: nil,
        postings: [Posting(.funding, "USDT", "1")])
    }
  }

  @Test func namesOfAccountsReadBack() {
    let names: [AccountName] = [
      .assets("binance", .spot), .assets("bybit", .unified), .dust("binance"), .conversion,
      .opening, .funding, .trading, .fees, .liquidation,
    ]
    for name in names { #expect(AccountName(text: name.text) == name) }
    #expect(AccountName(text: "assets:binance:cellar") == nil)
  }
}
