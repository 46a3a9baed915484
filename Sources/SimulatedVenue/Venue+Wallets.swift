import FixedPoint
import Simulation
import Trading

extension Venue {
  /// Whether the venue has a wallet.
  func has(_ wallet: AccountWallet) -> Bool {
    switch wallet {
    case .funding: true
    case .unified: layout == .unified
    case .spot, .futures: layout == .separate
    }
  }

  /// Puts something into a wallet, or takes it out when negative.
  func put(_ amount: Amount, of asset: AssetID, in wallet: AccountWallet) {
    if let own = Wallet(wallet) { return exchange.deposit(amount, of: asset, in: own) }
    if let place = recorder.funding.firstIndex(where: { $0.asset == asset }) {
      recorder.funding[place].total += amount
    } else {
      recorder.funding.append((asset, amount))
    }
  }

  /// Books a deposit and tells of it.
  func book(deposit: PlannedBalance) {
    guard has(deposit.wallet) else { return }
    put(deposit.amount, of: deposit.asset, in: deposit.wallet)
    enter(.deposit, deposit.wallet, deposit.asset, deposit.amount)
    tellBalances(.deposit, [(deposit.wallet, deposit.asset)])
  }
}

extension AccountWallet {
  init(_ wallet: Wallet) {
    switch wallet {
    case .spot: self = .spot
    case .futures: self = .futures
    case .unified: self = .unified
    }
  }
}

extension Wallet {
  /// Nil for the funding wallet, which the exchange does not know.
  init?(_ wallet: AccountWallet) {
    switch wallet {
    case .spot: self = .spot
    case .futures: self = .futures
    case .unified: self = .unified
    case .funding: return nil
    }
  }
}

extension WalletBalance {
  init(_ state: AccountState) {
    self.init(
      wallet: AccountWallet(state.wallet), asset: state.asset, total: state.total,
      locked: state.locked, isolated: state.isolated)
  }
}
