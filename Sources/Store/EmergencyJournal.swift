public import Core
import Foundation
import Glibc
import Trading

/// Facts that cannot be stored because the database is away, in a file beside it.
///
/// One line a batch: checksum, length and content. The first line says whose books they continue. Each
/// line is on the disk before anything is done because of it. The file is locked while its writer
/// lives.
public final class EmergencyJournal {
  /// What a file continues.
  public struct Heading: Hashable, Codable, Sendable {
    /// The books, as `Database.books` names them.
    public let books: String
    /// The run that writes.
    public let run: Int64
    /// The number of the last fact known to be stored before the first one here.
    public let base: Int64

    /// States what follows.
    public init(books: String, run: Int64, base: Int64) {
      self.books = books
      self.run = run
      self.base = base
    }
  }

  /// Where the file is.
  public let path: String
  /// What it continues.
  public let heading: Heading
  /// Facts in it.
  public private(set) var count = 0
  private let descriptor: Int32

  /// Begins a file; one that is there already must be dealt with first.
  public init(in folder: String, _ heading: Heading) throws(EmergencyError) {
    self.heading = heading
    path = Self.path(in: folder, books: heading.books)
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw EmergencyError(path, errno)
    }
    try write(heading)
    try Self.synchronise(folder: folder)
  }

  deinit { close(descriptor) }

  /// Puts facts on the disk; nothing may be done because of them before this returns.
  public func append(_ facts: [Fact]) throws(EmergencyError) {
    if facts.isEmpty { return }
    try write(
      EmergencyBatch(
        base: heading.base + Int64(count), facts: facts.map { EmergencyFact(fact: $0) }))
    count += facts.count
  }

  /// Gives the file another name, so that it is not taken for one that still waits.
  public func setAside(as end: String) { Self.setAside(path, heading, as: end) }

  private func write(_ value: some Encodable) throws(EmergencyError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let content = try? encoder.encode(value) else { throw EmergencyError(path, EINVAL) }
    let line = EmergencyLine.text(Array(content))
    var sent = 0
    while sent < line.count {
      let written = line[sent...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw EmergencyError(path, errno) }
      sent += written
    }
    guard fdatasync(descriptor) == 0 else { throw EmergencyError(path, errno) }
  }

  static func path(in folder: String, books: String) -> String {
    "\(folder)/emergency-\(books.prefix(8)).journal"
  }

  static func setAside(_ path: String, _ heading: Heading?, as end: String) {
    let name = heading.map { "run\($0.run)-\($0.base)" } ?? "unreadable"
    _ = rename(path, "\(path).\(name).\(end)")
    try? synchronise(folder: (path as NSString).deletingLastPathComponent)
  }

  /// A name is on the disk only with its folder.
  private static func synchronise(folder: String) throws(EmergencyError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(descriptor) }
    guard descriptor >= 0, fsync(descriptor) == 0 else { throw EmergencyError(folder, errno) }
  }
}

/// Why facts cannot be kept outside the database.
public struct EmergencyError: Error, Hashable, Sendable, CustomStringConvertible {
  private let path: String
  private let number: Int32

  init(_ path: String, _ number: Int32) {
    self.path = path
    self.number = number
  }

  /// What failed, and what to do about it.
  public var description: String {
    "the emergency journal cannot be written (\(path): \(String(cString: strerror(number)))); "
      + "free its place"
  }
}

/// Facts of one step.
struct EmergencyBatch: Codable {
  /// The number of the last fact before them.
  let base: Int64
  let facts: [EmergencyFact]
}

/// A fact with its moment to the nanosecond.
struct EmergencyFact: Codable {
  let fact: Fact

  init(fact: Fact) { self.fact = fact }

  private enum Key: String, CodingKey { case at, kind, body }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(fact.at.nanoseconds, forKey: .at)
    try container.encode(fact.kind.rawValue, forKey: .kind)
    try fact.body.encode(to: container.superEncoder(forKey: .body))
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let name = try container.decode(String.self, forKey: .kind)
    guard let kind = Fact.Kind(rawValue: name) else {
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: container, debugDescription: "a kind of another version")
    }
    fact = Fact(
      at: Timestamp(nanoseconds: try container.decode(Int64.self, forKey: .at)),
      try Fact.Body(kind: kind, from: container.superDecoder(forKey: .body)))
  }
}

/// A line of the file: sixteen digits of checksum, length, content.
enum EmergencyLine {
  static func text(_ content: [UInt8]) -> [UInt8] {
    Array("\(checksum(content)) \(content.count) ".utf8) + content + [UInt8(ascii: "\n")]
  }

  /// The content of a line without its end; nil when it was not written whole.
  static func content(_ line: ArraySlice<UInt8>) -> [UInt8]? {
    let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
    guard parts.count == 3, let length = Int(String(decoding: parts[1], as: UTF8.self)),
      parts[2].count == length,
      case let content = Array(parts[2]), Array(parts[0]) == Array(checksum(content).utf8)
    else { return nil }
    return content
  }

  private static func checksum(_ bytes: [UInt8]) -> String {
    let text = String(FNV.hash(bytes), radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}
