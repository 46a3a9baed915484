import Accounting
import FixedPoint
import Trading

/// A settlement that was heard while it was not known what was held.
struct HeldSettlement: Sendable {
  let instrument: InstrumentIndex
  let rate: FundingRate
  let mark: Price
  /// Orders of the perpetual that were not over.
  let orders: [ClientOrderID]
}

/// Settlements of funding and what was paid for them.
extension Engine {
  mutating func settle(
    _ instrument: InstrumentIndex, _ rate: FundingRate, mark: Price, into outcome: inout Outcome
  ) {
    let index = universe.pairOfInstrument[instrument.position]
    market[index].funding.insert(rate)
    market.touch(index)
    // Heard again after an outage: only what is not in the books yet is new.
    guard !state.isSettled(index, rate.settlesAt) else { return }
    // What an order traded before the stamp may be on its way, or lost and to be asked for.
    let orders = state.orders.filter { concerns($0.value.intent.request, index) }.keys.sorted()
    guard orders.isEmpty else {
      let isHeld = heldSettlements.contains {
        $0.instrument == instrument && $0.rate.settlesAt == rate.settlesAt
      }
      if isHeld { return }
      heldSettlements.append(
        HeldSettlement(instrument: instrument, rate: rate, mark: mark, orders: orders))
      return
    }
    settle(index, rate, mark: mark, into: &outcome)
  }

  /// Books the settlements that no order stands before any more.
  ///
  /// They are not stored until then: after a crash the venue's history tells of them again.
  mutating func settleHeld(into outcome: inout Outcome) {
    let held = heldSettlements
    heldSettlements.removeAll()
    for settlement in held {
      guard !settlement.orders.contains(where: { state.orders[$0] != nil }) else {
        heldSettlements.append(settlement)
        continue
      }
      let index = universe.pairOfInstrument[settlement.instrument.position]
      if state.isSettled(index, settlement.rate.settlesAt) { continue }
      settle(index, settlement.rate, mark: settlement.mark, into: &outcome)
    }
  }

  private mutating func settle(
    _ index: PairIndex, _ rate: FundingRate, mark: Price, into outcome: inout Outcome
  ) {
    guard let (carry, quantity) = state.shortHeld(on: index, at: rate.settlesAt) else { return }
    let pair = universe[index]
    record(
      .settled(
        Settlement(
          carry: carry, venue: pair.venue, symbol: pair.symbol, rate: rate, quantity: quantity,
          mark: mark)),
      into: &outcome)
    market[index].needsMark = true
  }

  /// Corrects the settlements after a trade that was heard of only now: what the venue closed while
  /// nothing was heard of it was not held any more.
  mutating func correctSettlements(
    of pair: PairIndex, since moment: Timestamp, into outcome: inout Outcome
  ) {
    for booked in state.settled[pair.position] where booked.rate.settlesAt > moment {
      let held = state.shortHeld(on: pair, at: booked.rate.settlesAt)?.quantity ?? .zero
      if held == booked.quantity { continue }
      record(
        .settlementCorrected(
          SettlementCorrection(believed: booked.quantity, settlement: booked.with(held))),
        into: &outcome)
    }
  }

  /// Whether an order trades the perpetual of a pair.
  private func concerns(_ request: OrderRequest, _ index: PairIndex) -> Bool {
    request.instrument.market == .perp
      && universe.index(of: request.instrument)
        .map { universe.pairOfInstrument[$0.position] } == index
  }

  mutating func book(_ payment: FundingPayment, into outcome: inout Outcome) {
    guard !state.booked.contains(payment.sourceKey),
      let instrument = universe.index(of: payment.instrument)
    else { return }
    let pair = universe.pairOfInstrument[instrument.position]
    let carry = state.shortHeld(on: pair, at: payment.settledAt)?.carry
    record(.fundingReceived(BookedPayment(carry: carry, payment: payment)), into: &outcome)
    let wallet = universe.wallet(of: payment.instrument.venue, .perp)
    if let entry = Booking.funding(payment, wallet: wallet, carry: carry) {
      record(.booked(entry), into: &outcome)
    }
  }
}
