import FixedPoint
import Trading

/// A request that passed every limit.
///
/// Only the risk gate can make one.
public struct Approved<Request: Hashable & Sendable>: Hashable, Sendable {
  /// The request.
  public let request: Request

  fileprivate init(_ request: Request) { self.request = request }
}

/// The last check before an order: limits that hold whatever a policy or an operator wants.
public struct RiskGate: Sendable {
  let parameters: Parameters

  /// Whether an order may go out.
  ///
  /// - Parameters:
  ///   - isGrowing: whether it makes the carry larger; such an order needs permission and fresh
  ///     prices, while exits and hedges are never held up by either.
  ///   - after: how the short would stand; nil when the order cannot bring it nearer to liquidation.
  /// - Returns: the approval, or the first limit that is broken.
  func approve(
    _ request: OrderRequest, instrument: Instrument, price: Price, isGrowing: Bool,
    mayGrow: Bool, age: TimeSpan?, after: ShortStanding?
  ) -> Result<Approved<OrderRequest>, Refusal> {
    if isGrowing {
      guard mayGrow else { return .failure(.paused(.paused)) }
      guard let age, age <= .seconds(Int64(parameters.market.staleSeconds)) else {
        let seconds = age.map { $0.seconds.description } ?? "unknown"
        return .failure(.staleMarket(request.instrument.symbol, seconds: seconds))
      }
      if let after {
        guard after.distance >= Parameters.hardFloorDistance else {
          return .failure(.gateFailed("liquidation distance \(after.distance)"))
        }
        guard after.leverage ?? .zero <= Parameters.hardLeverageLimit else {
          return .failure(.gateFailed("leverage \(after.leverage ?? .zero)"))
        }
      }
    }
    guard
      instrument.accepts(quantity: request.quantity, at: price, reduceOnly: request.reduceOnly)
    else {
      return .failure(
        .tooSmall(request.quantity.description, minimum: instrument.minimumQuantity.description))
    }
    return .success(Approved(request))
  }
}

/// How a short would stand after an order.
struct ShortStanding: Hashable, Sendable {
  /// How far the mark may rise until its liquidation, a fraction.
  let distance: Rate
  /// Its value over what stands behind it at the mark; nil where the whole account does.
  let leverage: Rate?
}
