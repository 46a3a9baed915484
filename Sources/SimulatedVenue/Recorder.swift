import FixedPoint
import Simulation
import Trading

/// What the venue keeps beside its exchange: the funding wallet and running totals of the ledger.
struct Recorder {
  /// The wallet that nothing is traded out of, in order of first appearance.
  var funding: [(asset: AssetID, total: Amount)] = []
  /// The ledger's totals, by wallet and asset.
  private var totals: [WalletAsset: Amount] = [:]
  /// Base units held, by place, to tell what a trade closed.
  var held: [Quantity]
  /// By place.
  var positionChangedAt: [Timestamp]
  /// What wallets had locked when that was last told.
  var toldLocked: [WalletAsset: Amount] = [:]

  init(_ count: Int) {
    held = Array(repeating: .zero, count: count)
    positionChangedAt = Array(repeating: .distantPast, count: count)
  }

  /// Adds to a total.
  ///
  /// - Returns: what it is then.
  mutating func add(_ amount: Amount, to key: WalletAsset) -> Amount {
    totals[key, default: .zero] += amount
    return totals[key, default: .zero]
  }
}

/// An asset in a wallet.
struct WalletAsset: Hashable {
  let wallet: AccountWallet
  let asset: AssetID
}

extension Venue {
  /// Lets the exchange do something and records and tells what came of it.
  func act(_ reason: BalanceReason, _ body: (inout [VenueEvent]) -> Void) {
    var events: [VenueEvent] = []
    body(&events)
    take(events, reason)
  }

  /// Records and tells what the exchange says.
  func take(_ events: [VenueEvent], _ reason: BalanceReason) {
    for event in events {
      switch event {
      case .quote(let quote): confirmBook(quote.instrument)
      case .fill(let fill): take(fill)
      case .orderFinished(let id, let outcome): finish(id, outcome)
      case .orderAccepted(let id, _): tellLocked(id)
      case .orderRefused(let id, let why, let text): reject(id, OrderRefusal(why, text))
      case .fundingSettled(let instrument, let rate, let mark):
        tell(.settled(instrument, rate, mark: mark))
      case .fundingPaid(let payment): take(payment)
      case .position(let position):
        // Trades and payments tell the position themselves, with the balances before it.
        if reason == .margin, let index = universe.index(of: position.instrument) {
          recorder.positionChangedAt[index.position] = now
          tell(.position(self.position(index), reason))
        }
      default: break
      }
    }
  }

  /// Writes a change of a wallet down.
  func enter(
    _ kind: LedgerKind, _ wallet: AccountWallet, _ asset: AssetID, _ amount: Amount,
    at time: Timestamp? = nil, instrument: InstrumentIndex? = nil, fill: Int? = nil,
    funding: FundingDetail? = nil, transfer: Int64? = nil
  ) {
    if amount.isZero && kind != .funding { return }
    let balance = recorder.add(amount, to: WalletAsset(wallet: wallet, asset: asset))
    ledger.append(
      LedgerEntry(
        number: Int64(ledger.count + 1), at: time ?? now, kind: kind, wallet: wallet, asset: asset,
        amount: amount, balance: balance, instrument: instrument, fill: fill, funding: funding,
        transfer: transfer))
  }

  /// Tells what some wallets hold now.
  func tellBalances(
    _ reason: BalanceReason, _ purses: [(wallet: AccountWallet, asset: AssetID)]
  ) {
    let all = purses.map { balance(of: $0.asset, in: $0.wallet) }
    for balance in all {
      recorder.toldLocked[WalletAsset(wallet: balance.wallet, asset: balance.asset)] =
        balance.locked
    }
    tell(.balances(all, reason))
  }

  private func take(_ fill: Fill) {
    guard let instrument = universe.index(of: fill.instrument) else { return }
    let isPerp = listing(instrument).isPerp
    let before = recorder.held[instrument.position]
    if isPerp {
      recorder.held[instrument.position] = before + fill.signedQuantity
      recorder.positionChangedAt[instrument.position] = now
    }
    let closes = !before.isZero && before.isNegative != fill.signedQuantity.isNegative
    let place = fills.count
    let order = order(of: fill, on: instrument)
    fills.append(
      WorldFill(
        number: Int64(place + 1), order: orders[order].number, fill: fill, instrument: instrument,
        closed: isPerp && closes ? min(before.magnitude, fill.quantity) : .zero,
        position: isPerp ? recorder.held[instrument.position] : nil))
    orders[order].executed += fill.quantity
    orders[order].executedValue += fill.price.notional(of: fill.quantity)
    orders[order].fills.append(place)
    orders[order].updatedAt = now
    orders[order].state = orders[order].remaining.isPositive ? .partiallyFilled : .filled
    if orders[order].state == .filled { desk.close(order) }
    let touched = enter(fill, place, instrument)
    tell(.order(orders[order], .traded(place)))
    let reason: BalanceReason = fill.cause == .order ? .trade : .forced
    tellBalances(reason, touched)
    if isPerp { tell(.position(position(instrument), reason)) }
  }

  /// Writes down what an execution changed.
  private func enter(
    _ fill: Fill, _ place: Int, _ instrument: InstrumentIndex
  ) -> [(wallet: AccountWallet, asset: AssetID)] {
    let own = listing(instrument).instrument
    let wallet = wallet(of: own.id.market)
    var touched = [(wallet: wallet, asset: own.quote)]
    if own.id.market == .spot {
      touched.insert((wallet, own.base), at: 0)
      let value = fill.price.notional(of: fill.signedQuantity).amount
      enter(
        .trade, wallet, own.base, fill.signedQuantity.amount, instrument: instrument, fill: place)
      enter(.trade, wallet, own.quote, -value, instrument: instrument, fill: place)
    } else {
      enter(
        .realized, wallet, own.quote, fill.realized.amount, instrument: instrument, fill: place)
    }
    enter(
      fill.cause == .liquidation ? .liquidationFee : .commission, wallet, fill.feeAsset, -fill.fee,
      instrument: instrument, fill: place)
    if !touched.contains(where: { $0.asset == fill.feeAsset }) {
      touched.append((wallet, fill.feeAsset))
    }
    return touched
  }

  private func take(_ payment: FundingPayment) {
    guard let instrument = universe.index(of: payment.instrument),
      let last = market.settled[instrument.position].last
    else { return }
    recorder.positionChangedAt[instrument.position] = now
    let wallet = wallet(of: .perp)
    enter(
      .funding, wallet, payment.asset, payment.amount, at: payment.settledAt,
      instrument: instrument,
      funding: FundingDetail(
        rate: last.rate, mark: last.mark ?? mark(instrument),
        quantity: recorder.held[instrument.position], isCross: isCross(instrument)))
    if let entry = ledger.last { tell(.fundingPaid(entry)) }
    tellBalances(.funding, [(wallet, payment.asset)])
    tell(.position(position(instrument), .funding))
  }

  /// The order of an execution; one is made for what the venue did by itself.
  private func order(of fill: Fill, on instrument: InstrumentIndex) -> Int {
    if let id = fill.order, let place = desk.place(of: id.sequence) { return place }
    let origin: OrderOrigin =
      switch fill.cause {
      case .autoDeleveraging: .autoDeleveraging
      case .settlement: .settlement
      case .order, .liquidation: .liquidation
      }
    let number = desk.nextNumber()
    let place = record(
      NewOrder(
        clientID: "\(origin.rawValue)-\(number)", instrument: instrument, side: fill.side,
        quantity: fill.quantity, price: fill.price, timeInForce: .immediateOrCancel,
        reduceOnly: true),
      number: number, origin: origin)
    tell(.order(orders[place], .accepted))
    return place
  }

  private func finish(_ id: ClientOrderID, _ outcome: OrderOutcome) {
    guard let place = desk.place(of: id.sequence) else { return }
    close(place, outcome == .cancelled ? .cancelled : outcome == .filled ? .filled : .expired)
    tellLocked(id)
  }

  private func reject(_ id: ClientOrderID, _ refusal: OrderRefusal) {
    guard let place = desk.place(of: id.sequence), orders[place].state.isOpen else { return }
    orders[place].state = .rejected
    orders[place].refusal = refusal
    orders[place].updatedAt = now
    desk.close(place)
    tell(.order(orders[place], .rejected))
  }

  /// Tells what an order reserved or released, when that is not what was told last.
  private func tellLocked(_ id: ClientOrderID) {
    guard let place = desk.place(of: id.sequence) else { return }
    let own = listing(orders[place].request.instrument).instrument
    let isBase = own.id.market == .spot && orders[place].request.side == .sell
    let (wallet, asset) = (wallet(of: own.id.market), isBase ? own.base : own.quote)
    let locked = balance(of: asset, in: wallet).locked
    if locked != recorder.toldLocked[WalletAsset(wallet: wallet, asset: asset), default: .zero] {
      tellBalances(.order, [(wallet, asset)])
    }
  }
}
