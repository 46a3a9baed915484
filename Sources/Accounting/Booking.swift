public import FixedPoint
public import Trading

/// How each kind of event becomes an entry.
///
/// What the venue reports is booked, to its last digit.
public enum Booking {
  /// A spot trade: base against quote through `equity:conversion`, and the fee in its own asset.
  ///
  /// - Parameter cost: price × quantity in quote units, without sign.
  public static func spotFill(
    _ fill: Fill, base: AssetID, quote: AssetID, cost: Notional, wallet: Wallet, carry: CarryID?
  ) -> JournalEntry {
    let held = AccountName.assets(fill.instrument.venue, wallet)
    let bought = fill.signedQuantity.amount
    let paid = fill.side == .buy ? cost.amount : -cost.amount
    return JournalEntry(
      sourceKey: fill.sourceKey, at: fill.at, kind: .spotFill, venue: fill.instrument.venue,
      carry: carry,
      postings: [
        Posting(held, base, bought), Posting(.conversion, base, -bought),
        Posting(.conversion, quote, paid), Posting(held, quote, -paid),
        Posting(.fees, fill.feeAsset, fill.fee), Posting(held, fill.feeAsset, -fill.fee),
      ])
  }

  /// A trade in a perpetual: only its fee and the profit the venue credited move an asset.
  public static func perpFill(
    _ fill: Fill, quote: AssetID, wallet: Wallet, carry: CarryID?
  ) -> JournalEntry? {
    let held = AccountName.assets(fill.instrument.venue, wallet)
    let charge: AccountName = fill.cause == .liquidation ? .liquidation : .fees
    let entry = JournalEntry(
      sourceKey: fill.sourceKey, at: fill.at, kind: .perpFill, venue: fill.instrument.venue,
      carry: carry,
      postings: [
        Posting(held, quote, fill.realized.amount), Posting(.trading, quote, -fill.realized.amount),
        Posting(charge, fill.feeAsset, fill.fee), Posting(held, fill.feeAsset, -fill.fee),
      ])
    return entry.postings.isEmpty ? nil : entry
  }

  /// A funding payment; nil when it is zero, because nothing moved.
  public static func funding(
    _ payment: FundingPayment, wallet: Wallet, carry: CarryID?
  ) -> JournalEntry? {
    guard !payment.amount.isZero else { return nil }
    let venue = payment.instrument.venue
    return JournalEntry(
      sourceKey: payment.sourceKey, at: payment.settledAt, kind: .funding, venue: venue,
      carry: carry,
      postings: [
        Posting(.assets(venue, wallet), payment.asset, payment.amount),
        Posting(.funding, payment.asset, -payment.amount),
      ])
  }

  /// A move between wallets of one venue.
  public static func transfer(_ transfer: Transfer, at: Timestamp) -> JournalEntry {
    JournalEntry(
      sourceKey: "\(transfer.venue):transfer:\(transfer.id)", at: at, kind: .transfer,
      venue: transfer.venue, carry: nil,
      postings: [
        Posting(.assets(transfer.venue, transfer.to), transfer.asset, transfer.amount),
        Posting(.assets(transfer.venue, transfer.from), transfer.asset, -transfer.amount),
      ])
  }

  /// What the account held before the first start.
  public static func opening(
    _ balances: [Balance], venue: VenueID, at: Timestamp
  ) -> JournalEntry? {
    let held = balances.filter { !$0.total.isZero }
    guard !held.isEmpty else { return nil }
    return JournalEntry(
      sourceKey: "\(venue):opening", at: at, kind: .deposit, venue: venue, carry: nil,
      postings: held.flatMap {
        [
          Posting(.assets(venue, $0.wallet), $0.asset, $0.total),
          Posting(.opening, $0.asset, -$0.total),
        ]
      })
  }

  /// A difference between account and books, as an operator explains it.
  ///
  /// - Parameter amount: what the venue has more than the books.
  public static func adjustment(
    _ amount: Amount, of asset: AssetID, wallet: Wallet, venue: VenueID, reason: String,
    at: Timestamp
  ) -> JournalEntry {
    JournalEntry(
      sourceKey: "\(venue):adjustment:\(wallet.rawValue):\(asset):\(at.nanoseconds):\(reason)",
      at: at, kind: .adjustment, venue: venue, carry: nil,
      postings: [
        Posting(.assets(venue, wallet), asset, amount), Posting(.adjustments, asset, -amount),
      ])
  }

  /// What a closed carry leaves behind because it is too small to sell.
  public static func dust(
    _ quantity: Quantity, of asset: AssetID, carry: CarryID, venue: VenueID, wallet: Wallet,
    at: Timestamp
  ) -> JournalEntry {
    JournalEntry(
      sourceKey: "\(venue):dust:\(carry)", at: at, kind: .dust, venue: venue, carry: carry,
      postings: [
        Posting(.dust(venue), asset, quantity.amount),
        Posting(.assets(venue, wallet), asset, -quantity.amount),
      ])
  }
}

extension Fill {
  /// The fill's identity at its venue, by which it is booked only once.
  public var sourceKey: String {
    "\(instrument.venue):fill:\(instrument.market.rawValue):\(instrument.symbol):\(trade)"
  }
}

extension FundingPayment {
  /// The payment's identity at its venue, by which it is booked only once.
  public var sourceKey: String { "\(instrument.venue):funding:\(instrument.symbol):\(id)" }
}
