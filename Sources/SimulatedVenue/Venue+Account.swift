public import FixedPoint
import Simulation
public import Trading

extension Venue {
  /// What all wallets hold, those at zero too when they ever held something: wallet by wallet.
  public var balances: [WalletBalance] { AccountWallet.allCases.flatMap { balances(in: $0) } }

  /// What a wallet holds, in order of first appearance.
  public func balances(in wallet: AccountWallet) -> [WalletBalance] {
    if wallet == .funding {
      return recorder.funding.map {
        WalletBalance(
          wallet: .funding, asset: $0.asset, total: $0.total, locked: .zero, isolated: .zero)
      }
    }
    return exchange.accounts.filter { AccountWallet($0.wallet) == wallet }.map(WalletBalance.init)
  }

  /// What a wallet holds of an asset; zero of one that it never held.
  public func balance(of asset: AssetID, in wallet: AccountWallet) -> WalletBalance {
    balances(in: wallet).first { $0.asset == asset }
      ?? WalletBalance(
        wallet: wallet, asset: asset, total: .zero, locked: .zero, isolated: .zero)
  }

  /// The wallet that a market settles in.
  public func wallet(of market: Market) -> AccountWallet {
    AccountWallet(layout.wallet(of: market))
  }

  /// The position in a perpetual; flat when there is none.
  public func position(_ instrument: InstrumentIndex) -> WorldPosition {
    let state = exchange.positionState(of: instrument)
    let mark = state.mark
    let tier = listing(instrument).instrument.marginTier(for: mark.notional(of: state.quantity))
    let notional = mark.notional(of: state.quantity.magnitude)
    let maintenance =
      tier.map { max(notional.times($0.maintenanceRate) - $0.deduction, .zero) } ?? .zero
    return WorldPosition(
      instrument: instrument, quantity: state.quantity, cost: state.cost, margin: state.margin,
      isCross: state.isCross, leverage: state.leverage, mark: mark,
      unrealized: mark.notional(of: state.quantity) - state.cost,
      initialMargin: exchange.initialMargin(of: notional, on: instrument),
      maintenanceMargin: maintenance, liquidationPrice: exchange.liquidationPrice(of: instrument),
      updatedAt: recorder.positionChangedAt[instrument.position])
  }

  /// All positions that are not flat, in universe order.
  public var positions: [WorldPosition] {
    exchange.openPositions.map { position($0) }
  }

  /// The margin of all perpetuals that settle in an asset.
  public func margin(in asset: AssetID) -> MarginSummary {
    let state = exchange.marginState(of: asset)
    let held = positions.filter { listing($0.instrument).instrument.quote == asset }
    func sum(_ part: [WorldPosition], _ value: (WorldPosition) -> Notional) -> Amount {
      part.reduce(Notional.zero) { $0 + value($1) }.amount
    }
    let cross = held.filter(\.isCross)
    return MarginSummary(
      asset: asset, wallet: state.total, crossWallet: state.total - state.isolated,
      unrealized: sum(held, \.unrealized), crossUnrealized: sum(cross, \.unrealized),
      collateral: state.collateral, positionInitial: sum(held, \.initialMargin),
      orderInitial: state.locked, maintenance: sum(held, \.maintenanceMargin),
      crossMaintenance: sum(cross, \.maintenanceMargin), available: max(state.available, .zero))
  }

  /// Notional over initial margin of a perpetual's position.
  public func leverage(of instrument: InstrumentIndex) -> Rate {
    exchange.positionState(of: instrument).leverage
  }

  /// Changes it.
  ///
  /// Refusals: `leverageTooHigh` above the tier of the position, `insufficientMargin` where the
  /// position's margin would not be covered.
  public func setLeverage(
    _ leverage: Rate, of instrument: InstrumentIndex
  ) throws(OrderRefusal) {
    do throws(Refusal) {
      try exchange.setLeverage(leverage, of: instrument)
    } catch {
      throw OrderRefusal(error)
    }
    tell(.leverageChanged(instrument, leverage))
  }

  /// Whether the whole wallet stands for a perpetual's position.
  public func isCross(_ instrument: InstrumentIndex) -> Bool {
    exchange.positionState(of: instrument).isCross
  }

  /// Changes it for one perpetual.
  ///
  /// Refusals: `other` while there is a position or an order.
  public func setCross(_ isCross: Bool, of instrument: InstrumentIndex) throws(OrderRefusal) {
    do throws(Refusal) {
      try exchange.setCross(isCross, of: instrument)
    } catch {
      throw OrderRefusal(error)
    }
  }

  /// Adds collateral to an isolated position from its wallet, or gives it back when negative.
  ///
  /// Refusals: `unknownInstrument`, `notFound` when flat, `other` in cross margin,
  /// `insufficientMargin`.
  public func adjustMargin(
    of instrument: InstrumentIndex, by amount: Notional
  ) throws(OrderRefusal) {
    if isCross(instrument) { throw OrderRefusal(.other, "the position is in cross margin") }
    var refusal: RefusalReason?
    act(.margin) { events in
      exchange.receive(
        .adjustMargin(listing(instrument).instrument.id, amount), at: now, into: &events)
      for case .marginRefused(_, let reason) in events { refusal = reason }
    }
    if let refusal { throw OrderRefusal(refusal, "\(amount) cannot be moved") }
    tellBalances(.margin, [(wallet(of: .perp), listing(instrument).instrument.quote)])
  }

  /// Moves an asset between two wallets of the account.
  ///
  /// Refusals: `duplicateID` for a key seen before, `other` for a wallet that the venue has not,
  /// `invalidQuantity` for an amount not above zero, `insufficientBalance`.
  public func transfer(
    _ amount: Amount, of asset: AssetID, from: AccountWallet, to: AccountWallet,
    key: String? = nil
  ) throws(OrderRefusal) -> TransferRecord {
    if let key, transfers.contains(where: { $0.key == key }) {
      throw OrderRefusal(.duplicateID, "the key \(key) was used before")
    }
    guard from != to, has(from), has(to) else {
      throw OrderRefusal(.other, "there is no way from \(from.rawValue) to \(to.rawValue)")
    }
    guard amount.isPositive else {
      throw OrderRefusal(.invalidQuantity, "\(amount) is not above zero")
    }
    guard amount <= transferable(asset, from: from) else {
      throw OrderRefusal(
        .insufficientBalance, "\(amount) is more than \(transferable(asset, from: from))")
    }
    let record = TransferRecord(
      number: Int64(transfers.count + 1), key: key, at: now, from: from, to: to, asset: asset,
      amount: amount)
    transfers.append(record)
    put(-amount, of: asset, in: from)
    put(amount, of: asset, in: to)
    enter(.transfer, from, asset, -amount, transfer: record.number)
    enter(.transfer, to, asset, amount, transfer: record.number)
    tell(.transferred(record))
    tellBalances(.transfer, [(from, asset), (to, asset)])
    return record
  }

  /// How much of an asset a transfer could take out of a wallet.
  public func transferable(_ asset: AssetID, from wallet: AccountWallet) -> Amount {
    let free = max(balance(of: asset, in: wallet).free, .zero)
    if wallet == .funding || wallet == .spot { return free }
    // A bad position may leave less than what lies there; profit that is not realised stays.
    return min(free, margin(in: asset).available)
  }

  /// Gives to a wallet, or takes when negative: what the operator of the simulator does.
  public func deposit(_ amount: Amount, of asset: AssetID, in wallet: AccountWallet) {
    book(deposit: PlannedBalance(wallet: wallet, asset: asset, amount: amount))
  }
}
