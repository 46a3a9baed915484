public import Trading

/// The keys under which user-data streams are opened, one per API key.
public struct ListenKeys: Sendable {
  private struct Entry {
    let text: String
    let owner: String
    var expiresAt: Timestamp
  }

  /// How long a key lives after it was made or prolonged.
  public static let lifetime = TimeSpan.minutes(60)

  private var entries: [Entry] = []
  private var made: UInt64 = 0

  /// The owner's key, prolonged when there is one, else a new one.
  mutating func open(for owner: String, at time: Timestamp) -> String {
    if let place = entries.firstIndex(where: { $0.owner == owner && $0.expiresAt > time }) {
      entries[place].expiresAt = time + Self.lifetime
      return entries[place].text
    }
    made += 1
    let text = Self.text(made)
    entries.append(Entry(text: text, owner: owner, expiresAt: time + Self.lifetime))
    return text
  }

  /// Prolongs the owner's key.
  ///
  /// - Returns: the key; nil when the owner has none.
  mutating func prolong(for owner: String, at time: Timestamp) -> String? {
    guard let place = entries.firstIndex(where: { $0.owner == owner && $0.expiresAt > time }) else {
      return nil
    }
    entries[place].expiresAt = time + Self.lifetime
    return entries[place].text
  }

  /// Ends the owner's key.
  mutating func close(for owner: String) { entries.removeAll { $0.owner == owner } }

  /// Whose key it is; nil when it is not valid.
  public func owner(of key: String, at time: Timestamp) -> String? {
    entries.first { $0.text == key && $0.expiresAt > time }?.owner
  }

  /// Takes the keys that are over; all of them when `force` is set.
  mutating func takeExpired(at time: Timestamp, force: Bool = false) -> [String] {
    let over = entries.filter { force || $0.expiresAt <= time }.map(\.text)
    entries.removeAll { over.contains($0.text) }
    return over
  }

  /// 64 letters and digits that say nothing.
  private static func text(_ number: UInt64) -> String {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    var state = number
    return String(
      (0..<64).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return alphabet[Int((state >> 33) % UInt64(alphabet.count))]
      })
  }
}

extension Venue {
  /// The listen key of an API key: the one that it has, prolonged, else a new one.
  public func openListenKey(for owner: String) -> String { listenKeys.open(for: owner, at: now) }

  /// Prolongs the listen key of an API key; nil when it has none.
  public func prolongListenKey(for owner: String) -> String? {
    listenKeys.prolong(for: owner, at: now)
  }

  /// Ends the listen key of an API key.
  public func closeListenKey(for owner: String) { listenKeys.close(for: owner) }

  /// Whose listen key it is; nil when it is not valid.
  public func owner(ofListenKey key: String) -> String? { listenKeys.owner(of: key, at: now) }
}
