public import Trading
public import Transport
import Venues
import Wire

/// Conversations with the venues that a configuration names.
public enum VenueSessions {
  /// Makes a conversation with every venue that has symbols, in order of name; nothing is opened.
  ///
  /// - Throws: secrets that are missing, unsafe or unusable, all together.
  public static func make(
    _ configuration: Configuration, environment: [String: String]
  ) throws(ConfigurationError) -> [any AnyVenueSession] {
    let venues = configuration.live.traded
    guard !venues.isEmpty else {
      throw ConfigurationError([
        "no symbols to trade; set binance.symbols or bybit.symbols, such as BTCUSDT,ETHUSDT"
      ])
    }
    var sessions: [any AnyVenueSession] = []
    var problems: [String] = []
    for venue in venues {
      guard let settings = configuration.live[venue] else { continue }
      do throws(ConfigurationError) {
        let secrets = try Secrets.read(
          venue, file: settings.secretsFile, environment: environment)
        sessions.append(try session(venue, settings, secrets, configuration.live))
      } catch {
        problems += error.problems
      }
    }
    guard problems.isEmpty else { throw ConfigurationError(problems) }
    return sessions
  }

  /// A conversation without a key, for what venues publish.
  public static func anonymous(
    _ venue: VenueID, _ configuration: Configuration
  ) throws(ConfigurationError) -> any AnyVenueSession {
    guard let settings = configuration.live[venue] else {
      throw ConfigurationError(["unknown venue (\(venue)); use binance or bybit"])
    }
    let nobody = VenueSecrets(key: "", secret: Secret(""), isPrivateKey: false)
    return try session(venue, settings, nobody, configuration.live)
  }

  private static func session(
    _ venue: VenueID, _ settings: VenueSettings, _ secrets: VenueSecrets, _ live: LiveSettings
  ) throws(ConfigurationError) -> any AnyVenueSession {
    let transport = TransportOptions(
      certificates: live.authorities.isEmpty ? nil : live.authorities)
    let options = SessionOptions(
      transport: transport, clock: live.clock == .venue ? .venue : .system,
      // A simulated venue whose time runs faster measures long windows by that time.
      budgets: (budgets[venue] ?? []).filter {
        live.clock == .system || $0.window <= .seconds(5)
      })
    let addresses: [Endpoint: String] = [
      .spotREST: settings.spotREST, .futuresREST: settings.futuresREST,
      .spotStream: settings.spotStream, .futuresStream: settings.futuresStream,
      .socketAPI: settings.socketAPI,
    ]
    if venue == "bybit" {
      let credentials = BybitCredentials(apiKey: secrets.key, secret: secrets.secret)
      return VenueSession(
        dialect: BybitDialect(credentials: credentials, margin: settings.margin),
        addresses: addresses, options: options)
    }
    let credentials = BinanceCredentials(
      apiKey: secrets.key, secret: secrets.secret, kind: secrets.isPrivateKey ? .ed25519 : .hmac)
    guard credentials.canSign else {
      throw ConfigurationError(["the secret of \(venue) is no Ed25519 key in PEM; check it"])
    }
    return VenueSession(
      dialect: BinanceDialect(credentials: credentials), addresses: addresses, options: options)
  }

  /// The venues' limits for one address and account, as of their documentation of 2026, named as the
  /// dialects report what is used of them.
  private static let budgets: [VenueID: [BudgetRule]] = [
    "binance": [
      BudgetRule("spot_rest used-weight-1m", [.spotREST], limit: 6000, window: .minutes(1)),
      BudgetRule("futures_rest used-weight-1m", [.futuresREST], limit: 2400, window: .minutes(1)),
      BudgetRule(
        "spot_rest order-count-10s", [.spotREST], .orders, limit: 50, window: .seconds(10)),
      BudgetRule(
        "futures_rest order-count-10s", [.futuresREST], .orders, limit: 300, window: .seconds(10)),
      BudgetRule(
        "futures_rest order-count-1m", [.futuresREST], .orders, limit: 1200, window: .minutes(1)),
    ],
    "bybit": [BudgetRule("requests", [.spotREST], limit: 600, window: .seconds(5))]
      + bybitPaths.map { path, limit in
        BudgetRule(
          path, [.spotREST], paths: [path], .weight, limit: limit, window: .seconds(1))
      },
  ]

  /// Requests a second and key; the sheet gives some as for contracts, the stricter ones.
  private static let bybitPaths: [(String, Int)] = [
    ("/v5/order/create", 10), ("/v5/order/cancel", 10), ("/v5/spread/order/create", 10),
    ("/v5/spread/order/cancel", 10), ("/v5/position/add-margin", 10),
    ("/v5/position/set-leverage", 10), ("/v5/position/switch-mode", 10),
    ("/v5/account/fee-rate", 10), ("/v5/account/transaction-log", 25),
    ("/v5/order/realtime", 50), ("/v5/order/history", 50), ("/v5/execution/list", 50),
    ("/v5/position/list", 50), ("/v5/account/wallet-balance", 50),
    ("/v5/spread/order/realtime", 50), ("/v5/spread/order/history", 50),
    ("/v5/spread/execution/list", 50),
  ]
}
