import Accounting
import FixedPoint
import Trading

@testable import Core

extension QuantFormulas {
  static func profits(_ vector: QuantVectors.Vector) -> [String: QuantValue]? {
    if vector.inputs["step"] != nil {
      let sliced = Sizing.slices(
        vector.input("qty"), count: whole(vector, "n"), lot: vector.input("step"))
      return [
        "slices": .numbers(
          sliced.slices.map { $0.reinterpreted(as: Trading.Unit.Ratio.self) }),
        "residual": QuantValue(sliced.residual),
        "sum": QuantValue(sliced.slices.reduce(Quantity.zero, +)),
      ]
    }
    if vector.inputs["p_dec"] != nil { return shortfall(vector) }
    if vector.inputs["trades"] != nil { return lots(vector) }
    if vector.inputs["S_T"] != nil { return attribution(vector) }
    guard vector.inputs["M1"] != nil else { return nil }
    var holdings = CarryHoldings()
    holdings.spot = vector.input("q")
    holdings.perp = -holdings.spot
    holdings.mids = LegMids(spot: vector.input("S0"), perp: vector.input("M0"))
    let result = holdings.priceResult(
      to: LegMids(spot: vector.input("S1"), perp: vector.input("M1")))
    return [
      "spot": QuantValue(result.spot), "perp": QuantValue(result.perp),
      "basis_pnl": QuantValue(result.basis), "check": QuantValue(result.spot + result.perp),
    ]
  }

  private static func shortfall(_ vector: QuantVectors.Vector) -> [String: QuantValue] {
    let isSale = vector.inputs["side"] as? String == "SELL"
    let wanted: Quantity = vector.input("Q")
    let fills = vector.rows("fills").map { row in
      let quantity = row[0].reinterpreted(as: Trading.Unit.Base.self)
      return (
        quantity: isSale ? -quantity : quantity,
        price: row[1].reinterpreted(as: Trading.Unit.QuotePerBase.self)
      )
    }
    let shortfall = Shortfall(
      quantity: isSale ? -wanted : wanted, decided: vector.input("p_dec"), fills: fills,
      end: vector.input("p_end"), fees: vector.input("fees"))
    return [
      "execution": QuantValue(shortfall.execution),
      "opportunity": QuantValue(shortfall.opportunity), "fees": QuantValue(shortfall.fees),
      "total": QuantValue(shortfall.total),
    ]
  }

  private static func lots(_ vector: QuantVectors.Vector) -> [String: QuantValue] {
    var first = CostBasis(.firstInFirstOut)
    var average = CostBasis(.average)
    for row in vector.rows("trades") {
      let quantity = row[0].reinterpreted(as: Trading.Unit.Base.self)
      let price = row[1].reinterpreted(as: Trading.Unit.QuotePerBase.self)
      first.trade(quantity, at: price)
      average.trade(quantity, at: price)
    }
    let mark: Price = vector.input("mark")
    return [
      "fifo_realised": QuantValue(first.realised), "fifo_cost": QuantValue(first.cost),
      "fifo_unrealised": QuantValue(first.unrealised(at: mark)),
      "avg_realised": QuantValue(average.realised), "avg_cost": QuantValue(average.cost),
      "avg_unrealised": QuantValue(average.unrealised(at: mark)),
      "qty": QuantValue(average.quantity),
    ]
  }

  /// Two legs traded in the vector's order, each leg attributed against its own decision mids.
  private static func attribution(_ vector: QuantVectors.Vector) -> [String: QuantValue] {
    var spot = LegResult()
    var perp = LegResult()
    for trade in trades(vector, "spot") { spot.add(trade, .spot) }
    for trade in trades(vector, "perp") { perp.add(trade, .perp) }
    spot.close(at: vector.input("S_T"), .spot)
    perp.close(at: vector.input("M_T"), .perp)
    let payments = (vector.inputs["funding"] as? [[String: Any]] ?? []).map { row in
      Funding.payment(
        quantity: QuantVectors.Vector.decimal(row["q"]),
        mark: QuantVectors.Vector.decimal(row["mark"]),
        rate: QuantVectors.Vector.decimal(row["rate"]))
    }
    var whole = CarryProfit()
    whole += spot.profit
    whole += perp.profit
    whole.funding = payments.reduce(.zero, +)
    // The books value a fee in base at the mid of its fill, the vector at a price of its own; what
    // lies between moves from the fee to the price result.
    let moved = spot.restated
    // The change of equity by another road: cash and what is held at the end.
    let equity = spot.cash + perp.cash + spot.worth + perp.worth + whole.funding
    return [
      "funding": QuantValue(whole.funding),
      "spot_price": QuantValue(whole.spotPrice + moved),
      "perp_price": QuantValue(whole.perpPrice),
      "slippage_spot": QuantValue(-spot.profit.slippage),
      "slippage_perp": QuantValue(-perp.profit.slippage),
      "fees_spot": QuantValue(-spot.profit.spotFees - moved),
      "fees_perp": QuantValue(-perp.profit.perpFees), "borrow": QuantValue(-whole.interest),
      "fee_asset_price": QuantValue(Notional.zero), "delta_equity": QuantValue(equity),
      "residual": QuantValue(equity - whole.total), "end_spot_qty": QuantValue(spot.held.spot),
      "end_perp_qty": QuantValue(perp.held.perp),
    ]
  }

  private static func trades(
    _ vector: QuantVectors.Vector, _ name: String
  ) -> [[String: Any]] { vector.inputs[name] as? [[String: Any]] ?? [] }
}

/// One leg's trades through the product's attribution.
private struct LegResult {
  var profit = CarryProfit()
  var held = CarryHoldings()
  /// Σ fee in base × (its price in the vector − the decision's mid).
  var restated = Notional.zero
  /// Paid and received for trades and fees in quote units.
  var cash = Notional.zero
  /// What is held at the last price.
  var worth = Notional.zero

  mutating func add(_ row: [String: Any], _ market: Market) {
    let signed: Quantity = QuantVectors.Vector.decimal(row["q"])
    let mid: Price = QuantVectors.Vector.decimal(row["decision_mid"])
    let fee: Amount = QuantVectors.Vector.decimal(row["fee"])
    let isInBase = row["fee_asset"] as? String == "BASE"
    let reference: Price = QuantVectors.Vector.decimal(row["fee_ref_price"])
    let fill = Fill(
      instrument: InstrumentID(venue: "test", market: market, symbol: "BTCUSDT"), trade: "1",
      order: nil, venueOrder: "1", at: .distantPast, side: signed.isNegative ? .sell : .buy,
      quantity: signed.magnitude, price: QuantVectors.Vector.decimal(row["price"]), fee: fee,
      feeAsset: isInBase ? "BTC" : "USDT", realized: .zero, liquidity: .taker, cause: .order)
    let attribution = FillAttribution(
      of: fill, base: "BTC", quote: "USDT", mids: LegMids(spot: mid, perp: mid),
      isCorrective: false, holdings: held)
    held = attribution.holdings
    profit += attribution.profit
    // Without the realised result of the venue, a closed perpetual leaves its cost here.
    profit.other = .zero
    cash -= fill.price.notional(of: signed)
    if !isInBase { cash -= fee.reinterpreted(as: Trading.Unit.Quote.self) }
    if isInBase {
      restated += (reference - mid).notional(of: fee.reinterpreted(as: Trading.Unit.Base.self))
    }
  }

  mutating func close(at price: Price, _ market: Market) {
    let result = held.priceResult(to: LegMids(spot: price, perp: price))
    worth = price.notional(of: market == .spot ? held.spot : held.perp)
    profit.spotPrice += result.spot
    profit.perpPrice += result.perp
    profit.basis += result.basis
    profit.directional += result.directional
  }
}
