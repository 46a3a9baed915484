import FixedPoint
import Trading
import Wire

// The spot account.
extension BinanceSpotFront {
  func spotAccount(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let omitsZero = try call.parameters.flag("omitZeroBalances") ?? false
    let fees = symbols.first?.instrument.fees
    let (maker, taker) = (fees?.maker ?? .zero, fees?.taker ?? .zero)
    return [
      "makerCommission": Self.basisPoints(maker), "takerCommission": Self.basisPoints(taker),
      "buyerCommission": 0, "sellerCommission": 0,
      "commissionRates": Self.rates(maker, taker),
      "canTrade": true, "canWithdraw": true, "canDeposit": true, "brokered": false,
      "requireSelfTradePrevention": false, "preventSor": false,
      "updateTime": stamp(venue.ledger.last { $0.wallet == .spot }?.at ?? venue.now),
      "accountType": "SPOT", "balances": .array(balanceRows(omitsZero: omitsZero)),
      "permissions": ["SPOT"], "uid": 354_937_868,
    ]
  }

  func spotCommission(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    let fees = symbol.instrument.fees
    return [
      "symbol": symbol.nameJSON, "standardCommission": Self.rates(fees.maker, fees.taker),
      "specialCommission": Self.rates(.zero, .zero), "taxCommission": Self.rates(.zero, .zero),
      "discount": [
        "enabledForAccount": .bool(isBurning), "enabledForSymbol": true, "discountAsset": "BNB",
        "discount": "0.75000000",
      ],
    ]
  }

  /// Assets of the spot wallet; those never held are there with zero.
  private func balanceRows(omitsZero: Bool) -> [JSON] {
    var held = venue.balances(in: .spot)
    if omitsZero {
      held.removeAll { $0.total.isZero }
    } else {
      var known = Set(held.map(\.asset))
      for symbol in symbols {
        for asset in [symbol.instrument.base, symbol.instrument.quote]
        where known.insert(asset).inserted {
          held.append(venue.balance(of: asset, in: .spot))
        }
      }
    }
    return held.map { balance in
      [
        "asset": .string(balance.asset.rawValue), "free": balance.free.eightJSON,
        "locked": balance.locked.eightJSON,
      ]
    }
  }

  private static func rates(_ maker: Rate, _ taker: Rate) -> JSON {
    [
      "maker": maker.eightJSON, "taker": taker.eightJSON, "buyer": "0.00000000",
      "seller": "0.00000000",
    ]
  }

  private static func basisPoints(_ rate: Rate) -> JSON {
    .string(rate.times(10_000).rounded(places: 0, .halfUp).description).asNumber
  }
}

extension JSON {
  /// The same digits without quotes.
  fileprivate var asNumber: JSON { .number(text ?? "0") }
}
