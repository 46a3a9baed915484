extension Array {
  /// The first place of a sorted array that satisfies a predicate which, once true, stays true.
  func firstPlace(where isReached: (Element) -> Bool) -> Int {
    var (lower, upper) = (0, count)
    while lower < upper {
      let middle = (lower + upper) / 2
      if isReached(self[middle]) { upper = middle } else { lower = middle + 1 }
    }
    return lower
  }
}
