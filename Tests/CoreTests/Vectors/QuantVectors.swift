import FixedPoint
import Foundation
import Testing
import Trading

/// The published vectors of every formula, where the file of them stands beside the project.
struct QuantVectors {
  /// One vector: decimal texts in, decimal texts out.
  ///
  /// Unchecked: what was read from the file is never changed.
  struct Vector: CustomTestStringConvertible, @unchecked Sendable {
    let id: String
    let group: String
    let formula: String
    let inputs: [String: Any]
    let expected: [String: Any]
    let tolerance: Rate

    var testDescription: String { id }

    /// An input as a decimal of some unit.
    func input<Unit>(_ name: String) -> Fixed<Unit> { Self.decimal(inputs[name]) }
    /// An input as a list of decimals.
    func list<Unit>(_ name: String) -> [Fixed<Unit>] {
      (inputs[name] as? [Any] ?? []).map(Self.decimal)
    }
    /// An input as a list of decimals that may be missing.
    func optionals(_ name: String) -> [Rate?] {
      (inputs[name] as? [Any] ?? []).map { $0 is NSNull ? nil : Self.decimal($0) }
    }
    /// An input as rows of decimals.
    func rows(_ name: String) -> [[Rate]] {
      (inputs[name] as? [[Any]] ?? []).map { $0.map(Self.decimal) }
    }

    static func decimal<Unit>(_ value: Any?) -> Fixed<Unit> {
      switch value {
      case let text as String: Fixed<Unit>(text) ?? Fixed<Unit>(raw: .min)
      case let number as NSNumber: Fixed<Unit>(number.intValue)
      default: Fixed<Unit>(raw: .min)
      }
    }
  }

  static let path: String = {
    let beside = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "shared/vectors/quant.json").path
    return ProcessInfo.processInfo.environment["HARVESTER_QUANT_VECTORS"] ?? beside
  }()

  static var areThere: Bool { FileManager.default.fileExists(atPath: path) }

  /// Every vector of the file, in its order; none where there is no file.
  static let all: [Vector] = {
    guard let data = FileManager.default.contents(atPath: path),
      let root = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
    else { return [] }
    return (root["vectors"] as? [[String: Any]] ?? []).map { item in
      Vector(
        id: item["id"] as? String ?? "", group: item["group"] as? String ?? "",
        formula: item["formula"] as? String ?? "",
        inputs: item["inputs"] as? [String: Any] ?? [:],
        expected: item["expected"] as? [String: Any] ?? [:],
        tolerance: tolerance(item["abs_tolerance"] as? String ?? "0"))
    }
  }()

  /// The tolerances are written with exponents, such as 1e-15.
  private static func tolerance(_ text: String) -> Rate {
    guard text.hasPrefix("1e-"), let places = Int(text.dropFirst(3)) else { return .zero }
    return Rate(raw: Decimals.power(max(0, Decimals.places - places)))
  }
}
