import FixedPoint
import Trading
import Wire

extension BybitFront {
  /// A ticker by REST or on the topic `tickers`; nil before the first price.
  ///
  /// On the topic spot has no best prices, as at the venue.
  func tickerRow(_ listing: ListedInstrument, isStream: Bool) -> [JSONMember]? {
    guard let day = day(listing), let top = venue.top(listing.index) else { return nil }
    var row = dayMembers(day, listing)
    if listing.isPerp {
      row += fundingMembers(listing, day)
    } else {
      row.append(.init("usdIndexPrice", listing.text(venue.indexPrice(listing.index))))
    }
    if listing.isPerp || !isStream {
      row += [
        .init("bid1Price", listing.text(top.bid.price)),
        .init("bid1Size", listing.text(top.bid.quantity)),
        .init("ask1Price", listing.text(top.ask.price)),
        .init("ask1Size", listing.text(top.ask.quantity)),
      ]
    }
    if listing.isPerp {
      row += [
        .init("preOpenPrice", ""), .init("preQty", ""), .init("curPreListingPhase", ""),
      ]
    }
    return row
  }

  /// The last day, summed up anew once a minute; extremes follow the last price at once.
  private func day(_ listing: ListedInstrument) -> BybitDay? {
    let minute = venue.now.floored(to: .minutes(1))
    if let known = days[listing.index], known.minute == minute { return known }
    guard let view = venue.ticker(listing.index) else { return nil }
    let day = BybitDay(minute: minute, view: view, hourAgo: hourAgo(listing))
    days[listing.index] = day
    return day
  }

  private func dayMembers(_ day: BybitDay, _ listing: ListedInstrument) -> [JSONMember] {
    let last = venue.lastPrice(listing.index)
    let view = day.view
    let change = (last.ratio(to: view.open) - .one).rounded(places: 6, .halfEven)
    return [
      .init("symbol", listing.name), .init("lastPrice", listing.text(last)),
      .init("prevPrice24h", listing.text(view.open)), .init("price24hPcnt", change.description),
      .init("highPrice24h", listing.text(max(view.high, last))),
      .init("lowPrice24h", listing.text(min(view.low, last))),
      .init("turnover24h", view.quoteVolume.rounded(places: 8, .halfEven).description),
      .init("volume24h", listing.wire(view.volume).rounded(places: 8, .halfEven).description),
    ]
  }

  private func fundingMembers(
    _ listing: ListedInstrument, _ day: BybitDay
  ) -> [JSONMember] {
    let funding = venue.funding(listing.index)
    let interest = openInterest(of: listing)
    let value = funding.mark.notional(of: listing.neutral(interest))
    return [
      .init("prevPrice1h", listing.text(day.hourAgo)),
      .init("markPrice", listing.text(funding.mark)),
      .init("indexPrice", listing.wire(funding.index).text(minimumPlaces: 2)),
      .init("openInterest", interest.description),
      .init("openInterestValue", value.rounded(places: 2, .halfEven).description),
      .init("singleOpenInterest", interest.divided(by: 2, rounding: .down).description),
      .init("fundingRate", funding.rate.description),
      .init("nextFundingTime", String(funding.nextSettlement.milliseconds)),
      .init("fundingIntervalHour", String(funding.intervalHours)),
      .init("fundingCap", funding.cap.description),
      .init("deliveryTime", listing.endsAt.map { String($0.milliseconds) } ?? "0"),
      .init("predictedDeliveryPrice", ""), .init("basisRate", ""), .init("deliveryFeeRate", ""),
      .init("basis", ""), .init("basisRateYear", ""),
    ]
  }

  private func hourAgo(_ listing: ListedInstrument) -> Price {
    let since = venue.now - .hours(1)
    return venue.candles(
      listing.index, interval: .minutes(1), from: since.floored(to: .minutes(1)), limit: 1
    ).first?.open ?? venue.lastPrice(listing.index)
  }

  /// Open interest of both sides, in units of the wire.
  func openInterest(of listing: ListedInstrument) -> Quantity {
    listing.wire(venue.openInterest(listing.index)).times(2)
  }
}

/// The last 24 hours of an instrument, as they were at a minute.
struct BybitDay {
  let minute: Timestamp
  let view: TickerView
  let hourAgo: Price
}

extension JSONMember {
  /// A member whose value is a string.
  init(_ name: String, _ text: String) { self.init(name: name, value: .string(text)) }
}
