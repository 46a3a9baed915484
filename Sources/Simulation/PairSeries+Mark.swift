public import Trading

extension PairSeries {
  /// The mark price of the hour of a moment; nil without bars.
  ///
  /// The open of its bar, else of the next one recorded, else the last close. The perpetual's price
  /// stands in where no mark was recorded.
  public func mark(at moment: Timestamp) -> Price? {
    let series = mark ?? perp
    let start = moment.floored(to: min(series.interval, .hours(1)))
    let place = series.bars.firstPlace { $0.opensAt >= start }
    return place < series.bars.count ? series.bars[place].open : series.bars.last?.close
  }
}
