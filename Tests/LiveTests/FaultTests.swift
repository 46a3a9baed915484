import Glibc
import TestKit
import Testing
import Wire

extension LiveRuns {
  /// What goes wrong at a venue in the middle of a trade leaves the books true.
  @Suite struct Faults {
    /// A fault by its kind, with what it needs besides, and whether it strikes at orders.
    struct Case: CustomTestStringConvertible, Sendable {
      let testDescription: String
      let fault: JSON
      var isOfOrders = true

      init(_ kind: String, _ more: [JSONMember] = [], isOfOrders: Bool = true) {
        testDescription = kind
        fault = .object([JSONMember(name: "kind", value: .string(kind))] + more)
        self.isOfOrders = isOfOrders
      }
    }

    static let cases = [
      Case("lost-reply"), Case("lost-request"),
      Case("5xx", [JSONMember(name: "status", value: "503")]),
      Case("429", [JSONMember(name: "seconds", value: 2)]),
      Case("unknown-outcome", [JSONMember(name: "executes", value: true)]),
      Case("late-fill", [JSONMember(name: "milliseconds", value: 700)]),
      Case("duplicate-events", [JSONMember(name: "count", value: 100)], isOfOrders: false),
      Case("reorder-events", [JSONMember(name: "count", value: 100)], isOfOrders: false),
      Case("lose-events", [JSONMember(name: "count", value: 3)], isOfOrders: false),
      Case("lookup-lag", [JSONMember(name: "seconds", value: 2)], isOfOrders: false),
    ]

    @Test(arguments: cases) func booksStayTrue(_ fault: Case) throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(simulator, settings: ["automation.open_carries=no"])
      try desk.run()
      try strike(fault, simulator)
      for venue in LiveDesk.venues { try desk.tryToOpen("ETHUSDT", at: venue) }
      try desk.settle()
      try strike(fault, simulator)
      try desk.unwindAll()
      try desk.stop()
      try desk.expectBooksAreTrue()
      #expect(try desk.books.value("SELECT count(*) FROM report.leg_fill") != "0")
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
