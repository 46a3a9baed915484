public import Core
public import Foundation
import Wire

/// The file of a trained forecast.
public enum ForecastFile {
  /// Digits of the file's SHA-256 that name it in decisions.
  private static let nameLength = 12

  /// Reads and checks a model.
  public static func read(_ path: String) throws(ConfigurationError) -> BoostedForecast {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw ConfigurationError([
        "cannot read the model (\(path)); write one with harvester train, or name another"
      ])
    }
    var model: BoostedForecast
    do {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      model = try decoder.decode(BoostedForecast.self, from: data)
    } catch {
      throw ConfigurationError([
        "\(path): not a model of harvester train; write one, or name another"
      ])
    }
    if let problem = model.problem { throw ConfigurationError(["\(path): \(problem)"]) }
    model.name = name(of: data)
    return model
  }

  /// The model as the bytes of its file, which are the same for the same model.
  public static func encode(_ model: BoostedForecast) throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(model) + Data("\n".utf8)
  }

  /// What decisions call a model with such a file.
  public static func name(of data: Data) -> String {
    String(Digest.sha256Hex(Array(data)).prefix(nameLength))
  }
}

extension ConfigurationLoader {
  /// Reads the model that the settings name; says what is wrong with it, if anything.
  static func readModel(_ configuration: inout Configuration, beside file: String) -> [String] {
    let forecast = configuration.parameters.forecast
    let isWanted = forecast.model == .boosting
    guard !configuration.forecastFile.isEmpty else {
      return isWanted
        ? ["forecast.model=boosting needs forecast.model_file; write one with harvester train"] : []
    }
    let model: BoostedForecast
    do throws(ConfigurationError) {
      model = try ForecastFile.read(path(of: configuration.forecastFile, beside: file))
    } catch {
      return error.problems.map { "forecast.model_file: \($0)" }
    }
    configuration.parameters.forecast.boosting = model
    var problems: [String] = []
    if isWanted, model.horizon != forecast.span {
      problems.append(
        "forecast.span (\(forecast.span)) must be that of the model (\(model.horizon)); "
          + "set it, or train another")
    }
    let days = (DriftMonitor.fewestSteps(horizon: model.horizon) + 2) / 3 + 1
    if isWanted, forecast.windowDays < days {
      problems.append(
        "forecast.window_days (\(forecast.windowDays)) must be \(days) or more with "
          + "forecast.model=boosting; raise it")
    }
    return problems
  }

  /// As seen from the working folder, else beside the configuration.
  private static func path(of name: String, beside file: String) -> String {
    if name.hasPrefix("/") || FileManager.default.fileExists(atPath: name) { return name }
    let folder = (file as NSString).deletingLastPathComponent
    return folder.isEmpty ? name : "\(folder)/\(name)"
  }
}
