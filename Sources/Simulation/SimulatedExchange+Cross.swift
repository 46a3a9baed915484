import FixedPoint
import Trading

/// The account behind the positions that stand on one whole wallet, in its quote asset.
struct CrossAccount {
  /// The wallet without collateral of isolated positions, with unrealised profit and what other
  /// assets count.
  var equity: Amount = .zero
  /// Initial margin of the positions at mark.
  var initial: Amount = .zero
  /// Maintenance margin of the positions at mark.
  var maintenance: Amount = .zero
  /// What other assets count.
  var collateral: Amount = .zero
}

extension SimulatedExchange {
  /// The account behind the cross positions that settle in a purse.
  func crossAccount(_ purse: Int) -> CrossAccount {
    var account = CrossAccount()
    account.collateral = collateral(for: purse)
    account.equity = purses[purse].total - purses[purse].isolated + account.collateral
    for place in crossPlaces where states[place].quotePurse == purse {
      let holding = states[place].holding
      let notional = states[place].mark.notional(of: holding.quantity.magnitude)
      account.equity += holding.unrealized(at: states[place].mark).amount
      account.initial += notional.divided(by: settings[place].leverage).amount
      account.maintenance += maintenance(place, notional).amount
    }
    return account
  }

  /// What new margin can be taken from: the free part, less what cross positions need of it.
  func available(_ purse: Int) -> Amount {
    if crossPlaces.isEmpty && rules.collateral.isEmpty { return purses[purse].free }
    let account = crossAccount(purse)
    return account.equity - account.initial - purses[purse].locked
  }

  /// What an order on an instrument may use of a purse: on spot never more than lies there.
  func spendable(_ purse: Int, on place: Int) -> Amount {
    if crossPlaces.isEmpty && rules.collateral.isEmpty { return purses[purse].free }
    if states[place].isPerp { return available(purse) }
    let free = purses[purse].free
    // What is bought counts as collateral too, so only a quote that margin needs is held back.
    return purse == states[place].quotePurse && rules.collateral.isEmpty
      ? min(free, available(purse)) : free
  }

  /// After a change of a cross position: it has no margin and no liquidation price of its own.
  mutating func standOnWallet(_ place: Int) {
    states[place].clearLiquidationPrice()
    let position = crossPlaces.firstPlace { $0 >= place }
    let isListed = position < crossPlaces.count && crossPlaces[position] == place
    let isOpen = !states[place].holding.quantity.isZero
    if isOpen && !isListed { crossPlaces.insert(place, at: position) }
    if !isOpen && isListed { crossPlaces.remove(at: position) }
  }

  /// Liquidates cross positions, the one with the largest maintenance margin first, until the
  /// maintenance margin is below the equity.
  mutating func liquidateCross(at time: Timestamp, into events: inout [VenueEvent]) {
    var seen: [Int] = []
    for place in crossPlaces where !seen.contains(states[place].quotePurse) {
      let purse = states[place].quotePurse
      seen.append(purse)
      liquidateCross(purse, at: time, into: &events)
    }
  }

  private mutating func liquidateCross(
    _ purse: Int, at time: Timestamp, into events: inout [VenueEvent]
  ) {
    var account = crossAccount(purse)
    while account.maintenance >= account.equity, let worst = largestCross(purse) {
      for index in resting where orders[index].lockedIn == purse {
        finish(index, .cancelled, into: &events)
      }
      force(
        worst, -states[worst].holding.quantity, feeRate: models.charges.liquidationFee,
        .liquidation, at: time, into: &events)
      account = crossAccount(purse)
    }
  }

  /// The mark at which a position would be liquidated, all else equal.
  ///
  /// In cross margin: where equity and maintenance margin meet, with E equity, M maintenance of the
  /// other positions, k the base units that equity moves with (position and, in a unified account,
  /// what counts of the same asset), q the position, rate m and deduction d of the tier:
  /// (M − d − E + mark × k) / (k − |q| × m).
  func crossLiquidationPrice(_ place: Int) -> Price? {
    let state = states[place]
    let quantity = state.holding.quantity
    if quantity.isZero { return nil }
    let account = crossAccount(state.quotePurse)
    let instrument = universe.instruments[place]
    let own = maintenance(place, state.mark.notional(of: quantity.magnitude))
    let others = account.maintenance - own.amount
    let moving = quantity + countedBase(of: instrument, place)
    let fixed =
      (others - account.equity).reinterpreted(as: Unit.Quote.self) + state.mark.notional(of: moving)
    var result: Price?
    for (step, tier) in instrument.marginTiers.enumerated() {
      let divisor = moving - quantity.magnitude.times(tier.maintenanceRate, .halfEven)
      // A quotient beyond the range would stop the process: such a price is out of reach.
      guard divisor.magnitude > "0.000000001" else { return nil }
      let limit = (fixed - tier.deduction).price(per: divisor)
      guard limit.isPositive else { return nil }
      result = limit
      let isLast = step + 1 == instrument.marginTiers.count
      if isLast || limit.notional(of: quantity.magnitude) < instrument.marginTiers[step + 1].floor {
        break
      }
    }
    return result
  }

  func maintenance(_ place: Int, _ notional: Notional) -> Notional {
    guard let tier = universe.instruments[place].marginTier(for: notional) else { return .zero }
    return max(notional.times(tier.maintenanceRate) - tier.deduction, .zero)
  }

  private func largestCross(_ purse: Int) -> Int? {
    crossPlaces.filter { states[$0].quotePurse == purse }
      .max { left, right in size(left) < size(right) }
  }

  private func size(_ place: Int) -> Notional {
    maintenance(place, states[place].mark.notional(of: states[place].holding.quantity.magnitude))
  }

  /// What other assets of a unified account count, in the quote of a purse.
  private func collateral(for purse: Int) -> Amount {
    if layout != .unified || rules.collateral.isEmpty { return .zero }
    var sum = Amount.zero
    for counted in rules.collateral where counted.asset != purses[purse].asset {
      guard
        let place = universe.instruments.indices.first(where: {
          !states[$0].isPerp && states[$0].quotePurse == purse
            && universe.instruments[$0].base == counted.asset
        })
      else { continue }
      let held = max(purses[states[place].basePurse].total, .zero)
      // The purse holds the base asset, so its amount is a quantity.
      let value = states[place].price.notional(of: held.reinterpreted(as: Unit.Base.self))
      sum += value.times(counted.rate).amount
    }
    return sum
  }

  private func countedBase(of instrument: Instrument, _ place: Int) -> Quantity {
    guard layout == .unified,
      let counted = rules.collateral.first(where: { $0.asset == instrument.base }),
      let spot = universe.instruments.indices.first(where: {
        !states[$0].isPerp && universe.instruments[$0].base == instrument.base
      })
    else { return .zero }
    let held = max(purses[states[spot].basePurse].total, .zero)
    return held.reinterpreted(as: Unit.Base.self).times(counted.rate, .down)
  }
}
