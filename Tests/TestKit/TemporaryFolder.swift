import Foundation
import Glibc

/// A folder that ends with its owner, at the latest with the test run.
public final class TemporaryFolder: Sendable {
  /// Where it is.
  public let path = "\(home)/\(UUID().uuidString)"

  /// Where all of them are.
  private static let home: String = {
    let number = ProcessInfo.processInfo.processIdentifier
    atexit { TemporaryFolder.removeAll() }
    return FileManager.default.temporaryDirectory.path + "/harvester-tests-\(number)"
  }()

  /// Names a new folder; it is made by the first file.
  public init() {}

  private static func removeAll() { try? FileManager.default.removeItem(atPath: home) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, making the folders on the way.
  ///
  /// - Returns: its path.
  @discardableResult
  public func write(_ name: String, _ text: String) throws -> String {
    let file = URL(filePath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return file.path
  }
}
