public import Trading

/// Why the process around the engine wants nothing to grow; none of it outlives the process.
public enum Hold: String, Hashable, Sendable, CaseIterable {
  /// The database cannot be written.
  case database
  /// A file says so.
  case file
}

/// What the process says about itself.
extension Engine {
  /// Nothing grows while a hold lasts; what is in motion is finished, exits and hedges go on.
  ///
  /// After an outage of the database the accounts are looked at before anything grows again.
  mutating func hold(_ hold: Hold, isOn: Bool, at now: Timestamp, into outcome: inout Outcome) {
    if isOn {
      holds.insert(hold)
    } else if holds.remove(hold) != nil, hold == .database {
      lookAgain(at: now, into: &outcome)
    }
    if phase != .stopped { advanceAll(at: now, into: &outcome) }
  }

  /// The process did not run for a while: nothing that was known of a market is true any more.
  mutating func resumeAfterStall(at now: Timestamp, into outcome: inout Outcome) {
    market.distrust(before: now)
    lookAgain(at: now, into: &outcome)
  }

  /// Pauses for a reason that is no command; `resume` ends it.
  mutating func pause(because reason: String, into outcome: inout Outcome) {
    if state.isPaused { return }
    record(
      .tradingChanged(TradingChanged(change: .paused, venue: nil, reason: reason)), into: &outcome)
  }

  /// Lets nothing grow at any venue until its account was looked at.
  private mutating func lookAgain(at now: Timestamp, into outcome: inout Outcome) {
    if phase == .stopped { return }
    // A venue whose streams are down is looked at when they are back.
    let reachable = universe.venues.filter { !offline.contains($0) || returning.contains($0) }
    offline.formUnion(reachable)
    returning.formUnion(reachable)
    check(reachable, at: now, into: &outcome)
  }
}

extension OrderRequest {
  /// Whether it makes a carry larger: only selling the perpetual does.
  public var isGrowing: Bool { instrument.market == .perp && side == .sell }
}
