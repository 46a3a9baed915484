import Glibc
import TestKit
import Testing
import Wire

extension LiveRuns {
  /// What goes wrong at a venue in the middle of a trade leaves the books true.
  @Suite struct Faults {
    /// A fault by its kind, with what it needs besides, and whether it strikes at orders.
    private struct Case {
      let kind: String
      let fault: JSON
      let isOfOrders: Bool

      init(_ kind: String, _ more: [JSONMember] = [], isOfOrders: Bool = true) {
        self.kind = kind
        fault = .object([JSONMember(name: "kind", value: .string(kind))] + more)
        self.isOfOrders = isOfOrders
      }
    }

    /// At the first order to open and at the first order to close.
    @Test func whatBefallsOrders() throws {
      try play([
        Case("lost-reply"), Case("lost-request"),
        Case("5xx", [JSONMember(name: "status", value: "503")]),
        Case("429", [JSONMember(name: "seconds", value: 2)]),
        Case("unknown-outcome", [JSONMember(name: "executes", value: true)]),
        Case("late-fill", [JSONMember(name: "milliseconds", value: 700)]),
      ])
    }

    /// At what the venue tells of orders.
    @Test func whatBefallsEvents() throws {
      let often = [JSONMember(name: "count", value: 100)]
      try play([
        Case("duplicate-events", often, isOfOrders: false),
        Case("reorder-events", often, isOfOrders: false),
        Case("lose-events", [JSONMember(name: "count", value: 3)], isOfOrders: false),
        Case("lookup-lag", [JSONMember(name: "seconds", value: 2)], isOfOrders: false),
      ])
    }

    /// Each fault with venues, a process and books of its own, side by side: most of the time is
    /// spent waiting until an order that nobody knows can no longer arrive.
    private func play(_ cases: [Case]) throws {
      let desks = try cases.map { fault in
        try LiveDesk(
          try Simulator(), settings: ["automation.open_carries=no"], name: fault.kind)
      }
      for desk in desks { try desk.run() }
      for (fault, desk) in zip(cases, desks) {
        try strike(fault, desk.simulator)
        for venue in LiveDesk.venues { try desk.tryToOpen("ETHUSDT", at: venue) }
      }
      for (fault, desk) in zip(cases, desks) {
        try desk.settle()
        try strike(fault, desk.simulator)
        _ = try desk.start(["unwind", "--all", "--yes", "--queue", "60"]).wait()
      }
      for desk in desks {
        try desk.waitUntilFlat()
        try desk.stop()
        try desk.expectBooksAreTrue()
        #expect(
          try desk.books.value("SELECT count(*) FROM report.leg_fill") != "0", "\(desk.name)")
      }
    }

    private func strike(_ fault: Case, _ simulator: Simulator) throws {
      let paths = [("binance", "/fapi/v1/order"), ("bybit", "/v5/order/create")]
      for (venue, path) in paths {
        var members = fault.fault.members + [JSONMember(name: "venue", value: .string(venue))]
        if fault.isOfOrders {
          members += [
            JSONMember(name: "path", value: .string(path)),
            JSONMember(name: "method", value: "POST"),
          ]
        }
        try simulator.fault(.object(members))
      }
    }

    /// Streams that are cut, or say nothing more, in the middle of a trade.
    @Test(arguments: ["disconnect", "silence", "expire-keys"])
    func streamsFailAndComeBack(_ kind: String) throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(
        simulator, settings: ["automation.open_carries=no", "execution.clip_notional=500"])
      try desk.run()
      let commands = try LiveDesk.venues.map {
        try desk.start(["open", "ETHUSDT", "--venue", $0, "--notional", "4000", "--hold"])
      }
      try desk.wait("it trades") { try desk.books.facts() > 12 }
      try simulator.fault(["kind": .string(kind), "seconds": 3])
      for command in commands { _ = try command.wait(seconds: 120) }
      try desk.settle()
      try desk.unwindAll()
      try desk.stop()
      try desk.expectBooksAreTrue()
      #expect(try desk.books.value("SELECT count(*) FROM report.leg_fill") != "0")
    }
  }
}
