public import Trading

/// The chart of accounts.
///
/// Debit is positive: assets and expenses grow by debits, equity and income by credits.
public enum AccountName: Hashable, Sendable {
  /// What a venue keeps for us.
  case assets(VenueID, Wallet)
  /// Base assets left over by closed carries, too small to sell.
  case dust(VenueID)
  /// The counter-account of trades, so that each asset balances by itself.
  case conversion
  /// What the owner brought in or took out.
  case opening
  /// Funding received, less funding paid.
  case funding
  /// Profit that a venue credited on closed perpetual positions.
  case trading
  /// Trading fees.
  case fees
  /// Charges of a forced close.
  case liquidation
  /// Differences that an operator explained.
  case adjustments

  /// The name in reports and exports.
  public var text: String {
    switch self {
    case .assets(let venue, let wallet): "assets:\(venue):\(wallet.rawValue)"
    case .dust(let venue): "assets:\(venue):dust"
    case .conversion: "equity:conversion"
    case .opening: "equity:opening"
    case .funding: "income:funding"
    case .trading: "income:trading"
    case .fees: "expenses:fees:trading"
    case .liquidation: "expenses:liquidation"
    case .adjustments: "equity:adjustments"
    }
  }

  /// Reads the name of an account; nil when the chart has no such account.
  public init?(text: String) {
    let parts = text.split(separator: ":").map(String.init)
    if parts.count == 3, parts[0] == "assets" {
      if parts[2] == "dust" {
        self = .dust(VenueID(parts[1]))
      } else if let wallet = Wallet(rawValue: parts[2]) {
        self = .assets(VenueID(parts[1]), wallet)
      } else {
        return nil
      }
      return
    }
    let plain: [AccountName] = [
      .conversion, .opening, .funding, .trading, .fees, .liquidation, .adjustments,
    ]
    guard let account = plain.first(where: { $0.text == text }) else { return nil }
    self = account
  }
}

extension AccountName: Codable {
  /// Reads the name; throws when the chart has no such account.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let account = AccountName(text: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\"\(text)\" is not an account")
    }
    self = account
  }
  /// Writes the name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
