import FixedPoint
import Trading
import Wire

/// A combination of an attached pair: one order trades both of its legs or neither.
///
/// Its quantity is in base units of each leg; it is bought when the perpetual is bought and spot is
/// sold. Only pairs whose contract is one base unit have one.
struct BybitCombo: Sendable {
  let combo: Combo
  let perp: BybitMarket
  let spot: BybitMarket
}

/// An execution, or both legs of one of a combination: what is told together.
struct BybitTrade: Sendable {
  /// The execution; of a combination the perpetual's.
  var fill: Fill
  /// Whether the venue did not say what the fill realized.
  let needsProfit: Bool
  /// The spot leg, told after it.
  var companion: Fill?
}

/// Orders of combinations.
///
/// The venue takes them in cross margin only, and refuses them with 110110 where positions are
/// isolated. As with single orders the answer says that the gateway took the request, and what
/// becomes of it arrives on the topic `spread.order`.
extension BybitDialect {
  /// The part of the legs' fees that a combination costs.
  ///
  /// Bybit help centre, "Introduction to Spread Trading": half of what separate orders in the order
  /// books would pay. The API states no rate, and each execution what was taken.
  static let comboFeeShare: Rate = "0.5"

  mutating func comboOrderCalls(_ order: OrderRequest) -> [Call<BybitPurpose>] {
    guard let combo = markets.combo(of: order.instrument) else {
      return refused(.orderRefused(order.id, .unknownInstrument, "the pair has no combination"))
    }
    watches.sent(order)
    var parameters = [
      Parameter("symbol", combo.combo.name),
      Parameter("side", order.side == .buy ? "Buy" : "Sell"),
      Parameter("orderType", order.kind == .market ? "Market" : "Limit"),
      Parameter("qty", order.quantity.description),
    ]
    if let limit = order.kind.limit { parameters.append(Parameter("price", limit.description)) }
    parameters.append(Parameter("orderLinkId", order.id.description))
    switch order.kind {
    case .market: break
    case .limit: parameters.append(Parameter("timeInForce", "GTC"))
    case .immediateOrCancel: parameters.append(Parameter("timeInForce", "IOC"))
    case .postOnly: parameters.append(Parameter("timeInForce", "PostOnly"))
    }
    return [
      post(
        "/v5/spread/order/create", parameters, urgency: .high, deadline: order.deadline,
        BybitPurpose(.submit(order)))
    ]
  }

  func comboCancelCall(_ id: ClientOrderID, _ instrument: InstrumentID) -> Call<BybitPurpose> {
    post(
      "/v5/spread/order/cancel", [Parameter("orderLinkId", id.description)], urgency: .high,
      BybitPurpose(.cancel(id, instrument)))
  }

  func comboCall(
    _ path: String, _ id: ClientOrderID, _ purpose: BybitPurpose
  ) -> Call<BybitPurpose> {
    get(
      path, [Parameter("orderLinkId", id.description), Parameter("limit", "50")], signed: true,
      urgency: .high, purpose)
  }

  /// Executions of all combinations, in windows of a week.
  func comboExecutionCalls(from: Timestamp, to: Timestamp, _ job: Int) -> [Call<BybitPurpose>] {
    BybitSnapshot.weeks(from, to).map { start, end in
      get(
        "/v5/spread/execution/list",
        [
          Parameter("startTime", start.bybitMilliseconds),
          Parameter("endTime", end.bybitMilliseconds), Parameter("limit", "50"),
        ], signed: true, urgency: .low, BybitPurpose(.combinations, job: job))
    }
  }
}

/// One execution of a combination, as REST states it with those of its legs.
struct BybitComboExecution: Sendable {
  /// The venue's id of it; its legs have ids of their own.
  let id: String
  /// Our id; nil when somebody else sent the order.
  let order: ClientOrderID?
  let venueOrder: VenueOrderID
  private let side: Side
  private let legs: [JSON]

  init(_ row: JSON) throws(DialectError) {
    id = try BybitField.text(row, "execId")
    order = ClientOrderID(BybitField.optionalText(row, "orderLinkId"))
    venueOrder = VenueOrderID(rawValue: try BybitField.text(row, "orderId"))
    side = try BybitField.side(row)
    legs = row["legs"]?.elements ?? []
  }

  /// The ids of the legs' executions.
  var trades: [TradeID] { legs.compactMap { $0["execId"]?.text }.map { TradeID(rawValue: $0) } }

  /// The execution of each leg.
  ///
  /// - Against an order of the same account the rows hold the legs of both sides: ours are on the
  ///   side of our order.
  /// - The venue states no profit of the perpetual here, unless nothing was closed.
  func trade(_ combo: BybitCombo) throws(DialectError) -> BybitTrade {
    var perp: (fill: Fill, needsProfit: Bool)?
    var spot: Fill?
    for leg in legs {
      let isPerp = leg["category"]?.text == BybitCategory.linear.rawValue
      let market = isPerp ? combo.perp : combo.spot
      guard try BybitField.side(leg) == (isPerp ? side : side.opposite) else { continue }
      guard leg["category"]?.text == market.category.rawValue, leg["symbol"]?.text == market.name,
        case .fill(let fill, let needsProfit) = try BybitExecution(leg, of: market),
        isPerp ? perp == nil : spot == nil
      else { throw DialectError("a combination has a leg of another instrument") }
      let named = fill.of(order, venueOrder)
      if isPerp { perp = (named, needsProfit) } else { spot = named }
    }
    guard let perp, let spot else {
      throw DialectError("a combination has not one execution in each market")
    }
    return BybitTrade(fill: perp.fill, needsProfit: perp.needsProfit, companion: spot)
  }
}

extension Fill {
  /// The same execution of a leg as one of the combination's order.
  func of(_ order: ClientOrderID?, _ venueOrder: VenueOrderID) -> Fill {
    Fill(
      instrument: instrument, trade: trade, order: order, venueOrder: venueOrder, at: at,
      side: side, quantity: quantity, price: price, fee: fee, feeAsset: feeAsset,
      realized: realized, liquidity: liquidity, cause: cause)
  }
}
