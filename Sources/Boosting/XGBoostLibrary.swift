import Glibc

/// Why nothing can be trained.
public enum BoostingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The library is not on this machine, or lacks a function.
  case notInstalled(String)
  /// The library refused.
  case refused(String)
  /// The library's model is not as expected.
  case unreadable(String)
  /// There is not enough to learn from.
  case tooLittle(String)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .notInstalled(let text):
      "XGBoost is not there (\(text)); install it with: apt-get install libxgboost0"
    case .refused(let text): "XGBoost refused: \(text)"
    case .unreadable(let text): "XGBoost's model cannot be read: \(text)"
    case .tooLittle(let text): text
    }
  }
}

/// XGBoost's C interface, opened when something is trained and never else: who only trades with a
/// trained model, or without one, does not need the library.
///
/// Source: `xgboost/c_api.h` of 1.7; these functions are the same in 2.
struct XGBoostLibrary {
  typealias Handle = UnsafeMutableRawPointer?
  typealias Version =
    @convention(c) (
      UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>
    ) -> Void
  typealias LastError = @convention(c) () -> UnsafePointer<CChar>?
  typealias CreateMatrix =
    @convention(c) (
      UnsafePointer<Float>, UInt64, UInt64, Float, UnsafeMutablePointer<Handle>
    ) -> Int32
  typealias SetFloats =
    @convention(c) (
      Handle, UnsafePointer<CChar>, UnsafePointer<Float>, UInt64
    ) -> Int32
  typealias Free = @convention(c) (Handle) -> Int32
  typealias CreateBooster =
    @convention(c) (
      UnsafePointer<Handle>?, UInt64, UnsafeMutablePointer<Handle>
    ) -> Int32
  typealias SetParameter =
    @convention(c) (
      Handle, UnsafePointer<CChar>, UnsafePointer<CChar>
    ) -> Int32
  typealias Update = @convention(c) (Handle, Int32, Handle) -> Int32
  typealias Predict =
    @convention(c) (
      Handle, Handle, Int32, UInt32, Int32, UnsafeMutablePointer<UInt64>,
      UnsafeMutablePointer<UnsafePointer<Float>?>
    ) -> Int32
  typealias Save =
    @convention(c) (
      Handle, UnsafePointer<CChar>, UnsafeMutablePointer<UInt64>,
      UnsafeMutablePointer<UnsafePointer<CChar>?>
    ) -> Int32

  let createMatrix: CreateMatrix
  let setFloats: SetFloats
  let freeMatrix: Free
  let createBooster: CreateBooster
  let setParameter: SetParameter
  let update: Update
  let predict: Predict
  let save: Save
  let freeBooster: Free
  /// Such as `xgboost 1.7.4`.
  let version: String
  private let lastError: LastError

  /// The name with the number is what Debian's `libxgboost0` installs.
  static let names = ["libxgboost.so.0", "libxgboost.so"]

  /// Opens the library; it stays open until the process ends.
  init(names: [String] = names) throws(BoostingError) {
    guard let opened = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else {
      throw .notInstalled("\(names.joined(separator: " and ")) cannot be opened")
    }
    func function<Function>(_ name: String, _: Function.Type) throws(BoostingError) -> Function {
      guard let address = dlsym(opened, name) else { throw .notInstalled("it has no \(name)") }
      return unsafeBitCast(address, to: Function.self)
    }
    createMatrix = try function("XGDMatrixCreateFromMat", CreateMatrix.self)
    setFloats = try function("XGDMatrixSetFloatInfo", SetFloats.self)
    freeMatrix = try function("XGDMatrixFree", Free.self)
    createBooster = try function("XGBoosterCreate", CreateBooster.self)
    setParameter = try function("XGBoosterSetParam", SetParameter.self)
    update = try function("XGBoosterUpdateOneIter", Update.self)
    predict = try function("XGBoosterPredict", Predict.self)
    save = try function("XGBoosterSaveModelToBuffer", Save.self)
    freeBooster = try function("XGBoosterFree", Free.self)
    lastError = try function("XGBGetLastError", LastError.self)
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    try function("XGBoostVersion", Version.self)(&major, &minor, &patch)
    version = "xgboost \(major).\(minor).\(patch)"
  }

  /// Throws what the library says went wrong, when something did.
  func check(_ result: Int32) throws(BoostingError) {
    guard result != 0 else { return }
    let text = lastError().map { String(cString: $0) } ?? "unknown"
    throw .refused(text.split(separator: "\n").first.map(String.init) ?? "unknown")
  }
}
