public import FixedPoint
public import Trading

/// Sizes that both legs accept.
public enum Sizing {
  /// The largest multiple of a lot that a notional buys at a price.
  public static func quantity(
    notional: Notional, at price: Price, lot: Quantity
  ) -> Quantity {
    notional.quantity(at: price, .down).rounded(toMultipleOf: lot, .down)
  }

  /// What to order so that the fee taken from it leaves `net`, to the nearest lot.
  public static func gross(net: Quantity, feeInBase: Rate, lot: Quantity) -> Quantity {
    net.divided(by: .one - feeInBase, .halfEven).rounded(toMultipleOf: lot, .halfEven)
  }

  /// The short that a spot purchase supports after its fee, floored to the lot, and what is left.
  public static func hedge(
    bought: Quantity, feeInBase: Rate, perpLot: Quantity
  ) -> (spot: Quantity, hedge: Quantity, dust: Quantity) {
    let net = bought - bought.times(feeInBase, .halfEven)
    let hedge = net.rounded(toMultipleOf: perpLot, .down)
    return (net, hedge, net - hedge)
  }

  /// A quantity in equal slices of whole lots, the larger ones first, and what no lot covers.
  public static func slices(
    _ quantity: Quantity, count: Int, lot: Quantity
  ) -> (slices: [Quantity], residual: Quantity) {
    let lots = quantity.rounded(toMultipleOf: lot, .down).raw / lot.raw
    let (each, larger) = lots.quotientAndRemainder(dividingBy: Int128(count))
    let slices = (0..<count).map { slice in
      Quantity(raw: (each + (Int128(slice) < larger ? 1 : 0)) * lot.raw)
    }
    return (slices, quantity - Quantity(raw: lots * lot.raw))
  }

  /// The next clip of a remainder: as few equal clips of at most `clip` as it takes.
  public static func clip(of remainder: Quantity, clip: Quantity, lot: Quantity) -> Quantity {
    guard remainder > clip, clip >= lot else { return remainder }
    let count = Rounding.ceiling.quotient(remainder.raw, clip.raw)
    return slices(remainder, count: Int(count), lot: lot).slices[0]
  }

  /// Capital per unit of notional: spot in full and 1/leverage of margin.
  public static func capital(notional: Notional, leverage: Rate) -> Notional {
    notional + notional.times(Rate.one.divided(by: leverage, .up), .up)
  }
}
