public import FixedPoint
public import Trading
public import Wire

/// An order of both legs as one instrument.
public struct BybitComboOrder: Hashable, Sendable {
  /// Our id of it: at most 45 letters, digits, dashes and underscores.
  public let link: String
  /// The combination.
  public let combo: Combo
  /// Bought: the perpetual is bought and spot is sold.
  public let side: Side
  /// Base units of each leg.
  public let quantity: Quantity
  /// Limits are differences, perpetual minus spot, and may be negative.
  public let kind: OrderKind
  /// Not to be executed after this moment.
  public let deadline: Timestamp

  /// States an order.
  public init(
    link: String, combo: Combo, side: Side, quantity: Quantity, kind: OrderKind,
    deadline: Timestamp
  ) {
    self.link = link
    self.combo = combo
    self.side = side
    self.quantity = quantity
    self.kind = kind
    self.deadline = deadline
  }
}

/// Orders of combinations. The venue takes them in cross margin only: an account whose positions
/// are isolated is refused with 110110.
extension BybitDialect {
  /// Sends an order; as with single orders the answer only says that it was taken.
  public func comboOrder(_ order: BybitComboOrder) -> Call<BybitPurpose> {
    var parameters = [
      Parameter("symbol", order.combo.name),
      Parameter("side", order.side == .buy ? "Buy" : "Sell"),
      Parameter("orderType", order.kind == .market ? "Market" : "Limit"),
      Parameter("qty", order.quantity.description),
    ]
    if let limit = order.kind.limit { parameters.append(Parameter("price", limit.description)) }
    parameters.append(Parameter("orderLinkId", order.link))
    switch order.kind {
    case .market: break
    case .limit: parameters.append(Parameter("timeInForce", "GTC"))
    case .immediateOrCancel: parameters.append(Parameter("timeInForce", "IOC"))
    case .postOnly: parameters.append(Parameter("timeInForce", "PostOnly"))
    }
    return post(
      "/v5/spread/order/create", parameters, deadline: order.deadline,
      BybitPurpose(.combo(order.link)))
  }

  /// Takes back what still works of an order.
  public func comboCancel(link: String) -> Call<BybitPurpose> {
    post(
      "/v5/spread/order/cancel", [Parameter("orderLinkId", link)], urgency: .high,
      BybitPurpose(.combo(link)))
  }

  /// Asks for an order that works.
  public func comboOpenOrder(link: String) -> Call<BybitPurpose> {
    get(
      "/v5/spread/order/realtime", [Parameter("orderLinkId", link)], signed: true,
      BybitPurpose(.combo(link)))
  }

  /// Asks for the executions of an order, each with those of its legs.
  public func comboExecutions(link: String) -> Call<BybitPurpose> {
    get(
      "/v5/spread/execution/list", [Parameter("orderLinkId", link)], signed: true,
      BybitPurpose(.combo(link)))
  }

  /// The two executions behind one of a combination, the perpetual's first.
  ///
  /// The venue names no order in them and no profit of the perpetual: the profit is in the
  /// transaction log or in the topic `execution`, where both executions appear again with the same
  /// ids and the type `FutureSpread`.
  ///
  /// - Parameter row: an element of the list in the answer to `comboExecutions`.
  public func comboLegs(_ row: JSON) throws(DialectError) -> [Fill] {
    var fills: [Fill] = []
    for leg in row["legs"]?.elements ?? [] {
      guard let category = BybitCategory(rawValue: try BybitField.text(leg, "category")),
        let market = markets.market(category, try BybitField.text(leg, "symbol")),
        case .fill(let fill, _) = try BybitExecution(leg, of: market)
      else { throw DialectError("a leg is of an instrument that is not attached") }
      fills.append(fill)
    }
    guard fills.count == 2, Set(fills.map(\.instrument.market)).count == 2 else {
      throw DialectError("a combination has not one execution in each market")
    }
    return fills.sorted { $0.instrument.market == .perp && $1.instrument.market == .spot }
  }

  func finishCombo(_ link: String, _ answer: BybitAnswer, _ reaction: inout Reaction<BybitPurpose>)
  {
    if case .done = answer { return }
    reaction.messages.append(.notice("bybit: combination \(link): \(answer.failure)"))
  }
}
