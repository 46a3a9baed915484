import FixedPoint
import Trading
import Wire

extension BybitFront {
  func name(of order: BybitOrder, _ listing: ListedInstrument) -> BybitOrderName {
    BybitOrderName(id: BybitID.order(order.first.number, listing.category), link: order.link)
  }

  /// An order by REST and on the topic `order`.
  ///
  /// Spot orders have no `tpslMode`: clients tell the category by it.
  func orderRow(_ order: BybitOrder, withCategory: Bool = false) -> JSON {
    let listing = venue.listing(order.current.request.instrument)
    var row = identity(order, listing) + progress(order, listing) + standing(order, listing)
    if listing.isPerp { row.append(.init("tpslMode", "")) }
    if withCategory {
      row += [
        .init("category", listing.category.rawValue),
        .init("feeCurrency", venue.fees(of: order.current).first?.asset.rawValue ?? ""),
        .init("closedPnl", closedProfit(order).description),
      ]
    }
    return .object(row)
  }

  private func identity(_ order: BybitOrder, _ listing: ListedInstrument) -> [JSONMember] {
    let request = order.current.request
    let note = notes[order.current.number]
    let price = request.price ?? (listing.isPerp ? note?.marketPrice : nil)
    let name = name(of: order, listing)
    return [
      .init("orderId", name.id), .init("orderLinkId", name.link), .init("blockTradeId", ""),
      .init("symbol", listing.name), .init("price", price.map { listing.text($0) } ?? "0"),
      .init("qty", listing.text(order.quantity)), .init("side", request.side.bybit),
      .init("isLeverage", listing.isPerp ? "" : "0"), .init(name: "positionIdx", value: 0),
      .init("orderType", request.price == nil ? "Market" : "Limit"),
      .init("timeInForce", note?.timeInForce ?? request.bybitTimeInForce),
      .init(name: "reduceOnly", value: .bool(request.reduceOnly)),
      .init(name: "closeOnTrigger", value: .bool(note?.closeOnTrigger ?? false)),
      .init("marketUnit", note?.marketUnit ?? ""),
      .init("createType", order.first.origin.bybitCreateType),
    ]
  }

  private func progress(_ order: BybitOrder, _ listing: ListedInstrument) -> [JSONMember] {
    let fees = fees(of: order)
    let average = order.averagePrice
    let leftValue = (order.current.request.price ?? .zero).notional(of: order.remaining)
    return [
      .init("avgPrice", average.isZero ? "" : listing.wire(average).shortText),
      .init("leavesQty", listing.text(order.remaining)),
      .init("leavesValue", leftValue.description),
      .init("cumExecQty", listing.text(order.executed)),
      .init("cumExecValue", order.value.description),
      .init("cumExecFee", fees.first?.amount.description ?? "0"),
      .init(
        name: "cumFeeDetail",
        value: .object(fees.map { .init($0.asset.rawValue, $0.amount.description) })),
    ]
  }

  private func standing(_ order: BybitOrder, _ listing: ListedInstrument) -> [JSONMember] {
    [
      .init("orderStatus", status(order, listing)), .init("cancelType", order.cancelType),
      .init("rejectReason", rejectReason(order)), .init("stopOrderType", ""),
      .init("orderIv", ""), .init("triggerPrice", ""), .init("takeProfit", ""),
      .init("stopLoss", ""), .init("tpTriggerBy", ""), .init("slTriggerBy", ""),
      .init(name: "triggerDirection", value: 0), .init("triggerBy", ""),
      .init("lastPriceOnCreated", ""), .init("smpType", "None"),
      .init(name: "smpGroup", value: 0), .init("smpOrderId", ""), .init("tpLimitPrice", ""),
      .init("slLimitPrice", ""), .init("placeType", ""), .init("slippageToleranceType", "UNKNOWN"),
      .init("slippageTolerance", ""), .init("extraFees", ""),
      .init("createdTime", String(order.first.createdAt.milliseconds)),
      .init("updatedTime", String(order.current.updatedAt.milliseconds)),
    ]
  }

  /// The venue's word for where an order stands; of a perpetual `Cancelled` may have fills.
  func status(_ order: BybitOrder, _ listing: ListedInstrument) -> String {
    switch order.current.state {
    case .new: order.executed.isZero ? "New" : "PartiallyFilled"
    case .partiallyFilled: "PartiallyFilled"
    case .filled: "Filled"
    case .rejected: order.current.refusal?.reason == .wouldTakeLiquidity ? "Cancelled" : "Rejected"
    case .cancelled, .expired:
      listing.isPerp || order.executed.isZero ? "Cancelled" : "PartiallyFilledCanceled"
    }
  }

  private func rejectReason(_ order: BybitOrder) -> String {
    switch order.current.state {
    case .new, .partiallyFilled, .filled: "EC_NoError"
    case .cancelled: "EC_PerCancelRequest"
    case .expired: "EC_NoImmediateQtyToFill"
    case .rejected:
      switch order.current.refusal?.reason {
      case .wouldTakeLiquidity: "EC_PostOnlyWillTakeLiquidity"
      case .insufficientMargin, .insufficientBalance: "EC_InsufficientBalance"
      case .reduceOnlyViolated: "EC_ReduceOnlyViolated"
      default: "EC_Others"
      }
    }
  }

  /// Fees of all forms of an order by asset.
  private func fees(of order: BybitOrder) -> [(asset: AssetID, amount: Amount)] {
    var sums: [(asset: AssetID, amount: Amount)] = []
    for place in order.fills {
      let fill = venue.fills[place].fill
      if let known = sums.firstIndex(where: { $0.asset == fill.feeAsset }) {
        sums[known].amount += fill.fee
      } else {
        sums.append((fill.feeAsset, fill.fee))
      }
    }
    return sums
  }

  private func closedProfit(_ order: BybitOrder) -> Notional {
    order.fills.reduce(.zero) { $0 + venue.fills[$1].fill.realized }
  }
}

extension BybitOrder {
  fileprivate var cancelType: String {
    switch current.state {
    case .cancelled: first.origin == .client ? "CancelByUser" : "CancelByAdmin"
    default: "UNKNOWN"
    }
  }
}

extension NewOrder {
  /// The venue's word for how long it works.
  var bybitTimeInForce: String {
    switch timeInForce {
    case .goodTillCancelled: price == nil ? "IOC" : "GTC"
    case .immediateOrCancel: "IOC"
    case .fillOrKill: "FOK"
    case .postOnly: "PostOnly"
    }
  }
}

extension OrderOrigin {
  /// The venue's word for who made an order.
  var bybitCreateType: String {
    switch self {
    case .client: "CreateByUser"
    case .liquidation: "CreateByLiq"
    case .autoDeleveraging: "CreateByAdl_PassThrough"
    case .settlement: "CreateBySettle"
    }
  }
}

extension Fixed {
  /// The number at no more than twelve places: averages have no end.
  var shortText: String { rounded(places: 12, .halfEven).description }
}
