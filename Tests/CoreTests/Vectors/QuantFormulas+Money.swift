import Accounting
import Backtest
import FixedPoint
import Trading

@testable import Core

extension QuantFormulas {
  static func hedges(_ vector: QuantVectors.Vector) -> [String: QuantValue]? {
    if vector.inputs["rho"] != nil {
      let long: Quantity = vector.input("L")
      // Where the formula explodes the short is as large as the long.
      let raw =
        HedgeRatio.tilted(
          long: long, beta: vector.input("beta"), correlation: vector.input("rho"),
          confidence: vector.input("C")) ?? long
      let safe = HedgeRatio.clipped(raw, long: long, width: vector.input("d"))
      return [
        "S_raw": QuantValue(raw), "residual_delta": QuantValue(long - raw),
        "S_safe": QuantValue(safe), "residual_safe": QuantValue(long - safe),
      ]
    }
    if vector.inputs["buy_qty"] != nil {
      let hedge = Sizing.hedge(
        bought: vector.input("buy_qty"), feeInBase: vector.input("base_fee"),
        perpLot: vector.input("perp_step"))
      return [
        "spot_net": QuantValue(hedge.spot), "hedge": QuantValue(hedge.hedge),
        "dust": QuantValue(hedge.dust),
      ]
    }
    if vector.inputs["Q_coin"] != nil {
      let coins: Quantity = vector.input("Q_coin")
      let contract: Notional = vector.input("contract_usd")
      let contracts = HedgeRatio.inverseContracts(
        coins: coins, price: vector.input("S0"), contract: contract)
      let profit = HedgeRatio.inverseProfit(
        contracts: contracts, contract: contract, before: vector.input("S0"),
        after: vector.input("S1"))
      let after: Price = vector.input("S1")
      return [
        "contracts": QuantValue(contracts), "coin_pnl": QuantValue(profit),
        "usd_value": QuantValue(after.notional(of: coins + profit)),
      ]
    }
    return bands(vector)
  }

  private static func bands(_ vector: QuantVectors.Vector) -> [String: QuantValue]? {
    if vector.inputs["Gamma"] != nil {
      return [
        "h": .number(
          RebalanceBand.whalleyWilmott(
            cost: vector.input("cost"), price: vector.input("S"), gamma: vector.input("Gamma"),
            riskAversion: vector.input("gamma")))
      ]
    }
    if vector.inputs["k"] != nil {
      return [
        "b": .number(
          RebalanceBand.proportional(
            cost: vector.input("k"), noise: vector.input("eta"), penalty: vector.input("lam")))
      ]
    }
    guard vector.inputs["K"] != nil else { return nil }
    return [
      "b": .number(
        RebalanceBand.fixed(
          cost: vector.input("K"), noise: vector.input("eta"), penalty: vector.input("lam")))
    ]
  }

  static func margins(_ vector: QuantVectors.Vector) -> [String: QuantValue]? {
    if vector.inputs["loss"] != nil {
      let fraction = BetSize.kelly(
        probability: vector.input("p"), gain: vector.input("gain"), loss: vector.input("loss"))
      return [
        "f": .number(fraction),
        "quarter": .number(fraction.divided(by: 4, rounding: .halfEven)),
        "used": .number(BetSize.quarterKelly(fraction, cap: "5")),
      ]
    }
    if vector.inputs["target_vol"] != nil {
      return [
        "notional": QuantValue(
          BetSize.notional(
            equity: vector.input("equity"), targetVolatility: vector.input("target_vol"),
            volatility: vector.input("vol"), leverage: vector.input("lev_cap"),
            depth: vector.input("depth_cap")))
      ]
    }
    let rate: Rate = vector.input("mmr")
    if vector.inputs["cap"] != nil {
      let cap: Rate = vector.input("cap")
      let buffer: Rate = vector.input("B")
      return [
        "L_raw": .number(
          Liquidation.maximumLeverage(buffer: buffer, maintenanceRate: rate, cap: "1000000")),
        "L_max": .number(
          Liquidation.maximumLeverage(buffer: buffer, maintenanceRate: rate, cap: cap)),
      ]
    }
    return liquidation(vector, rate)
  }

  private static func liquidation(
    _ vector: QuantVectors.Vector, _ rate: Rate
  ) -> [String: QuantValue] {
    let price: Price = vector.input("p0")
    let isIsolated = vector.inputs["W"] != nil
    let quantity: Quantity = isIsolated ? vector.input("q") : .one
    let entry = price.notional(of: quantity)
    let margin: Notional =
      isIsolated
      ? vector.input("W") : entry.times(Rate.one.divided(by: vector.input("L")))
    let deduction: Notional = isIsolated ? vector.input("cum") : .zero
    let tiers = [
      MarginTier(floor: .zero, maintenanceRate: rate, deduction: deduction, maximumLeverage: "100")
    ]
    let mark: Price = isIsolated ? vector.input("mark") : price
    let liquidation = Liquidation.price(
      margin: margin, quantity: quantity, entry: entry, tiers: tiers)
    var result: [String: QuantValue] = [
      "liq_price": QuantValue(liquidation),
      "buffer": .number(Liquidation.distance(liquidation: liquidation, mark: mark)),
    ]
    if isIsolated {
      result["topup"] = QuantValue(
        Liquidation.topUp(
          margin: margin, quantity: quantity, entry: entry, mark: mark, buffer: vector.input("B"),
          tiers: tiers))
    }
    return result
  }

  static func metrics(_ vector: QuantVectors.Vector) -> [String: QuantValue]? {
    if vector.inputs["equity"] != nil {
      let equity: [Notional] = vector.list("equity")
      let periods = whole(vector, "periods_per_year")
      return [
        "sharpe": .number(Performance.sharpe(equity, periodsPerYear: periods) ?? .zero),
        "max_drawdown": .number(Performance.maximumDrawdown(equity)),
        "total_return": .number((equity.last ?? .one).ratio(to: equity[0]) - .one),
        "apr_simple": .number(
          Performance.simpleAnnualReturn(equity, periodsPerYear: periods) ?? .zero),
      ]
    }
    guard vector.inputs["N"] != nil else { return nil }
    let notional: Notional = vector.input("N")
    let capital = Sizing.capital(notional: notional, leverage: vector.input("L"))
    func rate(on base: Notional) -> QuantValue {
      .number(
        Performance.returnOnCapital(
          funding: vector.input("funding"), costs: vector.input("costs"), capital: base,
          days: whole(vector, "days")))
    }
    return [
      "capital": QuantValue(capital), "apr_capital": rate(on: capital),
      "apr_notional": rate(on: notional),
    ]
  }
}
