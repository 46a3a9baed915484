public import FixedPoint
public import Trading

/// The mid prices of both legs at one moment.
public struct LegMids: Hashable, Codable, Sendable, BitwiseCopyable {
  /// Mid of the spot leg.
  public let spot: Price
  /// Mid of the perpetual leg.
  public let perp: Price

  /// States both mids.
  public init(spot: Price, perp: Price) {
    self.spot = spot
    self.perp = perp
  }
}

/// What a carry earned, by cause, in quote units.
///
/// Gains are positive; fees, slippage and interest are positive when they cost. The parts sum to
/// the change of equity exactly, because only sums and products occur. Source: P&L attribution
/// against the decision mid, with the price part split into a matched and an unmatched quantity.
public struct CarryProfit: Hashable, Codable, Sendable, BitwiseCopyable {
  /// Funding received less funding paid.
  public var funding: Notional = .zero
  /// Price result of the matched quantity: the change of spot minus perpetual.
  public var basis: Notional = .zero
  /// Price result of what one leg held more than the other.
  public var directional: Notional = .zero
  /// Price result of the spot leg, between mids.
  public var spotPrice: Notional = .zero
  /// Price result of the perpetual leg, between mids.
  public var perpPrice: Notional = .zero
  /// Fees of the spot leg; a fee in base is valued at the mid of its fill.
  public var spotFees: Notional = .zero
  /// Fees of the perpetual leg, liquidation charges included.
  public var perpFees: Notional = .zero
  /// Fill prices against the mids at the fills, both legs.
  public var slippage: Notional = .zero
  /// Interest on borrowed assets.
  public var interest: Notional = .zero
  /// What fits nowhere else: dust left behind, losses that a venue did not collect.
  public var other: Notional = .zero
  /// The share of fees and slippage that rebalancing and hedging caused; not added again.
  public var rebalanceCost: Notional = .zero

  /// The share of `directional` that a hedge ratio other than one meant, not added again; nil where
  /// the hedge was neutral.
  public var tilt: Notional?

  /// Nothing earned yet.
  public init() {}

  /// Fees, slippage and interest together.
  public var costs: Notional { spotFees + perpFees + slippage + interest }

  /// The sum of all parts: the change of equity.
  public var total: Notional { funding + basis + directional - costs + other }
}

/// What a carry holds, by its own fills.
public struct CarryHoldings: Hashable, Codable, Sendable, BitwiseCopyable {
  /// Spot, base units, net of fees taken in base.
  public var spot: Quantity = .zero
  /// Perpetual, base units; short is negative.
  public var perp: Quantity = .zero
  /// Σ price × signed quantity of the open perpetual position, quote units.
  public var perpCost: Notional = .zero
  /// The mids at the last own fill; nil before the first.
  public var mids: LegMids?

  /// Nothing held.
  public init() {}

  /// Spot plus perpetual: what is not hedged, base units.
  public var delta: Quantity { spot + perp }

  /// The quantity that both legs hold, base units.
  public var matched: Quantity { max(.zero, min(spot, -perp)) }

  /// The price result of what a hedge ratio leaves unmatched by choice, when the mids move to new
  /// ones; nil where it is one.
  ///
  /// Sold beyond spot it moves with the perpetual, held beyond the short with spot.
  ///
  /// - Parameter hedge: base units of the perpetual sold per unit of spot.
  public func tiltResult(to mids: LegMids, hedge: Rate) -> Notional? {
    guard hedge != .one, let before = self.mids else { return nil }
    let tilt = perp - perp.divided(by: hedge, .halfEven)
    let move = tilt.isNegative ? mids.perp - before.perp : mids.spot - before.spot
    return move.notional(of: tilt)
  }

  /// The price result of both legs when the mids move to new ones.
  public func priceResult(
    to mids: LegMids
  ) -> (basis: Notional, directional: Notional, spot: Notional, perp: Notional) {
    guard let before = self.mids else { return (.zero, .zero, .zero, .zero) }
    let spotMove = mids.spot - before.spot
    let perpMove = mids.perp - before.perp
    let spotResult = spotMove.notional(of: spot)
    let perpResult = perpMove.notional(of: perp)
    let basis = (spotMove - perpMove).notional(of: matched)
    return (basis, spotResult + perpResult - basis, spotResult, perpResult)
  }
}

/// The effect of one fill on a carry's books.
public struct FillAttribution: Hashable, Codable, Sendable {
  /// The price result since the previous own fill, and this fill's fee and slippage.
  public let profit: CarryProfit
  /// The fee in quote units.
  public let feeValue: Notional
  /// What is held after the fill.
  public let holdings: CarryHoldings

  /// Attributes a fill.
  ///
  /// - Parameters:
  ///   - fill: the execution.
  ///   - base: the asset traded.
  ///   - quote: the asset it is paid in.
  ///   - mids: both mids at the fill.
  ///   - feePrice: quote per unit of the fee's asset where that is neither; nil when unknown: the
  ///     fee then counts as nothing here, and the books hold its amount.
  ///   - isCorrective: whether it rebalances or hedges.
  ///   - hedge: base units of the perpetual sold per unit of spot.
  public init(
    of fill: Fill, base: AssetID, quote: AssetID, mids: LegMids, feePrice: Price? = nil,
    isCorrective: Bool, holdings: CarryHoldings, hedge: Rate = .one
  ) {
    let (basis, directional, spotResult, perpResult) = holdings.priceResult(to: mids)
    var profit = CarryProfit()
    profit.basis = basis
    profit.directional = directional
    profit.tilt = holdings.tiltResult(to: mids, hedge: hedge)
    profit.spotPrice = spotResult
    profit.perpPrice = perpResult
    let isSpot = fill.instrument.market == .spot
    let mid = isSpot ? mids.spot : mids.perp
    profit.slippage = (fill.price - mid).notional(of: fill.signedQuantity)
    let paidInBase = fill.feeAsset == base
    let fee = paidInBase ? fill.fee.reinterpreted(as: Unit.Base.self) : .zero
    feeValue =
      if paidInBase {
        mid.notional(of: fee)
      } else if fill.feeAsset == quote {
        fill.fee.reinterpreted(as: Unit.Quote.self)
      } else {
        feePrice?.notional(of: fill.fee.reinterpreted(as: Unit.Base.self)) ?? .zero
      }
    var after = holdings
    after.mids = mids
    if isSpot {
      profit.spotFees = feeValue
      after.spot += fill.signedQuantity - fee
    } else {
      profit.perpFees = feeValue
      after.perp += fill.signedQuantity
      after.perpCost += fill.price.notional(of: fill.signedQuantity) + fill.realized
      if after.perp.isZero {
        // A loss beyond the margin is the venue's: what it did not collect stays with the carry.
        profit.other = after.perpCost
        after.perpCost = .zero
      }
    }
    if isCorrective { profit.rebalanceCost = profit.slippage + feeValue }
    self.profit = profit
    self.holdings = after
  }
}

extension CarryProfit {
  /// Adds another result to this one, part by part.
  public static func += (left: inout CarryProfit, right: CarryProfit) {
    left.funding += right.funding
    left.basis += right.basis
    left.directional += right.directional
    left.spotPrice += right.spotPrice
    left.perpPrice += right.perpPrice
    left.spotFees += right.spotFees
    left.perpFees += right.perpFees
    left.slippage += right.slippage
    left.interest += right.interest
    left.other += right.other
    left.rebalanceCost += right.rebalanceCost
    if let tilt = right.tilt { left.tilt = (left.tilt ?? .zero) + tilt }
  }
}
