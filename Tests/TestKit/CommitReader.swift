/// Finds `COMMIT` in what a client says to PostgreSQL, however it is said and cut into pieces.
///
/// A client sends it as the text of a simple query, or executes a statement that it prepared with
/// that text.
struct CommitReader {
  private var rest: [UInt8] = []
  /// The first message of a session has no letter.
  private var isStarted = false
  /// Names of prepared statements that commit.
  private var commits: Set<[UInt8]> = []

  /// Where in new bytes the message begins that commits; nil when none is complete in them.
  ///
  /// A message that began in earlier bytes counts from the beginning of the new ones.
  mutating func commit(in bytes: [UInt8]) -> Int? {
    let before = rest.count
    rest += bytes
    var place = 0
    var found: Int?
    while let end = end(of: place) {
      if isStarted, found == nil, isCommit(kind: rest[place], rest[(place + 5)..<end]) {
        found = max(0, place - before)
      }
      isStarted = true
      place = end
    }
    rest.removeFirst(place)
    return found
  }

  /// Where the message that begins at a place ends; nil while it is not complete.
  private func end(of place: Int) -> Int? {
    let length = place + (isStarted ? 1 : 0)
    guard rest.count >= length + 4 else { return nil }
    let end = length + rest[length..<(length + 4)].reduce(0) { $0 << 8 | Int($1) }
    return end <= rest.count ? end : nil
  }

  private mutating func isCommit(kind: UInt8, _ body: ArraySlice<UInt8>) -> Bool {
    let texts = body.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
    switch kind {
    case UInt8(ascii: "Q"): return Self.commits(texts[0])
    case UInt8(ascii: "P"):
      if Self.commits(texts[1]) {
        commits.insert(Array(texts[0]))
      } else {
        commits.remove(Array(texts[0]))
      }
      return false
    case UInt8(ascii: "B"): return commits.contains(Array(texts[1]))
    default: return false
    }
  }

  private static func commits(_ text: ArraySlice<UInt8>) -> Bool {
    String(decoding: text, as: UTF8.self).uppercased() == "COMMIT"
  }
}
