public import FixedPoint
public import Trading

/// Writes entries as a journal that hledger and beancount's readers of it understand.
public enum PlainText {
  /// One entry in hledger's journal format, followed by an empty line.
  public static func hledger(
    day: String, description: String, postings: [(account: String, asset: String, amount: Amount)]
  ) -> String {
    let lines = postings.map { posting in
      "    \(posting.account)  \(posting.amount) \(commodity(posting.asset))\n"
    }
    return "\(day) \(description)\n\(lines.joined())\n"
  }

  /// An asset's name; one with anything but letters stands in quotes.
  static func commodity(_ asset: String) -> String {
    asset.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
      ? asset : "\"\(asset)\""
  }
}
