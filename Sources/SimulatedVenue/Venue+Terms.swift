public import FixedPoint
public import Simulation
public import Trading

extension Venue {
  /// Lets an instrument trade or not; orders that rest stay, except when it is gone.
  public func setStatus(_ status: ListingStatus, of instrument: InstrumentIndex) {
    listings[instrument.position].status = status
    exchange.setStatus(status, of: instrument)
    tell(.terms(instrument))
  }

  /// Announces the end of a contract; then what rests is taken back, the position is settled at the
  /// mark of that moment with the taker's fee, and the instrument is gone.
  public func endContract(_ instrument: InstrumentIndex, at time: Timestamp) {
    listings[instrument.position].endsAt = time
    tell(.terms(instrument))
    world.schedule(at: time) { [unowned self] in
      guard listings[instrument.position].status != .delisted else { return }
      listings[instrument.position].status = .delisted
      act(.forced) { events in
        exchange.endContract(instrument, at: now, into: &events)
      }
      tell(.terms(instrument))
    }
  }

  /// Closes a fraction of a position at mark, without a fee, as against a bankrupt counterparty.
  public func deleverage(_ instrument: InstrumentIndex, fraction: Rate) {
    act(.forced) { events in
      exchange.deleverage(instrument, fraction: fraction, at: now, into: &events)
    }
  }

  /// Gives an instrument another price (the mid), and a perpetual another mark.
  public func setPrice(_ price: Price, mark: Price? = nil, of instrument: InstrumentIndex) {
    see(.price(instrument, price, mark: mark ?? price))
  }

  /// Moves price and mark of a perpetual to where its position is liquidated.
  ///
  /// - Returns: whether there was such a price.
  @discardableResult
  public func forceLiquidation(_ instrument: InstrumentIndex) -> Bool {
    guard let limit = exchange.liquidationPrice(of: instrument) else { return false }
    let isShort = position(instrument).quantity.isNegative
    let tick = listing(instrument).instrument.tick
    let price =
      isShort
      ? limit.rounded(toMultipleOf: tick, .ceiling) + tick
      : max(limit.rounded(toMultipleOf: tick, .floor) - tick, tick)
    setPrice(price, of: instrument)
    return position(instrument).quantity.isZero
  }

  /// Loses the memory of closed orders, as after a restart of the venue.
  public func restart() {
    forgottenBefore = now
    tell(.restarted)
  }

  /// Sets the venue's clock ahead of the market's; behind when negative.
  public func setClockSkew(_ span: TimeSpan) { clockSkew = span }

  /// Ends all listen keys.
  public func expireListenKeys(all: Bool = false) {
    for key in listenKeys.takeExpired(at: now, force: all) { tell(.listenKeyExpired(key)) }
  }
}
