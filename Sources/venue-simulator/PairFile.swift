import FixedPoint
import Foundation
import SimulatedVenue
import Trading
import Yams

/// The pairs of `instruments.yaml`; `multiplier` and `funding_hours` may be given here too.
struct PairFile {
  /// In the order of the file.
  let pairs: [PairChoice.Pair]

  init(path: String) throws {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Failure(.badConfiguration, "cannot read the instruments (\(path))")
    }
    guard let nodes = (try? Yams.compose(yaml: text))?.sequence else {
      throw Failure(.badConfiguration, "\(path) is not a YAML list of instruments")
    }
    pairs = try nodes.map { try Self.pair(Entry(node: $0, path: path)) }
  }

  private static func pair(_ entry: Entry) throws -> PairChoice.Pair {
    let venue = VenueID(try entry.text("venue"))
    let symbol = Symbol(try entry.text("symbol"))
    let (base, quote) = (AssetID(try entry.text("base")), AssetID(try entry.text("quote")))
    func leg(_ market: Market, _ tiers: [MarginTier]) throws -> Instrument {
      let own = try entry.section(market.rawValue)
      let lot: Quantity = try own.decimal("lot")
      return Instrument(
        id: InstrumentID(venue: venue, market: market, symbol: symbol), base: base, quote: quote,
        tick: try own.decimal("tick"), lot: lot, minimumQuantity: lot,
        minimumNotional: try own.decimal("minimum_notional"),
        fees: FeeSchedule(
          maker: try own.decimal("maker"), taker: try own.decimal("taker"),
          isTakenFromReceivedAsset: own.optional("fee_in_base") == "yes"),
        marginTiers: tiers)
    }
    let planned = PlannedPair(
      spot: try leg(.spot, []), perp: try leg(.perp, try entry.tiers()),
      multiplier: max(1, Int(entry.optional("multiplier") ?? "1") ?? 1),
      fundingHours: entry.optional("funding_hours").flatMap(Int.init))
    return PairChoice.Pair(planned: planned, startPrice: try entry.decimal("start_price"))
  }

  /// One node of the file with words for what is wrong in it.
  private struct Entry {
    let node: Node
    let path: String

    func optional(_ key: String) -> String? { node.mapping?[key]?.scalar?.string }

    func text(_ key: String) throws -> String {
      guard let text = optional(key) else { throw problem("\(key) is missing") }
      return text
    }

    func decimal<U>(_ key: String) throws -> Fixed<U> {
      guard let value = Fixed<U>(try text(key)) else { throw problem("\(key) is not a decimal") }
      return value
    }

    func section(_ key: String) throws -> Entry {
      guard let section = node.mapping?[key], section.mapping != nil else {
        throw problem("\(key) is missing")
      }
      return Entry(node: section, path: path)
    }

    /// `[floor, maintenance rate, largest leverage]`, with the deductions that make it continuous.
    func tiers() throws -> [MarginTier] {
      var tiers: [MarginTier] = []
      for row in node.mapping?["margin_tiers"]?.sequence ?? [] {
        let cells = row.sequence?.compactMap { $0.scalar?.string } ?? []
        guard cells.count == 3, let floor = Notional(cells[0]), let rate = Rate(cells[1]),
          let leverage = Rate(cells[2])
        else { throw problem("margin_tiers must be lists of three decimals") }
        let before = tiers.last
        let step = floor.times(rate - (before?.maintenanceRate ?? rate))
        tiers.append(
          MarginTier(
            floor: floor, maintenanceRate: rate,
            deduction: (before?.deduction ?? .zero) + step, maximumLeverage: leverage))
      }
      return tiers
    }

    func problem(_ text: String) -> Failure {
      Failure(.badConfiguration, "\(path):\(node.mark?.line ?? 1): \(text)")
    }
  }
}
