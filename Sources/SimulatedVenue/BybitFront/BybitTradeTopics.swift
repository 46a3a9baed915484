import FixedPoint
import Trading
import Wire

extension BybitFront {
  /// Tells of a trade when the last price changed.
  func publishLastPrice(
    _ topic: String, _ listing: ListedInstrument, into sink: inout FrameSink
  ) {
    let price = listing.text(venue.lastPrice(listing.index))
    let known = tradedPrices.updateValue(price, forKey: listing.index.position)
    guard known != price else { return }
    send(
      tradeMessage(topic, listing, price: price, listing.text(listing.instrument.lot), .buy),
      to: subscribers(topic, listing), into: &sink)
  }

  /// Tells of an execution of ours, as of anybody's.
  func publishTrade(_ fill: WorldFill, into sink: inout FrameSink) {
    let listing = venue.listing(fill.instrument)
    let topic = "publicTrade.\(listing.name)"
    send(
      tradeMessage(
        topic, listing, price: listing.text(fill.fill.price), listing.text(fill.fill.quantity),
        fill.fill.side),
      to: subscribers(topic, listing), into: &sink)
  }

  private func tradeMessage(
    _ topic: String, _ listing: ListedInstrument, price: String, _ size: String, _ side: Side
  ) -> JSON {
    sequence += 1
    return [
      "topic": .string(topic), "type": "snapshot", "ts": .milliseconds(venue.clock),
      "data": [
        [
          "T": .milliseconds(venue.clock), "s": .string(listing.name),
          "S": .string(side.bybit), "v": .string(size), "p": .string(price), "L": "ZeroPlusTick",
          "i": .string(BybitID.id(.execution, 1_000_000_000 + sequence)), "BT": false,
          "seq": .number(String(venue.updateIDs(listing.index).current)),
        ]
      ],
    ]
  }

  /// Tells of the bucket that is not over.
  func publishCandle(
    _ topic: String, _ interval: String, _ listing: ListedInstrument, into sink: inout FrameSink
  ) {
    let ids = subscribers(topic, listing)
    guard !ids.isEmpty, let message = candleMessage(topic, interval, listing) else { return }
    send(message, to: ids, into: &sink)
  }

  func candleMessage(
    _ topic: String, _ interval: String, _ listing: ListedInstrument
  ) -> JSON? {
    guard let span = try? Self.interval(interval),
      let candle = venue.candles(listing.index, interval: span, limit: 1).last
    else { return nil }
    return [
      "topic": .string(topic), "type": "snapshot", "ts": .milliseconds(venue.clock),
      "data": [
        [
          "start": .milliseconds(candle.opensAt),
          "end": .number(String((candle.opensAt + span).milliseconds - 1)),
          "interval": .string(interval), "open": .string(listing.text(candle.open)),
          "close": .string(listing.text(candle.close)),
          "high": .string(listing.text(candle.high)), "low": .string(listing.text(candle.low)),
          "volume": .text(listing.wire(candle.volume).rounded(places: 8, .halfEven)),
          "turnover": .text(candle.quoteVolume.rounded(places: 8, .halfEven)),
          "confirm": .bool(candle.isClosed), "timestamp": .milliseconds(venue.clock),
        ]
      ],
    ]
  }

  func priceLimitMessage(_ topic: String, _ listing: ListedInstrument) -> JSON {
    let limits = priceLimits(listing)
    return [
      "topic": .string(topic),
      "data": [
        "symbol": .string(listing.name), "buyLmt": .string(listing.text(limits.highest)),
        "sellLmt": .string(listing.text(limits.lowest)),
      ],
      "ts": .milliseconds(venue.clock),
    ]
  }
}
