import FixedPoint
import Testing
import Trading

@testable import Simulation

@Suite("Wallets of the simulated exchange")
struct AccountTests {
  private func transfer(
    _ id: Int64, _ from: Wallet, _ to: Wallet, _ amount: Amount, venue: VenueID = "test"
  ) -> VenueRequest {
    .transfer(
      Transfer(id: id, venue: venue, from: from, to: to, asset: "USDT", amount: amount))
  }

  @Test("Transfers move what is free, once per id")
  func transfers() {
    var desk = Desk()
    #expect(desk.receive(transfer(1, .spot, .futures, "40000")).names == ["transferred"])
    #expect(desk.total(.spot, "USDT") == "60000" && desk.total(.futures, "USDT") == "140000")
    #expect(desk.receive(transfer(1, .spot, .futures, "1")).refusal == .duplicateID)
    #expect(desk.receive(transfer(2, .spot, .futures, "60000.1")).refusal == .insufficientBalance)
    #expect(desk.receive(transfer(3, .spot, .futures, "0")).refusal == .invalidQuantity)
    #expect(desk.receive(transfer(4, .spot, .unified, "1")).refusal == .other)
    #expect(desk.receive(transfer(5, .spot, .futures, "1", venue: "x")).refusal == .other)
    desk.price(.perp, "1000")
    desk.send(.sell, "200", .perp)
    // 140000 less 100000 of margin and 100 of fees.
    #expect(
      desk.receive(transfer(6, .futures, .spot, "39900.1")).refusal == .insufficientBalance)
    #expect(desk.receive(transfer(7, .futures, .spot, "39900")).names == ["transferred"])
  }

  @Test("A unified account pays both legs out of one pool")
  func unified() {
    var desk = Desk(layout: .unified)
    desk.price(.spot, "1000")
    desk.price(.perp, "1000")
    desk.send(.buy, "100", .spot)
    desk.send(.sell, "100", .perp)
    #expect(desk.total(.unified, "USDT") == "99950")
    #expect(desk.free(.unified, "USDT") == "49950")
    #expect(desk.total(.unified, "BTC") == "99.9")
    #expect(desk.receive(transfer(1, .spot, .futures, "1")).refusal == .other)
  }

  @Test("A snapshot states everything, and what happened since")
  func snapshot() throws {
    var desk = Desk()
    desk.price(.spot, "1000")
    desk.price(.perp, "1000")
    desk.send(.sell, "1", .perp)
    desk.funding("0.0001", mark: "1000")
    desk.receive(transfer(1, .spot, .futures, "1"))
    desk.time = desk.time + .hours(8)
    let since = desk.time
    desk.send(.buy, "1", .spot)
    desk.send(.buy, "1", .spot, .limit("900"))
    desk.funding("0.0002", mark: "1000")
    desk.receive(transfer(2, .spot, .futures, "1"))

    let events = desk.receive(.snapshot("test", since: since))
    guard case .snapshot(let state)? = events.first else {
      Issue.record("a snapshot answers")
      return
    }
    #expect(state.balances == desk.exchange.balances)
    #expect(state.balances.map(\.asset) == ["USDT", "USDT", "BTC"])
    #expect(state.positions == desk.exchange.positions && state.positions.count == 1)
    #expect(state.openOrders.map(\.id?.sequence) == [3])
    #expect(state.fills.map(\.instrument.market) == [.spot])
    #expect(state.payments.map(\.amount) == ["0.2"])
    #expect(state.transfers.map(\.id) == [2])

    guard case .snapshot(let all)? = desk.receive(.snapshot("test", since: .distantPast)).first
    else {
      Issue.record("a snapshot answers")
      return
    }
    #expect(all.fills == desk.exchange.fills && all.payments.count == 2)
    #expect(desk.receive(.snapshot("elsewhere", since: since)).isEmpty)
    #expect(desk.receive(.fundingHistory(Desk.perp, since: since)).isEmpty)
  }

  @Test("Instruments of another venue are not listed")
  func otherVenue() {
    let universe = Desk.universe()
    var exchange = SimulatedExchange(
      universe: universe, venue: "elsewhere", layout: .unified, leverage: "2",
      models: Desk.models(), deposits: [])
    var events: [VenueEvent] = []
    let rate = FundingRate(settlesAt: .distantPast, intervalHours: 8, rate: "0.1")
    exchange.apply(.price(Desk.perpIndex, "1", mark: "1"), at: .distantPast, into: &events)
    exchange.apply(.funding(Desk.perpIndex, rate, mark: "1"), at: .distantPast, into: &events)
    #expect(events.isEmpty)
  }
}
