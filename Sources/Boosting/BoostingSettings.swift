/// How trees are grown.
///
/// Few, shallow and slow: forecasts of a week made every eight hours overlap, so there is much less
/// to learn from than there are rows, and a leaf must rest on many of them. Errors beyond a deviation
/// count by their size, not their square, or a few days of 2022 would decide every tree.
public struct BoostingSettings: Hashable, Sendable {
  /// How many trees.
  public var rounds = 100
  /// Questions on the longest way through a tree.
  public var depth = 3
  /// How much of each tree counts, in thousandths.
  public var learningThousandths = 50
  /// Rows below which no leaf is made.
  public var leastRows = 200

  /// The defaults.
  public init() {}

  /// As the library calls them.
  var parameters: [(String, String)] {
    [
      ("booster", "gbtree"), ("objective", "reg:pseudohubererror"), ("base_score", "0"),
      ("tree_method", "exact"), ("max_depth", String(depth)),
      ("eta", String(Double(learningThousandths) / 1000)),
      ("min_child_weight", String(leastRows)), ("lambda", "1"), ("nthread", "1"), ("seed", "1"),
      ("verbosity", "0"),
    ]
  }
}
