public import Trading

/// Settings of live trading.
public struct LiveSettings: Hashable, Sendable {
  /// Which clock requests are stamped by.
  public enum Clock: String, Hashable, Sendable, CaseIterable {
    /// This machine's, corrected by the venue's.
    case system
    /// The times in the venue's own messages: for simulated venues, whose time runs faster.
    case venue
  }

  /// The clock.
  public var clock = Clock.system
  /// A file of certificate authorities besides the system's; empty for none.
  public var authorities = ""
  /// Between two comparisons of books and accounts.
  public var reconcileMinutes = 15
  /// Where facts are kept while the database is away; beside the project unless absolute.
  public var emergencyFolder = ".harvester"
  /// While this file exists nothing grows; beside the project unless absolute.
  public var haltFile = ".harvester/halt"
  /// Binance.
  public var binance = VenueSettings(
    spotREST: "https://api.binance.com", futuresREST: "https://fapi.binance.com",
    spotStream: "wss://stream.binance.com:9443", futuresStream: "wss://fstream.binance.com",
    socketAPI: "wss://ws-api.binance.com:443")
  /// Bybit.
  public var bybit = VenueSettings(
    spotREST: "https://api.bybit.com", futuresREST: "https://api.bybit.com",
    spotStream: "wss://stream.bybit.com", futuresStream: "wss://stream.bybit.com",
    socketAPI: "wss://stream.bybit.com")

  /// The defaults.
  public init() {}

  /// The settings of a venue; nil when the program does not know it.
  public subscript(venue: VenueID) -> VenueSettings? {
    switch venue {
    case "binance": binance
    case "bybit": bybit
    default: nil
    }
  }

  /// The venues that have symbols to trade, in order of name.
  public var traded: [VenueID] {
    ["binance", "bybit"].filter { self[$0].map { !$0.symbols.isEmpty } ?? false }
  }
}

/// Settings of one venue.
public struct VenueSettings: Hashable, Sendable {
  /// The pairs to trade there, separated by commas; none when empty.
  public var symbolList = ""
  /// Requests about spot, wallets and the key.
  public var spotREST: String
  /// Requests about perpetuals.
  public var futuresREST: String
  /// Streams of spot.
  public var spotStream: String
  /// Streams of perpetuals.
  public var futuresStream: String
  /// Requests over a socket, and private events.
  public var socketAPI: String
  /// The file with key and secret; empty when they are in the environment.
  public var secretsFile = ""
  /// What stands behind positions.
  public var margin = MarginMode.isolated

  /// States the addresses.
  init(
    spotREST: String, futuresREST: String, spotStream: String, futuresStream: String,
    socketAPI: String
  ) {
    self.spotREST = spotREST
    self.futuresREST = futuresREST
    self.spotStream = spotStream
    self.futuresStream = futuresStream
    self.socketAPI = socketAPI
  }

  /// The pairs to trade.
  public var symbols: [Symbol] {
    symbolList.split(separator: ",").map { Symbol($0.filter { $0 != " " }) }
  }
}

extension Setting {
  /// Every key of live trading.
  static let live: [Setting] =
    [
      choice(
        "live.clock", LiveSettings.Clock.allCases.map(\.rawValue), { $0.live.clock.rawValue },
        { $0.live.clock = LiveSettings.Clock(rawValue: $1) ?? .system }),
      Setting(
        key: "live.certificate_authorities", unit: "", range: "a file, or empty",
        read: { $0.live.authorities },
        write: { configuration, text in
          configuration.live.authorities = text
          return nil
        }),
      count("live.reconcile_minutes", "minutes", 1, 1440, \.live.reconcileMinutes),
      text("live.emergency_folder", { $0.live.emergencyFolder }, { $0.live.emergencyFolder = $1 }),
      text("live.halt_file", { $0.live.haltFile }, { $0.live.haltFile = $1 }),
    ] + venue("binance", \.live.binance) + venue("bybit", \.live.bybit) + [
      choice(
        "bybit.margin", MarginMode.allCases.map(\.rawValue), { $0.live.bybit.margin.rawValue },
        { $0.live.bybit.margin = MarginMode(rawValue: $1) ?? .isolated })
    ]

  private static func venue(
    _ name: String, _ path: any WritableKeyPath<Configuration, VenueSettings> & Sendable
  ) -> [Setting] {
    [
      symbols("\(name).symbols", path),
      file("\(name).secrets_file", path, \.secretsFile),
      address("\(name).spot_rest", ["https", "http"], path, \.spotREST),
      address("\(name).futures_rest", ["https", "http"], path, \.futuresREST),
      address("\(name).spot_stream", ["wss", "ws"], path, \.spotStream),
      address("\(name).futures_stream", ["wss", "ws"], path, \.futuresStream),
      address("\(name).socket_api", ["wss", "ws"], path, \.socketAPI),
    ]
  }

  private static func symbols(
    _ key: String, _ path: any WritableKeyPath<Configuration, VenueSettings> & Sendable
  ) -> Setting {
    Setting(
      key: key, unit: "", range: "symbols, comma-separated, or empty",
      read: { $0[keyPath: path].symbolList },
      write: { configuration, text in
        var settings = configuration[keyPath: path]
        settings.symbolList = text
        if let wrong = settings.symbols.first(where: { !$0.isWellFormed }) {
          return "\"\(wrong)\" is not a symbol; write it like BTCUSDT,ETHUSDT"
        }
        if Set(settings.symbols).count < settings.symbols.count { return "a symbol stands twice" }
        configuration[keyPath: path] = settings
        return nil
      })
  }

  private static func file(
    _ key: String, _ path: any WritableKeyPath<Configuration, VenueSettings> & Sendable,
    _ field: any WritableKeyPath<VenueSettings, String> & Sendable
  ) -> Setting {
    Setting(
      key: key, unit: "", range: "a file, or empty", read: { $0[keyPath: path][keyPath: field] },
      write: { configuration, text in
        configuration[keyPath: path][keyPath: field] = text
        return nil
      })
  }

  /// `localhost`, or four numbers of which the first is 127; a name may lead anywhere.
  private static func isLoopback(_ host: String) -> Bool {
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return host == "localhost" || numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
  }

  /// An address without path; without encryption only where it cannot leave the machine.
  private static func address(
    _ key: String, _ schemes: [String],
    _ path: any WritableKeyPath<Configuration, VenueSettings> & Sendable,
    _ field: any WritableKeyPath<VenueSettings, String> & Sendable
  ) -> Setting {
    Setting(
      key: key, unit: "", range: "\(schemes[0])://host, or \(schemes[1]):// on loopback",
      read: { $0[keyPath: path][keyPath: field] },
      write: { configuration, text in
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, let scheme = schemes.first(where: { "\($0):" == parts[0] }),
          parts[1].isEmpty, !parts[2].isEmpty, !parts[2].contains("@")
        else { return "it must be \(schemes[0])://host, without a path" }
        let host = parts[2].split(separator: ":").first.map(String.init) ?? ""
        guard scheme == schemes[0] || isLoopback(host) else {
          return "\(scheme) is not encrypted; use \(schemes[0])"
        }
        configuration[keyPath: path][keyPath: field] = text
        return nil
      })
  }
}
