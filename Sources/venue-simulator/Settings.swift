import FixedPoint
import Foundation
import SimulatedVenue
import Trading
import Yams

/// The keys of the configuration file, with options and overrides on top of them.
struct Settings {
  /// Every key with its default, in the order of the file.
  static let defaults: [(key: String, value: String)] = [
    ("instruments", "instruments.yaml"), ("symbols", ""), ("venues", "binance,bybit"),
    ("market.data", ""), ("market.seed", "7"), ("market.interval", "1h"),
    ("market.from", "2024-01-01"), ("market.days", "366"), ("market.history_days", "3"),
    ("market.made_up_pairs", "0"), ("market.maximum_gap_hours", "6"),
    ("clock.start", "now"), ("clock.until", ""), ("clock.speed", "1"), ("clock.hold", "no"),
    ("clock.beat_milliseconds", "1000"), ("ports.address", "127.0.0.1"),
    ("ports.binance_spot", "0"), ("ports.binance_futures", "0"), ("ports.bybit", "0"),
    ("ports.control", "0"), ("tls.certificate", ""), ("tls.key", ""),
    ("keys.file", ""), ("keys.permissions", "read,spot,perpetuals,transfer"),
    ("keys.expires", ""), ("keys.bound_to_address", "yes"),
    ("exchange.spot_half_spread", "0.00005"), ("exchange.perp_half_spread", "0.00005"),
    ("exchange.best_notional", "50000"), ("exchange.level_growth", "0.25"),
    ("exchange.level_gap", "0.0001"), ("exchange.refill_milliseconds", "1000"),
    ("exchange.fee_places", "8"), ("exchange.liquidation_fee", "0.0125"),
    ("binance.balances", "spot:USDT=100000,futures:USDT=100000,funding:USDT=10000"),
    ("binance.margin", "cross"), ("binance.leverage", "20"), ("binance.bnb_fees", "no"),
    ("bybit.balances", "unified:USDT=200000,funding:USDT=10000"), ("bybit.margin", "cross"),
    ("bybit.leverage", "10"), ("bybit.collateral", "BTC=0.95,ETH=0.95,SOL=0.9,XRP=0.9"),
    ("bybit.order_milliseconds", "5"),
    ("faults.file", ""), ("faults.seed", "1"),
  ]

  /// The folder that file names in the configuration are relative to.
  let folder: String
  private var values: [String: String]

  init(_ command: VenueSimulator) throws {
    values = Dictionary(uniqueKeysWithValues: Self.defaults.map { ($0.key, $0.value) })
    let standard = "config/simulator.yaml"
    let file = command.config ?? standard
    folder = (file as NSString).deletingLastPathComponent
    if command.config != nil || FileManager.default.fileExists(atPath: standard) {
      try read(file)
    }
    let options: [(String, String?)] = [
      ("market.data", command.market.data), ("market.seed", command.market.seed),
      ("symbols", command.market.symbols), ("market.interval", command.market.interval),
      ("market.made_up_pairs", command.market.madeUpPairs), ("clock.start", command.clock.start),
      ("clock.until", command.clock.until), ("clock.speed", command.clock.speed),
      ("clock.hold", command.clock.hold ? "yes" : nil), ("venues", command.venues),
      ("ports.binance_spot", command.ports.binanceSpot),
      ("ports.binance_futures", command.ports.binanceFutures),
      ("ports.bybit", command.ports.bybit), ("ports.control", command.ports.control),
      ("ports.address", command.ports.address), ("faults.file", command.faults),
      ("tls.certificate", command.ports.tlsCertificate), ("tls.key", command.ports.tlsKey),
    ]
    for case let (key, value?) in options { values[key] = value }
    for text in command.overrides {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, values[String(parts[0])] != nil else {
        throw Failure(.usage, "--set \(text) names no key; write key=value")
      }
      values[String(parts[0])] = String(parts[1])
    }
    try replaceBalances(command.balances)
  }

  /// The text of a key.
  func text(_ key: String) -> String {
    guard let value = values[key] else { preconditionFailure("Invariant: \(key) is a key") }
    return value
  }

  /// A path, relative to this process or else to the configuration file; nil when not given.
  func path(_ key: String) -> String? {
    let name = text(key)
    if name.isEmpty { return nil }
    if name.hasPrefix("/") || folder.isEmpty || FileManager.default.fileExists(atPath: name) {
      return name
    }
    return "\(folder)/\(name)"
  }

  /// A whole number within limits.
  func integer(_ key: String, _ range: ClosedRange<Int>) throws -> Int {
    guard let number = Int(text(key)), range.contains(number) else {
      throw bad(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// An exact decimal within limits.
  func decimal<U>(_ key: String, _ range: ClosedRange<Fixed<U>>) throws -> Fixed<U> {
    guard let number = Fixed<U>(text(key)), range.contains(number) else {
      throw bad(key, "a decimal from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// yes or no.
  func flag(_ key: String) throws -> Bool {
    switch text(key) {
    case "yes", "true": return true
    case "no", "false": return false
    default: throw bad(key, "yes or no")
    }
  }

  /// A moment; nil when it is not given.
  func time(_ key: String) throws -> Timestamp? {
    if text(key).isEmpty { return nil }
    guard let time = try? Timestamp(text(key)[...]), Self.years.contains(time) else {
      throw bad(key, "a UTC time from 1990 to 2199, such as 2024-01-01T08:00:00Z")
    }
    return time
  }

  /// A list without blanks.
  func list(_ key: String) -> [String] {
    text(key).split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }

  /// What is wrong with a key.
  func bad(_ key: String, _ wanted: String) -> Failure {
    Failure(.badConfiguration, "\(key) (\(text(key))) must be \(wanted)")
  }

  private static let years =
    Timestamp(milliseconds: 631_152_000_000)..<Timestamp(milliseconds: 7_258_118_400_000)

  private mutating func read(_ file: String) throws {
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
      throw Failure(.badConfiguration, "cannot read the configuration (\(file))")
    }
    guard let root = try? Yams.compose(yaml: text) else {
      throw Failure(.badConfiguration, "\(file) is not YAML")
    }
    try read(root, prefix: "", file)
  }

  private mutating func read(_ node: Node, prefix: String, _ file: String) throws {
    if let scalar = node.scalar {
      guard values[prefix] != nil else {
        throw Failure(
          .badConfiguration, "\(file):\(node.mark?.line ?? 1): unknown key (\(prefix))")
      }
      values[prefix] = scalar.string
      return
    }
    guard let mapping = node.mapping else {
      throw Failure(
        .badConfiguration, "\(file):\(node.mark?.line ?? 1): \(prefix) must be a single value")
    }
    for (key, value) in mapping {
      let name = key.scalar?.string ?? ""
      try read(value, prefix: prefix.isEmpty ? name : "\(prefix).\(name)", file)
    }
  }

  /// `--balance binance:spot:USDT=100` replaces all balances of the venue that it names first.
  private mutating func replaceBalances(_ texts: [String]) throws {
    var lists: [String: [String]] = [:]
    for text in texts {
      let parts = text.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, values["\(parts[0]).balances"] != nil else {
        throw Failure(.usage, "--balance \(text) is not venue:wallet:asset=amount")
      }
      lists[String(parts[0]), default: []].append(String(parts[1]))
    }
    for (venue, list) in lists { values["\(venue).balances"] = list.joined(separator: ",") }
  }
}
