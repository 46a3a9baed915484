import Trading

extension Symbol {
  /// A name as somebody types it: without a single capital, capitals were meant.
  ///
  /// One that has some stays as it is, because `kPEPE` is the name of a market and `KPEPE` is not.
  init(typed text: some StringProtocol) {
    self.init(text.contains(where: \.isUppercase) ? String(text) : text.uppercased())
  }
}
