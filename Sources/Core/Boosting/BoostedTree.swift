public import FixedPoint
public import Trading

/// One tree of a boosted model: questions about features, and a number at each end.
public struct BoostedTree: Hashable, Codable, Sendable {
  /// A place in the tree.
  public enum Node: Hashable, Sendable {
    /// Below the threshold on to `left`, else to `right`; where the feature is not known, to `missing`.
    case split(feature: Int, below: Rate, left: Int, right: Int, missing: Int)
    /// The tree's answer.
    case leaf(Rate)
  }

  /// The places, the root first; every way leads to a later one, so every way ends.
  public let nodes: [Node]

  /// States a tree.
  public init(nodes: [Node]) { self.nodes = nodes }

  /// The answer for features of which some may be unknown.
  func value(_ features: [Rate?]) -> Rate {
    var place = 0
    while true {
      switch nodes[place] {
      case .leaf(let value): return value
      case .split(let feature, let below, let left, let right, let missing):
        if let value = features[feature] {
          place = value < below ? left : right
        } else {
          place = missing
        }
      }
    }
  }

  /// Whether every way stays within the tree and every question is about one of so many features.
  func isSound(features: Int) -> Bool {
    !nodes.isEmpty
      && nodes.indices.allSatisfy { place in
        guard case .split(let feature, _, let left, let right, let missing) = nodes[place]
        else { return true }
        return (0..<features).contains(feature) && (missing == left || missing == right)
          && [left, right].allSatisfy { $0 > place && $0 < nodes.count }
      }
  }
}

extension BoostedTree.Node: Codable {
  private enum Key: String, CodingKey { case feature, below, left, right, missing, value }

  /// Reads a place: one with a value is an end.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    if let value = try container.decodeIfPresent(Rate.self, forKey: .value) {
      self = .leaf(value)
    } else {
      self = .split(
        feature: try container.decode(Int.self, forKey: .feature),
        below: try container.decode(Rate.self, forKey: .below),
        left: try container.decode(Int.self, forKey: .left),
        right: try container.decode(Int.self, forKey: .right),
        missing: try container.decode(Int.self, forKey: .missing))
    }
  }

  /// Writes a place.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .leaf(let value): try container.encode(value, forKey: .value)
    case .split(let feature, let below, let left, let right, let missing):
      try container.encode(feature, forKey: .feature)
      try container.encode(below, forKey: .below)
      try container.encode(left, forKey: .left)
      try container.encode(right, forKey: .right)
      try container.encode(missing, forKey: .missing)
    }
  }
}
