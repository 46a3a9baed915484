import FixedPoint
import Trading

/// Rows of features in the library.
final class FeatureMatrix {
  let handle: XGBoostLibrary.Handle
  private let xgboost: XGBoostLibrary

  /// Hands rows over; an unknown value is not a number.
  init(
    _ xgboost: XGBoostLibrary, rows: [[Rate?]], targets: [Rate] = []
  ) throws(BoostingError) {
    self.xgboost = xgboost
    let width = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == width }, "Invariant: rows are equally long")
    let values = rows.flatMap { row in row.map { $0.map(Float.init) ?? .nan } }
    var handle: XGBoostLibrary.Handle = nil
    try xgboost.check(
      xgboost.createMatrix(values, UInt64(rows.count), UInt64(width), .nan, &handle))
    self.handle = handle
    if !targets.isEmpty {
      try xgboost.check(
        xgboost.setFloats(handle, "label", targets.map(Float.init), UInt64(targets.count)))
    }
  }

  deinit { _ = xgboost.freeMatrix(handle) }
}

/// A model while it is being trained.
final class Booster {
  private let xgboost: XGBoostLibrary
  private let handle: XGBoostLibrary.Handle

  /// Grows trees on rows: one thread and one seed, so that the same rows give the same trees.
  init(
    _ xgboost: XGBoostLibrary, training matrix: FeatureMatrix, _ settings: BoostingSettings
  ) throws(BoostingError) {
    self.xgboost = xgboost
    var handle: XGBoostLibrary.Handle = nil
    let matrices = [matrix.handle]
    try xgboost.check(xgboost.createBooster(matrices, 1, &handle))
    self.handle = handle
    for (name, value) in settings.parameters {
      try xgboost.check(xgboost.setParameter(handle, name, value))
    }
    for round in 0..<settings.rounds {
      try xgboost.check(xgboost.update(handle, Int32(round), matrix.handle))
    }
  }

  deinit { _ = xgboost.freeBooster(handle) }

  /// The library's own answers.
  func predictions(_ matrix: FeatureMatrix) throws(BoostingError) -> [Float] {
    var count: UInt64 = 0
    var values: UnsafePointer<Float>?
    try xgboost.check(xgboost.predict(handle, matrix.handle, 0, 0, 0, &count, &values))
    return Array(UnsafeBufferPointer(start: values, count: Int(count)))
  }

  /// The model as the library writes it.
  func json() throws(BoostingError) -> String {
    var count: UInt64 = 0
    var bytes: UnsafePointer<CChar>?
    try xgboost.check(xgboost.save(handle, #"{"format": "json"}"#, &count, &bytes))
    return String(
      decoding: UnsafeRawBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
  }
}

extension Float {
  /// The nearest 32-bit number.
  init(_ value: Rate) { self = Float(value.description) ?? .nan }
}
