import ArgumentParser
import Service

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Check the configuration and print every setting with its origin.")
  @OptionGroup var common: CommonOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let loaded = try common.configuration()
    _ = try common.instruments(loaded)
    let columns = [
      Column("key", .text), Column("value", .text), Column("unit", .text), Column("range", .text),
      Column("origin", .text),
    ]
    let rows = Setting.all.map { setting in
      [
        setting.key, setting.read(loaded.configuration), setting.unit, setting.range,
        loaded.origins[setting.key] ?? "default",
      ]
    }
    Table(columns, rows).print(as: output.format)
  }
}

/// The settings as one value.
enum Settings {
  /// Every setting by its key.
  static func json(_ configuration: Configuration) -> JSONText {
    .object(Setting.all.map { ($0.key, .string($0.read(configuration))) })
  }

  /// What the simulated venue of a paper account is made of; it may not change while it lives.
  static func paperVenue(_ configuration: Configuration) -> String {
    Setting.all.filter { $0.key.hasPrefix("paper.") || $0.key == "sizing.leverage" }
      .map { "\($0.key) \($0.read(configuration))" }.joined(separator: ", ")
  }

  /// Tells configurations apart; not a secret, not for security.
  static func fingerprint(_ configuration: Configuration) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in JSONText.compact(json(configuration)).utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
    return String(hash, radix: 16)
  }
}
