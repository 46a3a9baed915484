public import FixedPoint

/// An instrument whose one order trades both legs of a pair or neither.
///
/// Its price is the perpetual's less the spot's.
public struct Combo: Hashable, Codable, Sendable {
  /// The venue's name, such as `BTCUSDT_SOL/USDT`.
  public var name: String
  /// Price step of the difference perpetual minus spot, quote per base.
  public var tick: Price
  /// Quantity step, base units.
  public var lot: Quantity
  /// Smallest quantity, base units.
  public var minimumQuantity: Quantity
  /// Largest quantity, base units; nil when unknown.
  public var maximumQuantity: Quantity?
  /// Its fees as a part of those of the legs.
  public var feeShare: Rate

  /// States a combo.
  public init(
    name: String, tick: Price, lot: Quantity, minimumQuantity: Quantity,
    maximumQuantity: Quantity?, feeShare: Rate = .one
  ) {
    self.name = name
    self.tick = tick
    self.lot = lot
    self.minimumQuantity = minimumQuantity
    self.maximumQuantity = maximumQuantity
    self.feeShare = feeShare
  }
}
