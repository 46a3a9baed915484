public import Core
import Foundation
import Glibc

extension EmergencyJournal {
  /// What a file says.
  public struct Contents: Sendable {
    /// What it continues.
    public let heading: Heading
    /// Facts of each step, in order.
    public let batches: [[Fact]]
    /// Bytes at its end that were not written whole.
    public let torn: Int
    /// Whether what follows was written whole and cannot be read: by another version.
    public let isForeign: Bool
  }

  /// What this file says.
  public func contents() -> Contents? { Self.contents(of: path) }

  /// What a file says, up to the first line that was not written whole; nil when not even the first
  /// one was.
  public static func contents(of path: String) -> Contents? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    var rest = Array(data)[...]
    let decoder = JSONDecoder()
    var heading: Heading?
    var batches: [[Fact]] = []
    var isForeign = false
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")),
      let content = EmergencyLine.content(rest[..<end])
    {
      if let begun = heading {
        let next = begun.base + Int64(batches.joined().count)
        guard let batch = try? decoder.decode(EmergencyBatch.self, from: Data(content)) else {
          isForeign = true
          break
        }
        guard batch.base == next else { break }
        batches.append(batch.facts.map(\.fact))
      } else {
        heading = try? decoder.decode(Heading.self, from: Data(content))
        if heading == nil { return nil }
      }
      rest = rest[(end + 1)...]
    }
    return heading.map {
      Contents(heading: $0, batches: batches, torn: rest.count, isForeign: isForeign)
    }
  }

  /// Stores what an earlier run left, if it continues what is stored, and sets its file aside.
  ///
  /// To be called by whoever holds the lock of the database. What does not fit is not lost for ever:
  /// the venue's own history tells what was traded.
  ///
  /// Throws `foreign`, and leaves the file alone, when another version wrote it.
  ///
  /// - Returns: what was done, in words; nil when nothing was left.
  static func recover(
    in folder: String, books: String, mode: String, over connection: PostgresConnection
  ) throws(TakeoverError) -> String? {
    let path = path(in: folder, books: books)
    guard FileInfo(path) != nil else { return nil }
    let isReleased = awaitWriter(of: path)
    guard let contents = contents(of: path), contents.heading.books == books else {
      setAside(path, nil, as: "unfit")
      return "an emergency journal (\(path)) is not readable or not of these books; set aside, the "
        + "venues' history fills the gap"
    }
    guard !contents.isForeign else { throw .foreign(path) }
    let journal = Journal(
      connection: connection, run: contents.heading.run, mode: mode, lastSequence: 0, lastEntry: 0)
    let outcome: (isStored: Bool, words: String)
    do throws(PostgresError) {
      outcome = words(
        for: try journal.settle(contents.batches, after: contents.heading.base), contents.heading)
    } catch  where error.remedy == .none {
      outcome = (false, "cannot be stored (\(error))")
    } catch {
      throw .failed(error)
    }
    setAside(path, contents.heading, as: outcome.isStored ? "stored" : "unfit")
    return "the emergency journal of run \(contents.heading.run): \(outcome.words)"
      + (outcome.isStored ? "" : "; set aside, the venues' history fills the gap")
      + (contents.torn == 0 ? "" : "; its end was torn off (\(contents.torn) bytes)")
      + (isReleased ? "" : "; its writer still lives and is shut out")
  }

  private static func words(
    for settlement: Journal.Settlement, _ heading: Heading
  ) -> (isStored: Bool, words: String) {
    switch settlement {
    case .settled(let count): (true, "\(count) facts stored")
    case .overtaken(by: nil): (true, "stored before")
    case .overtaken(let run?): (false, "run \(run) has written in its place")
    case .behind(let stored):
      (false, "the database is older (record \(stored), not \(heading.base))")
    }
  }

  /// Waits until the writer has let go of a file; it does so once it knows that it lost the lock.
  ///
  /// - Returns: false when it did not for ten seconds, as when it is suspended.
  private static func awaitWriter(of path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return true }
    defer { close(descriptor) }
    for _ in 0..<200 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
      usleep(50_000)
    }
    return false
  }
}
