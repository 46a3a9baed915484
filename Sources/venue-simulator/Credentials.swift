import Foundation
import SimulatedVenue
import Trading
import Wire

/// Who may sign requests: one key, the same at every venue.
struct Credentials {
  let keys: [APIKey]

  /// Takes the environment first, then the file: two lines, key and secret; a third line and on may
  /// be an Ed25519 public key as PEM.
  init(_ settings: Settings) throws {
    let environment = ProcessInfo.processInfo.environment
    var name = environment["VENUE_SIMULATOR_KEY"] ?? ""
    var secret = environment["VENUE_SIMULATOR_SECRET"] ?? ""
    var publicKey: String?
    if name.isEmpty, let path = settings.path("keys.file") {
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
        throw Failure(.badConfiguration, "cannot read the keys (\(path))")
      }
      let lines = text.split(separator: "\n", maxSplits: 2).map(String.init)
      guard lines.count >= 2 else {
        throw Failure(.badConfiguration, "\(path) must have two lines: key and secret")
      }
      name = lines[0].trimmingCharacters(in: .whitespaces)
      secret = lines[1].trimmingCharacters(in: .whitespaces)
      publicKey = lines.count > 2 ? lines[2] : nil
    }
    guard !name.isEmpty else {
      keys = []
      return
    }
    guard !secret.isEmpty || publicKey != nil else {
      throw Failure(.badConfiguration, "there is a key without a secret")
    }
    var key = APIKey(name: name, secret: Secret(secret), publicKey: publicKey)
    try Self.grant(settings, &key)
    keys = [key]
  }

  private static func grant(_ settings: Settings, _ key: inout APIKey) throws {
    let rights = settings.list("keys.permissions")
    let known = ["read", "spot", "perpetuals", "transfer", "withdraw"]
    for right in rights where !known.contains(right) {
      throw settings.bad("keys.permissions", "a list of \(known.joined(separator: ", "))")
    }
    key.mayRead = rights.contains("read")
    key.mayTradeSpot = rights.contains("spot")
    key.mayTradePerpetuals = rights.contains("perpetuals")
    key.mayTransfer = rights.contains("transfer")
    key.mayWithdraw = rights.contains("withdraw")
    key.isBoundToAddress = try settings.flag("keys.bound_to_address")
    key.expiresAt = try settings.time("keys.expires")
  }
}
