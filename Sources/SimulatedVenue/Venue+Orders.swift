public import FixedPoint
import Simulation
public import Trading

extension Venue {
  /// The order of that number; nil when there is none, or not yet (`submit(_:after:)`).
  public func order(_ number: Int64) -> WorldOrder? {
    desk.place(of: number).map { orders[$0] }
  }

  /// The newest order of an instrument with that client id; nil when there is none.
  public func order(clientID: String, on instrument: InstrumentIndex) -> WorldOrder? {
    desk.places(of: clientID).last { orders[$0].request.instrument == instrument }
      .map { orders[$0] }
  }

  /// Orders that work, oldest first; of one instrument or of all.
  public func openOrders(on instrument: InstrumentIndex? = nil) -> [WorldOrder] {
    desk.open.map { orders[$0] }
      .filter { instrument == nil || $0.request.instrument == instrument }
  }

  /// The executions of an order, oldest first.
  public func fills(of order: WorldOrder) -> [WorldFill] { order.fills.map { fills[$0] } }

  /// Fees of an order by asset, in order of first appearance.
  public func fees(of order: WorldOrder) -> [(asset: AssetID, amount: Amount)] {
    var sums: [(asset: AssetID, amount: Amount)] = []
    for fill in fills(of: order).map(\.fill) {
      if let place = sums.firstIndex(where: { $0.asset == fill.feeAsset }) {
        sums[place].amount += fill.fee
      } else {
        sums.append((fill.feeAsset, fill.fee))
      }
    }
    return sums
  }

  /// Whether a fault hides an order from lookups because it is too young.
  public func isHidden(_ order: WorldOrder) -> Bool {
    guard let hiding = desk.hidden[order.number] else { return false }
    return now < hiding
  }

  /// Why an order would be refused now; nil when it would be accepted.
  ///
  /// Changes nothing.
  public func refusal(of order: NewOrder) -> OrderRefusal? {
    do throws(OrderRefusal) {
      _ = try prepared(order)
      return nil
    } catch {
      return error
    }
  }

  /// Sends an order to the matching engine.
  ///
  /// A fill-or-kill order that cannot trade whole is accepted and expires at once.
  ///
  /// - Returns: the order as it stands after matching.
  public func submit(_ order: NewOrder) throws(OrderRefusal) -> WorldOrder {
    let late = world.faults.strike(.lateFill, venue: id, at: now, symbol: names(order.instrument))
    let ready: (NewOrder, OrderRequest)
    do throws(OrderRefusal) {
      ready = try prepared(order)
    } catch {
      if order.keepsRefusal { return keep(order, refusedFor: error) }
      throw error
    }
    let number = desk.nextNumber()
    let place = record(ready.0, number: number, origin: .client)
    hideIfFaulty(orders[place])
    tell(.order(orders[place], .accepted))
    if let late {
      world.schedule(after: late.span) { [unowned self] in
        if orders[place].state.isOpen { engage(place, ready.1) }
      }
    } else {
      engage(place, ready.1)
    }
    return orders[place]
  }

  /// Acknowledges an order now and sends it to the matching engine later.
  ///
  /// Before that no lookup knows it. What the engine refuses then ends as `rejected`.
  ///
  /// - Returns: the number that it will have.
  public func submit(_ order: NewOrder, after span: TimeSpan) -> Int64 {
    let number = desk.nextNumber()
    desk.reserve(order.clientID)
    world.schedule(after: span) { [unowned self] in
      desk.release(order.clientID)
      do throws(OrderRefusal) {
        let ready = try prepared(order)
        let place = record(ready.0, number: number, origin: .client)
        hideIfFaulty(orders[place])
        tell(.order(orders[place], .accepted))
        engage(place, ready.1)
      } catch {
        _ = keep(order, refusedFor: error, number: number)
      }
    }
    return number
  }

  /// Takes back an order.
  ///
  /// Refusals: `notFound` when there is none that works.
  public func cancel(_ number: Int64) throws(OrderRefusal) -> WorldOrder {
    guard let place = desk.place(of: number), orders[place].state.isOpen else {
      throw OrderRefusal(.notFound, "order \(number) does not work")
    }
    let status = listings[orders[place].request.instrument.position].status
    if status == .halted { throw OrderRefusal(.marketHalted, "the instrument is halted") }
    if desk.engaged.contains(place) {
      act(.order) { events in
        exchange.receive(
          .cancel(engineID(place), listing(orders[place].request.instrument).instrument.id),
          at: now, into: &events)
      }
    } else {
      close(place, .cancelled)
    }
    return orders[place]
  }

  /// Takes back all orders of an instrument, or of a market, or of the account.
  public func cancelAll(
    on instrument: InstrumentIndex? = nil, market: Market? = nil
  ) -> [WorldOrder] {
    openOrders(on: instrument)
      .filter { market == nil || listing($0.request.instrument).instrument.id.market == market }
      .compactMap { order in try? cancel(order.number) }
  }

  /// Whether that much could trade at once at the limit or better (at any price without one).
  public func isTakeable(
    _ quantity: Quantity, _ side: Side, on instrument: InstrumentIndex, limit: Price?
  ) -> Bool {
    exchange.takeable(side, on: instrument, limit: limit, at: now) >= quantity
  }
}
