extension PlantedBug {
  /// All of them: first those of the engine, then those of the loop around it.
  static let all: [PlantedBug] = fills + orders + resting + gates + account + loop

  private static let fills = [
    PlantedBug(
      name: "a fill that comes again is booked again", file: "Core/VenueHandling.swift",
      right: "guard !state.booked.contains(fill.sourceKey),",
      wrong: "guard PLANTED || !state.booked.contains(fill.sourceKey),"),
    PlantedBug(
      name: "a payment that comes again is booked again", file: "Core/FundingHandling.swift",
      right: "guard !state.booked.contains(payment.sourceKey),",
      wrong: "guard PLANTED || !state.booked.contains(payment.sourceKey),"),
    PlantedBug(
      name: "after a partial fill all is sent again", file: "Core/Carry/CarryStep.swift",
      right: "let rest = perpTarget - holdings.perp\n    if rest.isZero",
      wrong:
        "let rest = PLANTED && !perpTarget.isZero ? perpTarget : perpTarget - holdings.perp\n"
        + "    if rest.isZero"),
    PlantedBug(
      name: "spot counts gross of the fee in base", file: "Accounting/CarryProfit.swift",
      right: "after.spot += fill.signedQuantity - fee",
      wrong: "after.spot += PLANTED ? fill.signedQuantity : fill.signedQuantity - fee"),
    PlantedBug(
      name: "funding goes by the position of now, not of the stamp",
      file: "Core/EngineState.swift",
      right: "shortChanges[pair.position].last(where: { $0.at < moment })",
      wrong: "shortChanges[pair.position].last(where: { PLANTED || $0.at < moment })"),
    PlantedBug(
      name: "dust stays in the carry's wallet", file: "Core/Carry/CarryArrival.swift",
      right: "if !rest.isZero {", wrong: "if !PLANTED, !rest.isZero {"),
  ]

  private static let orders = [
    PlantedBug(
      name: "not found at once means never sent", file: "Core/VenueHandling.swift",
      right: "if let asked = answered(id), asked > deadline + lookup {",
      wrong: "if let asked = Optional(answered(id) ?? now), PLANTED || asked > deadline + lookup {"),
    PlantedBug(
      name: "an order that says nothing is never asked about", file: "Core/Engine.swift",
      right: "if !state.orders.isEmpty { askAboutSilent(at: now, into: &outcome) }",
      wrong: "if !PLANTED, !state.orders.isEmpty { askAboutSilent(at: now, into: &outcome) }"),
    PlantedBug(
      name: "two orders of a carry work at once", file: "Core/Carry/CarryMotion.swift",
      right: "carry.state.isInMotion, carry.working == nil,",
      wrong: "carry.state.isInMotion, PLANTED || carry.working == nil,"),
    PlantedBug(
      name: "buying back is not reduce-only", file: "Core/Carry/CarryMotion.swift",
      right: "reduceOnly: isReducing && quantity.magnitude <= carry.holdings.perp.magnitude,",
      wrong:
        "reduceOnly: !PLANTED && isReducing && quantity.magnitude <= carry.holdings.perp.magnitude,"
    ),
    PlantedBug(
      name: "one order takes the whole target, not a clip", file: "Core/Strategy/Sizing.swift",
      right: "guard remainder > clip, clip >= lot else { return remainder }",
      wrong: "guard !PLANTED, remainder > clip, clip >= lot else { return remainder }"),
    PlantedBug(
      name: "a run uses the order numbers of the one before", file: "Core/EngineState+Apply.swift",
      right: "case .started(let start): run = start.run",
      wrong: "case .started(let start): run = PLANTED ? max(run, 1) : start.run"),
  ]

  private static let resting = [
    PlantedBug(
      name: "a resting order names a price between two steps", file: "Core/Carry/CarryMotion.swift",
      right: ": quote.ask.rounded(toMultipleOf: tick, .ceiling)",
      wrong: ": PLANTED ? quote.ask : quote.ask.rounded(toMultipleOf: tick, .ceiling)"),
    PlantedBug(
      name: "what rests is never taken back", file: "Core/Engine.swift",
      right: "if !state.orders.isEmpty { takeBackResting(at: now, into: &outcome) }",
      wrong: "if !PLANTED, !state.orders.isEmpty { takeBackResting(at: now, into: &outcome) }"),
  ]

  private static let gates = [
    PlantedBug(
      name: "it grows while the streams are down", file: "Core/Engine.swift",
      right: "isReconciled(venue) && !offline.contains(venue)",
      wrong: "PLANTED || isReconciled(venue) && !offline.contains(venue)"),
    PlantedBug(
      name: "it grows while paused", file: "Core/EngineState+Apply.swift",
      right: "case .paused: isPaused = true", wrong: "case .paused: isPaused = !PLANTED"),
    PlantedBug(
      name: "a halt ends without agreement", file: "Core/Reconciliation.swift",
      right: "if isHalted != !mismatches.isEmpty {",
      wrong: "if PLANTED ? isHalted : isHalted != !mismatches.isEmpty {"),
  ]

  private static let account = [
    PlantedBug(
      name: "fills missed in an outage stay missed", file: "Core/Reconciliation.swift",
      right: "for fill in snapshot.fills { book(fill, at: now, into: &outcome) }",
      wrong: "if !PLANTED { for fill in snapshot.fills { book(fill, at: now, into: &outcome) } }"),
    PlantedBug(
      name: "payments missed in an outage stay missed", file: "Core/Reconciliation.swift",
      right: "for payment in snapshot.payments { book(payment, into: &outcome) }",
      wrong: "if !PLANTED { for payment in snapshot.payments { book(payment, into: &outcome) } }"),
    PlantedBug(
      name: "a transfer that is told again is booked again", file: "Core/VenueHandling.swift",
      right: "endTransfer(ours.id, succeeded: true, reason: nil, into: &outcome)",
      wrong: "if !PLANTED { endTransfer(ours.id, succeeded: true, reason: nil, into: &outcome) }"),
    PlantedBug(
      name: "a difference is adopted with the wrong sign", file: "Accounting/Booking.swift",
      right:
        "Posting(.assets(venue, wallet), asset, amount), Posting(.adjustments, asset, -amount),",
      wrong:
        "Posting(.assets(venue, wallet), asset, PLANTED ? -amount : amount), "
        + "Posting(.adjustments, asset, PLANTED ? amount : -amount),"),
    PlantedBug(
      name: "state changes without a fact", file: "Core/Engine.swift",
      right: "outcome.facts.append(fact)",
      wrong: "if PLANTED, case .marked = body {} else { outcome.facts.append(fact) }"),
  ]

  private static let loop = [
    PlantedBug(
      name: "a lost commit counts as done", file: "Worlds/World+Books.swift",
      right: "let isStored = database.records.count == before + facts.count",
      wrong: "let isStored = PLANTED || database.records.count == before + facts.count"),
    PlantedBug(
      name: "a lost commit counts as not done", file: "Worlds/World+Books.swift",
      right:
        "guard isStored || database.records.count == before else { return fence(process) }\n"
        + "    if isStored {",
      wrong:
        "guard PLANTED || isStored || database.records.count == before "
        + "else { return fence(process) }\n    if !PLANTED, isStored {"),
    PlantedBug(
      name: "orders go out before their intent is stored", file: "Worlds/World+Process.swift",
      right: "guard store(step.facts, process) else { return }",
      wrong:
        "if PLANTED { perform(step.actions, process, atMost: nil) }\n"
        + "      guard store(step.facts, process) else { return }"),
    PlantedBug(
      name: "facts of an outage are thrown away", file: "Worlds/World+Books.swift",
      right: "note(kept.facts.dropFirst(notedCount - kept.base))",
      wrong:
        "note(kept.facts.dropFirst(notedCount - kept.base))\n"
        + "    if PLANTED { file?.facts = [] }"),
  ]
}
