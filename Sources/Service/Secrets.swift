import Foundation
public import Trading
public import Wire

/// Key and secret of one venue.
public struct VenueSecrets: Sendable {
  /// The public half.
  public let key: String
  /// The private half.
  public let secret: Secret
  /// Whether the secret is a private key in PEM.
  public let isPrivateKey: Bool
}

/// Where secrets come from: the environment, or a file that only its owner can read.
public enum Secrets {
  /// Variables that hold secrets.
  static let variables = ["BINANCE", "BYBIT"].flatMap {
    ["HARVESTER_\($0)_KEY", "HARVESTER_\($0)_SECRET"]
  }

  /// Reads key and secret of a venue.
  ///
  /// - Throws: what is missing or unsafe; never a part of a secret.
  public static func read(
    _ venue: VenueID, file: String, environment: [String: String]
  ) throws(ConfigurationError) -> VenueSecrets {
    let prefix = "HARVESTER_\(venue.rawValue.uppercased())"
    let fromFile = file.isEmpty ? [:] : try self.fields(file)
    let key = environment["\(prefix)_KEY"] ?? fromFile["key"] ?? ""
    let secret = environment["\(prefix)_SECRET"] ?? fromFile["secret"] ?? ""
    guard !key.isEmpty, !secret.isEmpty else {
      throw ConfigurationError([
        "no key for \(venue); set \(prefix)_KEY and \(prefix)_SECRET, or \(venue).secrets_file"
      ])
    }
    return VenueSecrets(
      key: key, secret: Secret(secret), isPrivateKey: secret.hasPrefix("-----BEGIN"))
  }

  /// `name: value` lines; a value that begins a PEM block goes on to its end.
  private static func fields(_ path: String) throws(ConfigurationError) -> [String: String] {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
      let mode = attributes[.posixPermissions] as? NSNumber
    else { throw ConfigurationError(["no secrets file (\(path)); check the path"]) }
    guard mode.intValue & 0o077 == 0 else {
      throw ConfigurationError(["others can read the secrets file (\(path)); chmod 600 it"])
    }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw ConfigurationError(["cannot read the secrets file (\(path)); check its owner"])
    }
    var fields: [String: String] = [:]
    var name = ""
    for line in text.split(separator: "\n") {
      if let colon = line.firstIndex(of: ":"), !line.hasPrefix("-") {
        name = line[..<colon].trimmingCharacters(in: .whitespaces)
        fields[name] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      } else if !name.isEmpty {
        fields[name, default: ""] += (fields[name]?.isEmpty == false ? "\n" : "") + line
      }
    }
    return fields
  }
}
