extension String {
  /// The same text with a word that nobody may see taken out.
  func masking(_ word: String) -> String {
    word.isEmpty || !contains(word) ? self : replacing(word, with: "(key)")
  }
}
