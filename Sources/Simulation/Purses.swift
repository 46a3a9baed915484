import FixedPoint
import Trading

/// What one wallet holds of one asset, and how much of it is spoken for.
struct Purse: Equatable, Sendable {
  let wallet: Wallet
  let asset: AssetID
  /// All of it, without unrealised profit.
  var total: Amount = .zero
  /// Reserved for resting orders.
  var locked: Amount = .zero
  /// Set aside as collateral of positions.
  var isolated: Amount = .zero

  /// What can be spent; below zero only after a loss that no collateral could cover.
  var free: Amount { total - locked - isolated }
}

/// The wallets of one account, in a fixed order: deposits first, then the universe.
struct Purses: Equatable, Sendable {
  private let layout: AccountLayout
  private(set) var all: [Purse] = []

  init(layout: AccountLayout) { self.layout = layout }

  /// Whether the layout knows a wallet.
  func has(_ wallet: Wallet) -> Bool { (wallet == .unified) == (layout == .unified) }

  subscript(place: Int) -> Purse {
    get { all[place] }
    set { all[place] = newValue }
  }

  /// The place of an asset in a wallet, made when there is none yet.
  mutating func place(of asset: AssetID, in wallet: Wallet) -> Int {
    if let place = all.firstIndex(where: { $0.wallet == wallet && $0.asset == asset }) {
      return place
    }
    all.append(Purse(wallet: wallet, asset: asset))
    return all.count - 1
  }

  /// Everything that is not zero.
  var balances: [Balance] {
    all.lazy.filter { !$0.total.isZero }
      .map { Balance(wallet: $0.wallet, asset: $0.asset, total: $0.total) }
  }
}
