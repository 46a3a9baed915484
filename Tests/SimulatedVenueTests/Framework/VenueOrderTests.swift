import FixedPoint
import Simulation
import Testing
import Trading

@testable import SimulatedVenue

@Suite("Orders at a simulated venue")
struct VenueOrderTests {
  @Test("A small market order fills at the best price, a large one walks the book it was shown")
  func walk() throws {
    var bench = Bench()
    let book = try #require(bench.venue.book(Bench.perp, depth: 20))
    #expect(book.bids.count == 20 && book.asks.count == 20)
    #expect(book.bids[0].price == "29997" && book.asks[0].price == "30003")
    for side in [book.bids, book.asks] {
      for (near, far) in zip(side, side.dropFirst()) {
        #expect(near.price != far.price)
        #expect((near.price < far.price) == (side == book.asks))
      }
      for level in side {
        #expect(level.price.isMultiple(of: "0.1") && level.quantity.isMultiple(of: "0.001"))
      }
    }
    let small = try bench.send(Bench.perp, .buy, "0.01")
    #expect(small.state == .filled && small.averagePrice == "30003")

    var fresh = Bench()
    let size = book.asks[0].quantity + book.asks[1].quantity + "0.001"
    let large = try fresh.send(Bench.perp, .buy, size)
    let prices = fresh.venue.fills(of: large).map(\.fill.price)
    #expect(prices == book.asks.prefix(3).map(\.price))
    #expect(
      fresh.venue.fills(of: large).map(\.fill.quantity)
        == [book.asks[0].quantity, book.asks[1].quantity, "0.001"])
    // What was taken is missing until it is refilled.
    let after = try #require(fresh.venue.top(Bench.perp))
    #expect(after.ask.price == book.asks[2].price)
    #expect(after.ask.quantity == book.asks[2].quantity - "0.001")
    fresh.world.advance(to: fresh.world.now + .seconds(1))
    #expect(fresh.venue.top(Bench.perp)?.ask == book.asks[0])
  }

  @Test("Time in force decides what becomes of the rest")
  func timeInForce() throws {
    var bench = Bench()
    let touch = try #require(bench.venue.top(Bench.spot)).ask
    let more = touch.quantity + "0.001"
    let killed = try bench.send(Bench.spot, .buy, more, at: touch.price, .fillOrKill)
    #expect(killed.state == .expired && killed.executed.isZero)
    let cut = try bench.send(Bench.spot, .buy, more, at: touch.price, .immediateOrCancel)
    #expect(cut.state == .expired && cut.executed == touch.quantity)
    let resting = try bench.send(Bench.spot, .buy, "0.1", at: "29000")
    #expect(resting.state == .new)
    #expect(bench.venue.balance(of: "USDT", in: .spot).locked == "2900")
    #expect(throws: OrderRefusal.self) {
      try bench.send(Bench.spot, .sell, "0.01", at: "29000", .postOnly)
    }
    let cancelled = try bench.venue.cancel(resting.number)
    #expect(cancelled.state == .cancelled)
    #expect(bench.venue.balance(of: "USDT", in: .spot).locked.isZero)
    #expect(throws: OrderRefusal.self) { try bench.venue.cancel(resting.number) }
  }

  @Test("A resting order fills by what stands at its limit, bit by bit")
  func partial() throws {
    var bench = Bench(rules: Bench.rules(best: "3000"))
    let order = try bench.send(Bench.perp, .buy, "0.5", at: "29990")
    bench.venue.setPrice("29987", of: Bench.perp)
    let first = try #require(bench.venue.order(order.number))
    #expect(first.state == .partiallyFilled && first.executed < "0.5")
    #expect(bench.venue.fills(of: first).allSatisfy { $0.fill.price == "29990" })
    #expect(bench.venue.fills(of: first).allSatisfy { $0.fill.liquidity == .maker })
    for _ in 0..<20 {
      bench.world.advance(to: bench.world.now + .seconds(1))
      bench.venue.confirmBooks()
    }
    let last = try #require(bench.venue.order(order.number))
    #expect(last.state == .filled && last.executed == "0.5" && last.fills.count > 2)
    #expect(bench.venue.openOrders().isEmpty)
  }

  @Test("Client ids are unique among open orders, or for ever")
  func duplicates() throws {
    var among = Bench()
    _ = try among.send(Bench.spot, .buy, "0.1", at: "29000", id: "same")
    #expect(throws: OrderRefusal.self) {
      try among.send(Bench.spot, .buy, "0.1", at: "28000", id: "same")
    }
    _ = among.venue.cancelAll()
    let again = try among.send(Bench.spot, .buy, "0.1", at: "28000", id: "same")
    #expect(among.venue.order(clientID: "same", on: Bench.spot)?.number == again.number)

    var forever = Bench(clientIDs: .uniqueForever)
    _ = try forever.send(Bench.spot, .buy, "0.001", id: "same")
    let refusal = forever.venue.refusal(of: forever.order(Bench.spot, .buy, "0.001", id: "same"))
    #expect(refusal?.reason == .duplicateID)
  }

  @Test("A late order is known only when it acts, and a refusal can be kept")
  func late() throws {
    var bench = Bench()
    let order = bench.order(Bench.perp, .sell, "0.01")
    let number = bench.venue.submit(order, after: .milliseconds(20))
    #expect(bench.venue.order(number) == nil)
    #expect(bench.venue.refusal(of: order)?.reason == .duplicateID)
    bench.world.advance(to: bench.world.now + .milliseconds(20))
    #expect(bench.venue.order(number)?.state == .filled)

    let crossing = bench.order(Bench.perp, .buy, "0.01", at: "31000", .postOnly)
    let refused = bench.venue.submit(crossing, after: .milliseconds(20))
    bench.world.advance(to: bench.world.now + .milliseconds(20))
    #expect(bench.venue.order(refused)?.state == .rejected)
    #expect(bench.venue.order(refused)?.refusal?.reason == .wouldTakeLiquidity)
  }

  @Test("By value, cut to the position, and by status")
  func variants() throws {
    var bench = Bench()
    var byValue = bench.order(Bench.spot, .buy, .zero)
    byValue.quoteQuantity = "100"
    let bought = try bench.venue.submit(byValue)
    #expect(bought.executedValue <= "100" && bought.executedValue > "99.6")

    _ = try bench.send(Bench.perp, .sell, "0.01")
    var cut = bench.order(Bench.perp, .buy, "0.05", reduceOnly: true)
    #expect(bench.venue.refusal(of: cut)?.reason == .reduceOnlyViolated)
    cut.isCutToPosition = true
    #expect(try bench.venue.submit(cut).executed == "0.01")

    let resting = try bench.send(Bench.perp, .buy, "0.01", at: "29000")
    bench.venue.setStatus(.cancelOnly, of: Bench.perp)
    #expect(
      bench.venue.refusal(of: bench.order(Bench.perp, .buy, "0.01"))?.reason == .marketHalted)
    bench.venue.setPrice("28000", of: Bench.perp)
    #expect(bench.venue.order(resting.number)?.state == .new)
    #expect(try bench.venue.cancel(resting.number).state == .cancelled)
    bench.venue.setStatus(.halted, of: Bench.spot)
    let ids = bench.venue.updateIDs(Bench.spot)
    bench.venue.setPrice("28000", of: Bench.spot)
    #expect(bench.venue.updateIDs(Bench.spot) == ids)
  }

  @Test("What happens is told in the order of the matching engine")
  func events() throws {
    var bench = Bench()
    _ = try bench.send(Bench.perp, .sell, "0.01")
    let words = bench.venue.takeEvents().map { event -> String in
      switch event.change {
      case .order(let order, .accepted): "accepted \(order.state.rawValue)"
      case .order(let order, .traded): "traded \(order.state.rawValue)"
      case .balances(let balances, let reason): "balances \(balances.count) \(reason.rawValue)"
      case .position(let position, _): "position \(position.quantity)"
      default: "other"
      }
    }
    #expect(words == ["accepted new", "traded filled", "balances 1 trade", "position -0.01"])
  }

  @Test("A contract of 1000 is translated exactly, both ways")
  func multiplier() throws {
    var bench = Bench()
    let perp = try #require(bench.venue.listing(.perp, named: "1000PEPEUSDT"))
    #expect(perp.index == Bench.pepePerp && perp.baseName == "1000PEPE")
    #expect(bench.venue.listing(.spot, named: "PEPEUSDT")?.index == Bench.pepeSpot)
    #expect(bench.venue.listing(.perp, named: "PEPEUSDT") == nil)
    #expect(perp.wireTick == "0.0000001" && perp.wireLot == "1")
    #expect(perp.neutral(Quantity("7")) == "7000")
    #expect(perp.neutral(Price("0.0100001")) == "0.0000100001")
    #expect(perp.wire(Price("0.0000100001")) == "0.0100001")
    let order = try bench.send(Bench.pepePerp, .sell, perp.neutral(Quantity("700")))
    #expect(perp.wire(order.executed) == "700")
  }
}
