import Simulation
import Wire

/// What befalls a desk within a few seconds, drawn from a seed.
struct Storm: CustomStringConvertible {
  /// Which of the desk's storms it is, from 1.
  let number: Int
  /// What happens when, milliseconds after the beginning, in order.
  let strikes: [(at: Int, Strike)]

  private static let pairs = ["binance", "bybit"].flatMap { venue in
    ["BTCUSDT", "ETHUSDT"].map { Strike.Pair(venue: venue, symbol: $0) }
  }
  /// So long strikes begin; what they began ends at the latest with the storm.
  private static let length = 4000

  /// Draws a storm.
  ///
  /// Each storm has a few families of faults and none of the others, so that rare ones meet.
  init(seed: UInt64, number: Int, on climate: Climate) {
    self.number = number
    var chance = SeededRandom(seed: seed, stream: number)
    var drawn: [(at: Int, Strike)] = []
    for _ in 0..<(1 + chance.below(2)) {
      drawn.append((chance.below(300), Self.trade(&chance)))
    }
    let families = climate.families
    let chosen = (0..<(1 + chance.below(3))).map { _ in families[chance.below(families.count)] }
    for _ in 0..<(2 + chance.below(5)) {
      let at = 100 + chance.below(Self.length)
      let family = chosen[chance.below(chosen.count)]
      drawn += Self.draw(family, &chance, climate).map { (at + $0.after, $0.strike) }
    }
    // Strikes of one moment stay in the order drawn.
    strikes = drawn.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
      .map(\.element)
  }

  var description: String {
    "storm \(number): " + strikes.map { "\($0.at) ms \($0.1)" }.joined(separator: "; ")
  }

  /// What can happen at a desk.
  struct Climate {
    /// Whether the process takes its time from the venues, whose clock may then leap.
    let mayLeap: Bool
    /// Whether there is a disk to fill.
    let hasDisk: Bool

    fileprivate var families: [Family] { Family.allCases }
  }

  fileprivate enum Family: CaseIterable {
    case orders, events, streams, markets, sessions, server, process, operators, clock
  }

  private typealias Drawn = [(after: Int, strike: Strike)]

  private static func draw(
    _ family: Family, _ chance: inout SeededRandom, _ climate: Climate
  ) -> Drawn {
    switch family {
    case .orders: [(0, .fault(orderFault(&chance)))]
    case .events: [(0, .fault(eventFault(&chance)))]
    case .streams: [(0, .fault(streamFault(&chance)))]
    case .markets: market(&chance)
    case .sessions: session(&chance)
    case .server: server(&chance, climate)
    case .process: process(&chance)
    case .operators: operatorWish(&chance)
    case .clock: clock(&chance, climate)
    }
  }

  private static func trade(_ chance: inout SeededRandom) -> Strike {
    .trade(
      pairs[chance.below(pairs.count)], notional: 1000 * (2 + chance.below(5)),
      wish: Strike.Wish.allCases[chance.below(Strike.Wish.allCases.count)])
  }

  private static func venue(_ chance: inout SeededRandom) -> JSON {
    chance.below(2) == 0 ? "binance" : "bybit"
  }

  /// Bans are left out: the venues' last for minutes.
  private static func orderFault(_ chance: inout SeededRandom) -> JSON {
    let isBybit = chance.below(2) == 0
    let isSpot = chance.below(2) == 0
    let place: [JSONMember] = [
      JSONMember(name: "venue", value: isBybit ? "bybit" : "binance"),
      JSONMember(name: "method", value: "POST"),
      JSONMember(
        name: "path",
        value: isBybit ? "/v5/order/create" : isSpot ? "/api/v3/order" : "/fapi/v1/order"),
      JSONMember(name: "count", value: .number("\(1 + chance.below(3))")),
    ]
    let kinds: [(String, [JSONMember])] = [
      ("lost-reply", []), ("lost-request", []),
      ("5xx", [JSONMember(name: "status", value: "503")]),
      ("429", [JSONMember(name: "seconds", value: 2)]),
      ("unknown-outcome", [JSONMember(name: "executes", value: true)]),
      ("unknown-outcome", [JSONMember(name: "executes", value: false)]),
      ("unavailable", []),
      (
        "late-reply",
        [JSONMember(name: "milliseconds", value: .number("\(300 + chance.below(5000))"))]
      ),
      (
        "late-fill",
        [JSONMember(name: "milliseconds", value: .number("\(200 + chance.below(4000))"))]
      ),
    ]
    let (kind, more) = kinds[chance.below(kinds.count)]
    return .object([JSONMember(name: "kind", value: .string(kind))] + place + more)
  }

  private static func eventFault(_ chance: inout SeededRandom) -> JSON {
    let kinds = ["duplicate-events", "reorder-events", "lose-events", "lookup-lag"]
    let kind = kinds[chance.below(kinds.count)]
    return [
      "kind": .string(kind), "venue": venue(&chance),
      "count": .number("\(kind == "lose-events" ? 1 + chance.below(4) : 20)"),
      "seconds": .number("\(1 + chance.below(4))"),
    ]
  }

  private static func streamFault(_ chance: inout SeededRandom) -> JSON {
    let kinds = ["disconnect", "silence", "expire-keys", "restart", "lost-reply", "5xx"]
    let kind = kinds[chance.below(kinds.count)]
    return [
      "kind": .string(kind), "venue": venue(&chance), "method": "GET",
      "seconds": .number("\(1 + chance.below(5))"), "status": "503",
      "count": .number("\(1 + chance.below(6))"),
    ]
  }

  private static func market(_ chance: inout SeededRandom) -> Drawn {
    let pair = pairs[chance.below(pairs.count)]
    let names: [(String, JSON)] = [
      ("venue", .string(pair.venue)), ("symbol", .string(pair.symbol)),
    ]
    func fault(_ members: (String, JSON)...) -> Strike {
      .fault(.object((names + members).map { JSONMember(name: $0.0, value: $0.1) }))
    }
    switch chance.below(4) {
    case 0:
      let fraction = ["0.2", "0.5", "1"][chance.below(3)]
      return [(0, fault(("kind", "adl"), ("fraction", .string(fraction))))]
    case 1:
      let status: JSON = ["halted", "cancelOnly", "reduceOnly"].map(JSON.string)[chance.below(3)]
      return [
        (0, fault(("kind", "status"), ("status", status))),
        (
          500 + chance.below(4000),
          fault(("kind", "status"), ("status", "trading"))
        ),
      ]
    default:
      let fraction = ["-0.03", "-0.01", "0.005", "0.01", "0.02", "0.03"][chance.below(6)]
      return [(0, .price(pair, fraction))]
    }
  }

  private static func session(_ chance: inout SeededRandom) -> Drawn {
    switch chance.below(4) {
    case 0: [(0, .cut(.beforeCommit))]
    case 1: [(0, .cut(.afterCommit))]
    case 2: [(0, .endSession)]
    default: [(0, .partition(true)), (100 + chance.below(3000), .partition(false))]
    }
  }

  private static func server(_ chance: inout SeededRandom, _ climate: Climate) -> Drawn {
    let end = 200 + chance.below(3500)
    return switch chance.below(climate.hasDisk ? 4 : 3) {
    case 0: [(0, .killBackend)]
    case 1: [(0, .server(isUp: false)), (end, .server(isUp: true))]
    case 2: [(0, .readOnly(true)), (end, .readOnly(false))]
    default: [(0, .diskFull(true)), (end, .diskFull(false))]
    }
  }

  private static func process(_ chance: inout SeededRandom) -> Drawn {
    switch chance.below(6) {
    case 0, 1: [(0, .kill(restart: chance.below(3) > 0))]
    case 2: [(0, .suspend(true)), (300 + chance.below(7000), .suspend(false))]
    case 3: [(0, .second)]
    case 4:
      [
        (0, .standby), (600 + chance.below(1500), .suspend(true)),
        (2200, .endSession), (2500 + chance.below(4000), .suspend(false)),
      ]
    default: [(0, .standby), (800 + chance.below(2000), .kill(restart: false))]
    }
  }

  private static func operatorWish(_ chance: inout SeededRandom) -> Drawn {
    switch chance.below(8) {
    case 0: [(0, .command(["unwind", "--all", "--yes"]))]
    case 1: [(0, .command(["pause"])), (200 + chance.below(2000), .command(["resume"]))]
    case 2: [(0, .pauseSignal), (200 + chance.below(2000), .command(["resume"]))]
    case 3: [(0, .haltFile(true)), (200 + chance.below(2000), .haltFile(false))]
    case 4: [(0, .command(["reconcile"]))]
    default: [(0, trade(&chance))]
    }
  }

  private static func clock(_ chance: inout SeededRandom, _ climate: Climate) -> Drawn {
    if climate.mayLeap {
      let seconds = chance.below(2) == 0 ? 1 + chance.below(90) : 3600 * (1 + chance.below(8))
      return [(0, .leap(seconds: seconds))]
    }
    let skew = [-15, -4, -1, 1, 4, 15][chance.below(6)]
    let name = venue(&chance)
    func fault(_ seconds: Int) -> Strike {
      .fault(["kind": "clock-skew", "venue": name, "seconds": .number("\(seconds)")])
    }
    return [(0, fault(skew)), (500 + chance.below(3500), fault(0))]
  }
}
