import Core
import FixedPoint
import Foundation
import Service
import Testing
import Trading

/// A trained model is read whole or not at all.
@Suite struct ForecastFileTests {
  private func model(error: Rate = "0.8", feature: Int = 3) -> BoostedForecast {
    BoostedForecast(
      horizon: 21, base: "0.01",
      trees: [
        BoostedTree(nodes: [
          .split(feature: feature, below: "0.5", left: 1, right: 2, missing: 2), .leaf("-0.1"),
          .leaf("0.000000012345"),
        ])
      ],
      confidence: ConfidenceTable(fitting: [("0.1", false), ("1", true)], bins: 2),
      training: BoostedForecast.Training(
        trainer: "xgboost 1.7.4", venue: "binance", symbols: ["BTCUSDT"], from: "2020-01-01",
        until: "2024-07-01", forecasts: 100, meanError: error, meanErrorWithoutPrices: error))
  }

  private func write(_ bytes: Data) throws -> String {
    let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).json"
    try bytes.write(to: URL(fileURLWithPath: path))
    return path
  }

  private func problems(_ overrides: String...) -> [String] {
    do throws(ConfigurationError) {
      _ = try ConfigurationLoader.load(
        file: "\(ConfigurationTests.folder)/harvester.yaml", environment: [:],
        overrides: overrides)
      return []
    } catch {
      return error.problems
    }
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let bytes = try ForecastFile.encode(model())
    let path = try write(bytes)
    defer { try? FileManager.default.removeItem(atPath: path) }
    var expected = model()
    expected.name = ForecastFile.name(of: bytes)
    #expect(try ForecastFile.read(path) == expected)
    #expect(expected.name.wholeMatch(of: /[0-9a-f]{12}/) != nil)
    #expect(try ForecastFile.encode(expected) == bytes)
    #expect(ForecastFile.name(of: Data("abc".utf8)) == "ba7816bf8f01")
  }

  @Test func aModelComesIntoTheParameters() throws {
    let path = try write(try ForecastFile.encode(model()))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let loaded = try ConfigurationLoader.load(
      file: "\(ConfigurationTests.folder)/harvester.yaml", environment: [:],
      overrides: [
        "forecast.model=boosting", "forecast.model_file=\(path)", "forecast.window_days=120",
      ])
    #expect(loaded.configuration.parameters.forecast.boosting?.trees == model().trees)
  }

  @Test func eachProblemSaysWhatToDo() throws {
    let path = try write(try ForecastFile.encode(model()))
    let untried = try write(try ForecastFile.encode(model(error: .zero)))
    let broken = try write(try ForecastFile.encode(model(feature: 99)))
    let other = try write(Data("{}".utf8))
    defer {
      for file in [path, untried, broken, other] {
        try? FileManager.default.removeItem(atPath: file)
      }
    }
    let isWanted = "forecast.model=boosting"
    let window = "forecast.window_days=365"
    let cases: [([String], String)] = [
      (problems(isWanted, window), "harvester train"),
      (problems("forecast.model_file=/nothing.json"), "cannot read the model (/nothing.json)"),
      (problems("forecast.model_file=\(other)"), "not a model of harvester train"),
      (problems("forecast.model_file=\(untried)"), "had not seen"),
      (problems("forecast.model_file=\(broken)"), "not whole"),
      (
        problems(isWanted, window, "forecast.span=9", "forecast.model_file=\(path)"),
        "forecast.span (9) must be that of the model (21)"
      ),
      (problems(isWanted, "forecast.model_file=\(path)"), "forecast.window_days (42) must be"),
    ]
    for (found, text) in cases {
      #expect(found.count == 1 && found[0].contains(text), "\(found)")
    }
  }
}
