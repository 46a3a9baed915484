import FixedPoint
import Trading

/// What a trade costs and who pays.
struct Charge {
  /// Above zero when it costs.
  let amount: Amount
  /// The purse that it is taken from.
  let purse: Int
}

extension SimulatedExchange {
  /// The fee of a trade: in the token while there is enough of it, else in the asset received by a
  /// spot buyer where the instrument says so, else in quote.
  func charge(
    _ place: Int, _ side: Side, _ quantity: Quantity, at price: Price, rate: Rate
  ) -> Charge {
    if let token = tokenCharge(place, quantity, at: price, rate: rate) { return token }
    let isInBase =
      !states[place].isPerp && side == .buy
      && universe.instruments[place].fees.isTakenFromReceivedAsset
    if isInBase {
      let fee = quantity.times(rate, .halfEven)
        .rounded(places: models.charges.feePlaces, .halfEven)
      return Charge(amount: fee.amount, purse: states[place].basePurse)
    }
    let fee = fee(of: price.notional(of: quantity), rate: rate)
    return Charge(amount: fee.amount, purse: states[place].quotePurse)
  }

  private func tokenCharge(
    _ place: Int, _ quantity: Quantity, at price: Price, rate: Rate
  ) -> Charge? {
    let isPerp = states[place].isPerp
    guard let token = rules.tokenFee, rate.isPositive,
      let discount = isPerp ? token.perpDiscount : token.spotDiscount,
      universe.instruments[place].base != token.asset,
      let purse = purses.existing(token.asset, in: layout.wallet(of: isPerp ? .perp : .spot))
    else { return nil }
    let value = price.notional(of: quantity).times(rate).times(.one - discount)
    let fee = value.quantity(at: tokenPrice(token), .halfEven)
      .rounded(places: models.charges.feePlaces, .halfEven)
    guard fee.isPositive, fee.amount <= purses[purse].free else { return nil }
    return Charge(amount: fee.amount, purse: purse)
  }

  private func tokenPrice(_ token: TokenFee) -> Price {
    let listed = universe.instruments.indices.first {
      !states[$0].isPerp && universe.instruments[$0].base == token.asset
        && !states[$0].price.isZero
    }
    return listed.map { states[$0].price } ?? token.price
  }
}

extension Purses {
  /// The place of an asset in a wallet; nil when there is none.
  func existing(_ asset: AssetID, in wallet: Wallet) -> Int? {
    all.firstIndex { $0.wallet == wallet && $0.asset == asset }
  }
}
