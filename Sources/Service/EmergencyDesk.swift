import FixedPoint
import Trading
import Transport
import Venues

/// One venue in an emergency: what is known of its instruments, and what was sold.
struct EmergencyDesk {
  let session: any AnyVenueSession
  /// Pairs of the configuration.
  private let configured: [Symbol]
  /// Symbols of positions that no pair explained.
  private var strange: [Symbol] = []
  private(set) var lots = TradableLots()
  private var isKnown = false
  private var hasAsked = false
  /// Whether the account could be read the last time.
  private(set) var isAnswering = true
  /// Why it could not.
  private var blindness = ""
  /// Spot that was never hedged by a position of a pair outside of the configuration.
  private var kept: [AssetID: Quantity] = [:]
  /// At most so much spot is left after what was sold, whatever a late balance says.
  private var bounds: [AssetID: Quantity] = [:]
  var orders = EmergencyOrders()

  init(_ session: any AnyVenueSession, symbols: [Symbol]) {
    self.session = session
    configured = symbols
  }

  // MARK: - Looking

  /// Adds what stands open here, all spot as if every short were closed.
  mutating func look(into sight: inout Emergency.Sight) {
    guard let snapshot = read(learning: !hasAsked) else {
      sight.problems.append("\(session.venue): the account cannot be read (\(blindness))")
      return
    }
    sight.steps += closings(snapshot)
    sight.steps += sales(snapshot) { held($0, snapshot) }
    sight.orders += snapshot.openOrders.filter(isOurs)
    sight.problems += problems(snapshot)
  }

  /// The account, with everything known that is needed to trade it away; nil when it cannot be read.
  ///
  /// - Parameter learning: whether names and steps that are not known are asked for (again).
  private mutating func read(learning: Bool) -> AccountSnapshot? {
    if learning, !isKnown { learn() }
    guard let first = snapshot() else { return nil }
    let symbols = unexplained(first).map(\.instrument.symbol).filter {
      !(configured + strange).contains($0)
    }
    guard !symbols.isEmpty else { return first }
    strange += symbols
    learn()
    let second = snapshot()
    if let second { keepUnhedged(second) }
    return second
  }

  private mutating func snapshot() -> AccountSnapshot? {
    switch Emergency.read(session) {
    case .success(let snapshot):
      isAnswering = true
      return snapshot
    case .failure(let error):
      isAnswering = false
      blindness = error.reason
      return nil
    }
  }

  /// Reads names and steps; the session asks again by itself where nobody answers.
  private mutating func learn() {
    hasAsked = true
    _ = session.performAndWait(.readClock, atMost: .seconds(10))
    let messages = session.performAndWait(.lots(configured + strange), atMost: .seconds(20))
    for case .lots(let found) in messages {
      // What was known is better than what is not known now.
      if found.listings.count >= lots.listings.count { lots = found }
      isKnown = found.unread.isEmpty
    }
    var names: Set<String> = []
    lots.listings = lots.listings.filter { names.insert($0.perpName).inserted }
    let pairs = lots.listings.map { ($0.spot, $0.perp) }
    session.attach(Universe(pairs: pairs), listings: lots.listings)
  }

  /// Positions of instruments of which no lots are known.
  private func unexplained(_ snapshot: AccountSnapshot) -> [Position] {
    snapshot.positions.filter { listing(of: $0.instrument) == nil }
  }

  private func listing(of perp: InstrumentID) -> Listing? {
    lots.standIns.contains(perp) ? nil : lots.listings.first { $0.perp.id == perp }
  }

  /// Of pairs outside of the configuration only that is sold which hedged their shorts.
  private mutating func keepUnhedged(_ snapshot: AccountSnapshot) {
    let ours = Set(lots.listings.filter { configured.contains($0.perp.id.symbol) }.map(\.spot.base))
    for listing in lots.listings where kept[listing.spot.base] == nil {
      let asset = listing.spot.base
      guard !ours.contains(asset) else { continue }
      kept[asset] = max(held(asset, snapshot) - short(of: asset, snapshot), .zero)
    }
  }

  private func isOurs(_ order: OpenOrder) -> Bool {
    order.id != nil
      || lots.listings.contains { [$0.spot.id, $0.perp.id].contains(order.instrument) }
  }

  private func problems(_ snapshot: AccountSnapshot) -> [String] {
    var problems: [String] = []
    for market in Market.allCases {
      guard let why = lots.unread[market] else { continue }
      problems.append("\(session.venue): instruments of \(market.rawValue) cannot be read (\(why))")
    }
    for position in unexplained(snapshot) {
      problems.append(
        "\(session.venue): \(position.quantity) \(position.instrument.symbol) is open, but nothing "
          + "is known of its lots; close it at the venue")
    }
    for position in snapshot.positions where closing(position) == nil {
      guard let listing = listing(of: position.instrument) else { continue }
      problems.append(
        "\(session.venue): \(position.quantity) \(position.instrument.symbol) is open, and less "
          + "than the venue trades (\(listing.perp.minimumQuantity))")
    }
    return problems
  }

  // MARK: - Flattening

  /// Takes back orders, closes perpetuals, reads again, and sells what no short needs any more.
  mutating func flatten(report: (Emergency.Step) -> Void) {
    guard let before = read(learning: true) else { return }
    for order in before.openOrders where isOurs(order) { orders.takeBack(order, at: session) }
    for step in closings(before) {
      let largest = lots.largest[step.instrument]
      guard let perp = listing(of: step.instrument)?.perp else { continue }
      _ = orders.trade(step, of: perp, largest: largest, at: session, report: report)
    }
    // Without a new look nothing is known of the shorts that are left.
    guard let after = read(learning: false) else { return }
    for step in sales(after, of: { left($0, after) - short(of: $0, after) }) {
      guard let spot = lots.listings.first(where: { $0.spot.id == step.instrument })?.spot,
        mayBeSold(spot.base, after)
      else { continue }
      let sold = orders.trade(
        step, of: spot, largest: lots.largest[step.instrument], at: session, report: report)
      bounds[spot.base] = left(spot.base, after) - sold
    }
  }

  /// What is held, or less when a sale is not in the balance yet.
  private func left(_ asset: AssetID, _ snapshot: AccountSnapshot) -> Quantity {
    let held = held(asset, snapshot)
    return min(held, bounds[asset] ?? held)
  }

  /// The orders that close perpetuals.
  private func closings(_ snapshot: AccountSnapshot) -> [Emergency.Step] {
    snapshot.positions.compactMap(closing)
  }

  private func closing(_ position: Position) -> Emergency.Step? {
    guard let perp = listing(of: position.instrument)?.perp else { return nil }
    let quantity = position.quantity.magnitude.rounded(toMultipleOf: perp.lot, .down)
    guard quantity >= perp.minimumQuantity else { return nil }
    return Emergency.Step(
      instrument: perp.id, side: position.quantity.isNegative ? .buy : .sell, quantity: quantity,
      result: "")
  }

  /// The orders that sell what may go of each asset; less than a lot stays and is no step.
  private func sales(
    _ snapshot: AccountSnapshot, of free: (AssetID) -> Quantity
  ) -> [Emergency.Step] {
    var assets: Set<AssetID> = []
    return lots.listings.compactMap { listing in
      let (spot, asset) = (listing.spot, listing.spot.base)
      // Two pairs of one asset share its balance.
      guard !lots.standIns.contains(spot.id), assets.insert(asset).inserted else { return nil }
      let quantity = (free(asset) - (kept[asset] ?? .zero))
        .rounded(toMultipleOf: spot.lot, .down)
      guard quantity >= spot.minimumQuantity else { return nil }
      return Emergency.Step(instrument: spot.id, side: .sell, quantity: quantity, result: "")
    }
  }

  /// Whether all shorts on an asset are known: what was not read may hide one.
  private func mayBeSold(_ asset: AssetID, _ snapshot: AccountSnapshot) -> Bool {
    let isHidden = lots.listings.contains {
      $0.spot.base == asset && lots.standIns.contains($0.perp.id) && lots.unread[.perp] != nil
    }
    return !isHidden
      && !unexplained(snapshot).contains {
        $0.quantity.isNegative && $0.instrument.symbol.rawValue.contains(asset.rawValue)
      }
  }

  /// What is short of an asset, as a positive number.
  private func short(of asset: AssetID, _ snapshot: AccountSnapshot) -> Quantity {
    var sum = Quantity.zero
    for position in snapshot.positions where position.quantity.isNegative {
      if listing(of: position.instrument)?.perp.base == asset { sum += position.quantity.magnitude }
    }
    return sum
  }

  private func held(_ asset: AssetID, _ snapshot: AccountSnapshot) -> Quantity {
    let wallet = session.capabilities.layout.wallet(of: .spot)
    let balance = snapshot.balances.first { $0.wallet == wallet && $0.asset == asset }
    return (balance?.total ?? .zero).reinterpreted(as: Unit.Base.self)
  }
}
