import FixedPoint
import Trading

/// What the exchange keeps of one instrument: flat, so that a tick touches one array and no box.
struct InstrumentState: Equatable, Sendable, BitwiseCopyable {
  let isListed: Bool
  let isPerp: Bool
  private let hasSpread: Bool
  private let bidFactor: Rate
  private let askFactor: Rate
  private let sellFactor: Rate
  private let buyFactor: Rate
  /// The tick that bid and ask are brought to; zero for none.
  private let grid: Price
  /// Place of the base asset's purse; on a perpetual that of the collateral.
  let basePurse: Int
  let quotePurse: Int

  /// The mid; zero until the first price.
  private(set) var price: Price = .zero
  private(set) var mark: Price = .zero
  private(set) var bid: Price = .zero
  private(set) var ask: Price = .zero
  private(set) var pricedAt = Timestamp.distantPast
  var restingOrders = 0
  var bids = Depth()
  var asks = Depth()
  /// The position in a perpetual; flat on spot.
  var holding = Holding()
  /// A short is liquidated from this mark upwards.
  private var ceiling = Price(raw: .max)
  /// A long is liquidated from this mark downwards.
  private var floor = Price(raw: .min)

  init(
    isListed: Bool, isPerp: Bool, basePurse: Int, quotePurse: Int, models: ExchangeModels,
    grid: Price
  ) {
    self.isListed = isListed
    self.grid = grid
    self.isPerp = isPerp
    let half = isPerp ? models.spread.perpHalf : models.spread.spotHalf
    hasSpread = !half.isZero
    bidFactor = .one - half
    askFactor = .one + half
    sellFactor = .one - half - models.slippage.fraction
    buyFactor = .one + half + models.slippage.fraction
    self.basePurse = basePurse
    self.quotePurse = quotePurse
  }

  /// Takes a new price.
  ///
  /// - Returns: whether nothing of ours can be concerned.
  @inline(__always)
  mutating func see(_ price: Price, mark: Price, at time: Timestamp) -> Bool {
    self.price = price
    self.mark = mark
    pricedAt = time
    bid = hasSpread ? price.times(bidFactor) : price
    ask = hasSpread ? price.times(askFactor) : price
    if !grid.isZero { snapToGrid() }
    return restingOrders == 0 && !isLiquidated(at: mark)
  }

  /// Brings bid and ask to the tick, away from the mid, and at least a tick apart.
  private mutating func snapToGrid() {
    bid = max(bid.rounded(toMultipleOf: grid, .floor), grid)
    ask = max(ask.rounded(toMultipleOf: grid, .ceiling), bid + grid)
  }

  /// The prices that stand now.
  @inline(__always)
  func quote(of instrument: InstrumentIndex) -> Quote {
    Quote(instrument: instrument, bid: bid, ask: ask, mark: mark, at: pricedAt)
  }

  /// Whether the mark has reached the liquidation price.
  @inline(__always)
  func isLiquidated(at mark: Price) -> Bool { mark >= ceiling || mark <= floor }

  /// The mark at which the position is liquidated; nil when there is none.
  var liquidationPrice: Price? {
    if ceiling.raw != .max { return ceiling }
    return floor.raw != .min ? floor : nil
  }

  /// Lets no mark liquidate the position by itself: the account does.
  mutating func clearLiquidationPrice() {
    ceiling = Price(raw: .max)
    floor = Price(raw: .min)
  }

  /// Computes the liquidation price anew, after any change of the position.
  mutating func refresh(tiers: [MarginTier]) {
    clearLiquidationPrice()
    guard let limit = holding.liquidationPrice(tiers: tiers) else { return }
    if holding.quantity.isNegative { ceiling = limit } else { floor = limit }
  }

  /// What a taker trades at: the mid moved by half the spread and the slippage, on the tick.
  func takerPrice(_ side: Side, tick: Price, rule: SlippageModel.TickRule) -> Price {
    let exact = price.times(side == .buy ? buyFactor : sellFactor)
    let rounding: Rounding =
      switch (rule, side) {
      case (.nearest, _): .halfUp
      case (.against, .buy): .ceiling
      case (.against, .sell): .floor
      }
    return max(exact.rounded(toMultipleOf: tick, rounding), tick)
  }
}

/// What takers of ours have consumed of one side of the touch.
struct Depth: Equatable, Sendable, BitwiseCopyable {
  private var taken: Notional = .zero
  private var wholeAt = Timestamp.distantPast

  /// What is left of the depth at a moment.
  func left(of whole: Notional, at time: Timestamp) -> Notional {
    time >= wholeAt ? whole : max(whole - taken, .zero)
  }

  /// Consumes; the side is whole again `refill` after the last time that something was taken.
  mutating func take(_ notional: Notional, at time: Timestamp, refill: TimeSpan) {
    taken = (time >= wholeAt ? .zero : taken) + notional
    wholeAt = time + refill
  }
}
