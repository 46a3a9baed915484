import Core
import FixedPoint
import Foundation
import Yams

/// Reads a configuration: command line over environment over file over defaults.
public struct ConfigurationLoader: Sendable {
  /// The result, with the origin of each value.
  public struct Loaded: Sendable {
    /// The effective values.
    public let configuration: Configuration
    /// Where each key's value came from.
    public let origins: [String: String]
    /// The file that was read.
    public let file: String
  }

  /// Reads and checks everything, and reports every problem together.
  ///
  /// - Parameters:
  ///   - file: the YAML file.
  ///   - environment: variables; those that begin with `HARVESTER_` count.
  ///   - overrides: `key=value` from the command line.
  public static func load(
    file: String, environment: [String: String], overrides: [String]
  ) throws(ConfigurationError) -> Loaded {
    var reading = Reading()
    reading.readFile(file)
    reading.readEnvironment(environment)
    for override in overrides { reading.readOverride(override) }
    reading.problems += contradictions(reading.configuration)
    reading.problems += readModel(&reading.configuration, beside: file)
    guard reading.problems.isEmpty else { throw ConfigurationError(reading.problems) }
    return Loaded(
      configuration: reading.configuration, origins: reading.origins, file: file)
  }

  /// Variables with the prefix that are no settings.
  static let otherVariables =
    ["HARVESTER_DATABASE_URL", "HARVESTER_HOME"] + Secrets.variables

  private static let settings = Dictionary(
    uniqueKeysWithValues: Setting.all.map { ($0.key, $0) })

  /// What contradicts each other although each value is in range.
  private static func contradictions(_ configuration: Configuration) -> [String] {
    let parameters = configuration.parameters
    var problems: [String] = []
    if parameters.exit.maximumAnnualRate >= parameters.entry.minimumAnnualRate {
      problems.append(
        "exit.maximum_annual_rate (\(parameters.exit.maximumAnnualRate)) must be below "
          + "entry.minimum_annual_rate (\(parameters.entry.minimumAnnualRate)); move them apart")
    }
    if parameters.sizing.leverage > parameters.highestLeverage {
      let highest = parameters.highestLeverage.rounded(places: 2, .down)
      problems.append(
        "sizing.leverage (\(parameters.sizing.leverage)) must be at most \(highest) while an order may "
          + "slip by execution.maximum_slippage (\(parameters.execution.maximumSlippage)); lower it"
      )
    }
    if parameters.margin.targetDistance <= parameters.margin.actDistance {
      problems.append(
        "margin.target_distance (\(parameters.margin.targetDistance)) must be above "
          + "margin.act_distance (\(parameters.margin.actDistance)); raise it")
    }
    if parameters.margin.warnDistance < parameters.margin.actDistance {
      problems.append(
        "margin.warn_distance (\(parameters.margin.warnDistance)) must not be below "
          + "margin.act_distance (\(parameters.margin.actDistance)); raise it")
    }
    if parameters.margin.flattenDistance >= parameters.margin.actDistance {
      problems.append(
        "margin.flatten_distance (\(parameters.margin.flattenDistance)) must be below "
          + "margin.act_distance (\(parameters.margin.actDistance)); lower it")
    }
    if parameters.margin.releaseDistance <= parameters.margin.targetDistance {
      problems.append(
        "margin.release_distance (\(parameters.margin.releaseDistance)) must be above "
          + "margin.target_distance (\(parameters.margin.targetDistance)); raise it")
    }
    if parameters.execution.unwindSlippage < parameters.execution.maximumSlippage {
      problems.append(
        "execution.unwind_slippage (\(parameters.execution.unwindSlippage)) must not be below "
          + "execution.maximum_slippage (\(parameters.execution.maximumSlippage)); raise it")
    }
    let rotation = parameters.sizing.rotationRoundTrips
    if rotation.isPositive, rotation < "2" {
      problems.append(
        "sizing.rotation_round_trips (\(rotation)) would pay for changing over and no more; give 0, "
          + "or 2 and above")
    }
    if parameters.sizing.notional > parameters.sizing.maximumNotional {
      problems.append(
        "sizing.notional (\(parameters.sizing.notional)) must not be above "
          + "sizing.maximum_notional (\(parameters.sizing.maximumNotional)); lower it")
    }
    return problems
  }

  private struct Reading {
    var configuration = Configuration()
    var origins: [String: String] = [:]
    var problems: [String] = []

    mutating func readFile(_ path: String) {
      let text: String
      do {
        text = try String(contentsOfFile: path, encoding: .utf8)
      } catch {
        problems.append("cannot read the configuration (\(path)); name another with --config")
        return
      }
      do {
        guard let root = try Yams.compose(yaml: text) else { return }
        read(root, prefix: "", path)
      } catch let error as YamlError {
        problems.append("\(path): \(YAMLText.firstLine(error)); mend the YAML")
      } catch {
        problems.append("\(path): \(error); mend the YAML")
      }
    }

    private mutating func read(_ node: Node, prefix: String, _ path: String) {
      let line = node.mark?.line ?? 1
      guard case .mapping(let mapping) = node else {
        if let scalar = node.scalar?.string, !prefix.isEmpty {
          set(prefix, scalar, where: "\(path):\(line)", origin: "file")
        } else {
          problems.append("\(path):\(line): expected keys and values; write key: value")
        }
        return
      }
      for (key, value) in mapping {
        guard let name = key.scalar?.string else {
          problems.append("\(path):\(key.mark?.line ?? line): a key must be one word")
          continue
        }
        let full = prefix.isEmpty ? name : "\(prefix).\(name)"
        let isSection = settings.keys.contains { $0.hasPrefix(full + ".") }
        if settings[full] == nil, !isSection {
          problems.append(
            "\(path):\(key.mark?.line ?? line): unknown key (\(full)); "
              + "\(Self.suggestion(for: full))")
        } else if isSection, case .scalar = value {
          problems.append(
            "\(path):\(key.mark?.line ?? line): \(full) is a section; put its keys below it")
        } else if settings[full] != nil, value.scalar == nil {
          problems.append("\(path):\(key.mark?.line ?? line): \(full) must be a single value")
        } else {
          read(value, prefix: full, path)
        }
      }
    }

    mutating func readEnvironment(_ environment: [String: String]) {
      let byName = Dictionary(
        uniqueKeysWithValues: Setting.all.map { ($0.environmentName, $0.key) })
      for (name, value) in environment.sorted(by: { $0.key < $1.key })
      where name.hasPrefix("HARVESTER_") && !otherVariables.contains(name) {
        guard let key = byName[name] else {
          problems.append("environment: unknown setting (\(name)); harvester config lists all")
          continue
        }
        set(key, value, where: "environment \(name)", origin: "environment")
      }
    }

    mutating func readOverride(_ text: String) {
      guard let equals = text.firstIndex(of: "=") else {
        problems.append("--set \(text): expected key=value; harvester config lists the keys")
        return
      }
      let key = String(text[..<equals])
      let value = String(text[text.index(after: equals)...])
      guard settings[key] != nil else {
        problems.append("--set: unknown key (\(key)); \(Self.suggestion(for: key))")
        return
      }
      set(key, value, where: "--set \(key)", origin: "command line")
    }

    private mutating func set(_ key: String, _ value: String, where place: String, origin: String) {
      guard let setting = settings[key] else { return }
      if let problem = setting.write(&configuration, value) {
        problems.append("\(place): \(key) is \"\(value)\"; \(problem)")
      } else {
        origins[key] = origin
      }
    }

    private static func suggestion(for key: String) -> String {
      let last = key.split(separator: ".").last.map(String.init) ?? key
      let near = Setting.all.map(\.key).filter { $0.hasSuffix(last) || $0.contains(last) }
      return near.isEmpty
        ? "harvester config lists all keys" : "did you mean \(near.joined(separator: " or "))?"
    }
  }
}

/// Errors of the YAML library in one line.
enum YAMLText {
  static func firstLine(_ error: YamlError) -> String {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "line \(mark.line): \(problem)"
    case .duplicatedKeysInMapping(let duplicates, let context):
      "line \(context.mark.line): a key stands twice (\(duplicates.joined(separator: ", ")))"
    default: "\(error)".split(separator: "\n").first.map(String.init) ?? "malformed"
    }
  }
}
