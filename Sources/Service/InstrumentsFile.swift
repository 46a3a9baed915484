public import FixedPoint
import Foundation
public import Trading
import Yams

/// The instruments of `config/instruments.yaml`.
public struct InstrumentsFile: Sendable {
  /// One pair with what a generated market needs.
  public struct Listing: Hashable, Sendable {
    /// The spot leg.
    public private(set) var spot: Instrument
    /// The perpetual leg.
    public private(set) var perp: Instrument
    /// How the venue divides an account.
    public let layout: AccountLayout
    /// Where a generated market begins.
    public let startPrice: Price

    /// Has every order pay so much.
    mutating func charge(_ fees: MarketChoice.Fees) {
      switch fees {
      case .taker: break
      case .maker:
        spot.fees.taker = spot.fees.maker
        perp.fees.taker = perp.fees.maker
      case .roundTrip(let cost):
        spot.fees.taker = cost.divided(by: 4, rounding: .halfEven)
        perp.fees.taker = spot.fees.taker
      }
    }

    /// The same terms under another name.
    func renamed(_ symbol: Symbol) -> Listing {
      var copy = self
      let base = AssetID(
        symbol.rawValue.hasSuffix(perp.quote.rawValue)
          ? String(symbol.rawValue.dropLast(perp.quote.rawValue.count)) : symbol.rawValue)
      copy.spot.id = InstrumentID(venue: spot.id.venue, market: .spot, symbol: symbol)
      copy.perp.id = InstrumentID(venue: perp.id.venue, market: .perp, symbol: symbol)
      copy.spot.base = base
      copy.perp.base = base
      return copy
    }
  }

  /// Every pair, in the order of the file.
  public let listings: [Listing]

  /// Reads and checks the file, and reports every problem together.
  public init(path: String) throws(ConfigurationError) {
    let root: Node
    do {
      let text = try String(contentsOfFile: path, encoding: .utf8)
      guard let node = try Yams.compose(yaml: text) else {
        throw ConfigurationError(["\(path): it is empty; list at least one instrument"])
      }
      root = node
    } catch let error as YamlError {
      throw ConfigurationError(["\(path): \(YAMLText.firstLine(error)); mend the YAML"])
    } catch let error as ConfigurationError {
      throw error
    } catch {
      throw ConfigurationError(["cannot read the instruments (\(path)); see the key instruments"])
    }
    var reader = Reader(path: path)
    listings = (root.sequence ?? []).compactMap { reader.listing($0) }
    if root.sequence == nil { reader.problems.append("\(path):1: expected a list of instruments") }
    for (place, listing) in listings.enumerated()
    where listings.prefix(place).contains(where: { $0.perp.id == listing.perp.id }) {
      reader.problems.append("\(path): \(listing.perp.id.symbol) is listed twice; remove one")
    }
    // Recordings are found by name, and some file systems take both names for one.
    for (place, listing) in listings.enumerated() {
      let id = listing.perp.id
      let other = listings.prefix(place).map(\.perp.id).first {
        $0 != id && $0.venue == id.venue
          && $0.symbol.rawValue.lowercased() == id.symbol.rawValue.lowercased()
      }
      if let other {
        reader.problems.append(
          "\(path): \(other.symbol) and \(id.symbol) differ in case alone; remove one")
      }
    }
    guard reader.problems.isEmpty else { throw ConfigurationError(reader.problems) }
  }

  /// The pairs with these names on each of these venues that lists them, by venue; all that the
  /// venues have when none are named.
  ///
  /// - Parameter assuming: on one venue, a pair that is not listed takes the terms of its first.
  func select(
    venues: [VenueID], symbols: [Symbol], assuming: Bool
  ) throws(ConfigurationError) -> [Listing] {
    var chosen: [Listing] = []
    for venue in venues {
      let known = try select(venue: venue, symbols: []).map(\.perp.id.symbol)
      let named = venues.count == 1 ? symbols : symbols.filter(known.contains)
      if named.isEmpty, !symbols.isEmpty {
        throw ConfigurationError([
          "none of the symbols is on \(venue); name one that is, or leave the venue out"
        ])
      }
      chosen +=
        assuming
        ? try select(venue: venue, assuming: named) : try select(venue: venue, symbols: named)
    }
    for symbol in symbols where !chosen.contains(where: { $0.perp.id.symbol == symbol }) {
      let names = venues.map(\.rawValue).joined(separator: ", ")
      throw ConfigurationError(["unknown symbol (\(symbol) on \(names)); see instruments.yaml"])
    }
    return chosen
  }

  /// The pairs of a venue with these names, in this order; all of the venue when none are named.
  public func select(
    venue: VenueID, symbols: [Symbol]
  ) throws(ConfigurationError) -> [Listing] {
    let known = listings.filter { $0.perp.id.venue == venue }
    guard !known.isEmpty else {
      let venues = Set(listings.map(\.perp.id.venue.rawValue)).sorted().joined(separator: ", ")
      throw ConfigurationError(["unknown venue (\(venue)); instruments.yaml has \(venues)"])
    }
    if symbols.isEmpty { return known }
    let names = known.map(\.perp.id.symbol.rawValue).joined(separator: ", ")
    var chosen: [Listing] = []
    for symbol in symbols {
      guard let listing = known.first(where: { $0.perp.id.symbol == symbol }) else {
        throw ConfigurationError([
          "unknown symbol (\(symbol) on \(venue)); instruments.yaml has \(names)"
        ])
      }
      if !chosen.contains(listing) { chosen.append(listing) }
    }
    return chosen
  }

  /// Pairs with these names, listed or not: one that is not takes the terms of the venue's first.
  ///
  /// For research on funding alone, where only fees and margin matter.
  func select(
    venue: VenueID, assuming symbols: [Symbol]
  ) throws(ConfigurationError) -> [Listing] {
    let known = try select(venue: venue, symbols: [])
    if symbols.isEmpty { return known }
    return symbols.map { symbol in
      known.first { $0.perp.id.symbol == symbol } ?? known[0].renamed(symbol)
    }
  }

  private struct Reader {
    let path: String
    var problems: [String] = []

    mutating func listing(_ node: Node) -> Listing? {
      let before = problems.count
      let keys = [
        "venue", "symbol", "base", "quote", "layout", "start_price", "spot", "perp",
        "margin_tiers",
      ]
      check(node, keys)
      let symbol = Symbol(text(node, "symbol"))
      if !symbol.isWellFormed {
        problem(node, "symbol (\(symbol)) is not a symbol; letters and digits")
      }
      let venue = VenueID(text(node, "venue"))
      let base = AssetID(text(node, "base"))
      let quote = AssetID(text(node, "quote"))
      let layout = AccountLayout(rawValue: text(node, "layout"))
      if layout == nil { problem(node, "layout must be separate or unified") }
      let price: Price = decimal(node, "start_price")
      let spot = instrument(
        node, "spot", InstrumentID(venue: venue, market: .spot, symbol: symbol), base, quote, [])
      let perp = instrument(
        node, "perp", InstrumentID(venue: venue, market: .perp, symbol: symbol), base, quote,
        tiers(node))
      guard problems.count == before, let spot, let perp, let layout else { return nil }
      return Listing(spot: spot, perp: perp, layout: layout, startPrice: price)
    }

    private mutating func instrument(
      _ parent: Node, _ key: String, _ id: InstrumentID, _ base: AssetID, _ quote: AssetID,
      _ tiers: [MarginTier]
    ) -> Instrument? {
      guard let node = parent.mapping?[key], node.mapping != nil else {
        problem(parent, "\(key) is missing")
        return nil
      }
      check(node, ["tick", "lot", "minimum_notional", "maker", "taker", "fee_in_base"])
      let tick: Price = decimal(node, "tick")
      let lot: Quantity = decimal(node, "lot")
      let choice = node.mapping?["fee_in_base"]?.scalar?.string ?? "no"
      if !["yes", "no"].contains(choice) {
        problem(node, "fee_in_base is \"\(choice)\"; it must be yes or no")
      }
      let fees = FeeSchedule(
        maker: decimal(node, "maker"), taker: decimal(node, "taker"),
        isTakenFromReceivedAsset: choice == "yes")
      return Instrument(
        id: id, base: base, quote: quote, tick: tick, lot: lot, minimumQuantity: lot,
        minimumNotional: decimal(node, "minimum_notional"), fees: fees, marginTiers: tiers)
    }

    /// Tiers with the deduction that keeps the margin continuous where one ends.
    private mutating func tiers(_ parent: Node) -> [MarginTier] {
      guard let rows = parent.mapping?["margin_tiers"]?.sequence, !rows.isEmpty else {
        problem(parent, "margin_tiers is missing; list at least one")
        return []
      }
      var tiers: [MarginTier] = []
      for row in rows {
        let cells = row.sequence?.compactMap { $0.scalar?.string } ?? []
        guard cells.count == 3, let floor = Notional(cells[0]), let rate = Rate(cells[1]),
          let leverage = Rate(cells[2]), rate.isPositive, rate < .one, leverage >= .one,
          tiers.isEmpty ? floor.isZero : floor > (tiers.last?.floor ?? .zero),
          rate >= (tiers.last?.maintenanceRate ?? .zero)
        else {
          problem(
            row, "a margin tier is [notional from, maintenance rate, leverage], rising from 0")
          continue
        }
        let below = tiers.last
        let step = rate - (below?.maintenanceRate ?? rate)
        tiers.append(
          MarginTier(
            floor: floor, maintenanceRate: rate,
            deduction: (below?.deduction ?? .zero) + floor.times(step),
            maximumLeverage: leverage))
      }
      return tiers
    }

    private mutating func check(_ node: Node, _ known: [String]) {
      guard let mapping = node.mapping else { return problem(node, "expected keys and values") }
      for (key, _) in mapping {
        if let name = key.scalar?.string, !known.contains(name) {
          problem(key, "unknown key (\(name)); known are \(known.joined(separator: ", "))")
        }
      }
    }

    private mutating func text(_ node: Node, _ key: String) -> String {
      guard let text = node.mapping?[key]?.scalar?.string, !text.isEmpty else {
        problem(node, "\(key) is missing")
        return ""
      }
      return text
    }

    private mutating func decimal<Unit>(_ node: Node, _ key: String) -> Fixed<Unit> {
      guard let text = node.mapping?[key]?.scalar?.string else {
        problem(node, "\(key) is missing")
        return .one
      }
      guard let value = Fixed<Unit>(text), value.isPositive else {
        problem(
          node.mapping?[key] ?? node, "\(key) is \"\(text)\"; it must be a decimal above zero")
        return .one
      }
      return value
    }

    private mutating func problem(_ node: Node, _ text: String) {
      problems.append("\(path):\(node.mark?.line ?? 1): \(text)")
    }
  }
}
