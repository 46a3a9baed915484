import Core
import FixedPoint
import Trading

/// What a value may be, and how it is read and written.
extension Setting {
  static func decimal<Unit>(
    _ key: String, _ unit: String, _ low: Fixed<Unit>, _ high: Fixed<Unit>,
    _ path: any WritableKeyPath<Configuration, Fixed<Unit>> & Sendable
  ) -> Setting {
    Setting(
      key: key, unit: unit, range: "\(low) … \(high)",
      read: { $0[keyPath: path].description },
      write: { configuration, text in
        do throws(DecimalError) {
          let value = try Fixed<Unit>(text[...])
          guard (low...high).contains(value) else { return "it must be \(low) … \(high) \(unit)" }
          configuration[keyPath: path] = value
          return nil
        } catch {
          return "it must be a decimal, \(low) … \(high) \(unit)"
        }
      })
  }

  static func count(
    _ key: String, _ unit: String, _ low: Int, _ high: Int,
    _ path: any WritableKeyPath<Configuration, Int> & Sendable
  ) -> Setting {
    Setting(
      key: key, unit: unit, range: "\(low) … \(high)", read: { String($0[keyPath: path]) },
      write: { configuration, text in
        guard let value = Int(text), (low...high).contains(value) else {
          return "it must be a whole number, \(low) … \(high) \(unit)"
        }
        configuration[keyPath: path] = value
        return nil
      })
  }

  static func choice(
    _ key: String, _ choices: [String], _ read: @escaping @Sendable (Configuration) -> String,
    _ write: @escaping @Sendable (inout Configuration, String) -> Void
  ) -> Setting {
    Setting(
      key: key, unit: "", range: choices.joined(separator: " or "), read: read,
      write: { configuration, text in
        guard choices.contains(text) else {
          return "it must be \(choices.joined(separator: " or "))"
        }
        write(&configuration, text)
        return nil
      })
  }

  static func text(
    _ key: String, _ read: @escaping @Sendable (Configuration) -> String,
    _ write: @escaping @Sendable (inout Configuration, String) -> Void
  ) -> Setting {
    Setting(
      key: key, unit: "", range: "text", read: read,
      write: { configuration, text in
        guard !text.isEmpty else { return "it must not be empty" }
        write(&configuration, text)
        return nil
      })
  }
}
