internal import Trading
internal import Venues
internal import Wire

/// A call that waits or is under way.
struct PendingCall<Purpose: Hashable & Sendable> {
  var call: Call<Purpose>
  /// Whose it is; nil for housekeeping.
  var task: Int?
  var attempt = 1
  /// By `LocalClock`.
  var notBefore = Timestamp.distantPast
}

extension VenueSession {
  /// What a task's calls came to.
  typealias Yield = (task: Int?, messages: [VenueMessage])

  /// Begins a task.
  ///
  /// - Returns: its number; it is over when `callsLeft` does not know it any more.
  func begin(_ task: VenueTask) -> Int {
    lastTask += 1
    enqueue(dialect.begin(task, at: now), task: lastTask)
    sendCalls()
    return lastTask
  }

  /// Drops what a task has not sent yet; the fate of what was sent is collected as usual.
  func forget(_ task: Int) {
    waiting.removeAll { $0.task == task }
    callsLeft[task] = nil
    for (token, pending) in inFlight where pending.task == task { inFlight[token]?.task = nil }
  }

  func enqueue(_ calls: [Call<D.Purpose>], task: Int?) {
    for call in calls { waiting.append(PendingCall(call: call, task: task)) }
    if let task, !calls.isEmpty { callsLeft[task, default: 0] += calls.count }
  }

  /// Sends what the budget admits, the most urgent first, each urgency in the order it was asked.
  func sendCalls() {
    sendAgainAt = nil
    guard !waiting.isEmpty else { return }
    let local = LocalClock.now
    var left: [PendingCall<D.Purpose>] = []
    let pendings = waiting
    waiting = []
    for urgency in [Urgency.high, .normal, .low] {
      for pending in pendings where pending.call.urgency == urgency {
        if let moment = send(pending, at: local) {
          left.append(pending)
          sendAgainAt = min(sendAgainAt ?? moment, moment)
        }
      }
    }
    waiting = left + waiting
  }

  /// Sends a call, or finishes it when it is too late for it.
  ///
  /// - Returns: when to try again; nil when the call does not wait any more.
  private func send(_ pending: PendingCall<D.Purpose>, at local: Timestamp) -> Timestamp? {
    let call = pending.call
    let time = clock.now(at: local)
    if let deadline = call.deadline, time > deadline {
      refused.append((pending, "its deadline has passed"))
      return nil
    }
    guard let address = addresses[call.endpoint] else {
      refused.append((pending, "no address of \(call.endpoint.rawValue) is configured"))
      return nil
    }
    if local < pending.notBefore { return pending.notBefore }
    // A completion makes room and wakes the loop by itself.
    if call.urgency != .high, inFlight.count >= options.callsAtOnce { return .distantFuture }
    if case .notBefore(let moment) = budget.admit(call, at: local) {
      guard let deadline = call.deadline else { return moment }
      // Woken in time to say that it was not sent.
      return min(moment, local + (deadline - time) + .milliseconds(1))
    }
    let token = http.submit(dialect.encode(call, at: time), base: address)
    inFlight[token] = pending
    return nil
  }

  /// Tells the dialect what became of calls.
  func finishCalls() -> [Yield] {
    var yields: [Yield] = []
    for completion in http.completions() {
      guard let pending = inFlight.removeValue(forKey: completion.token) else { continue }
      if repeats(pending, completion.outcome) { continue }
      yields.append(finish(pending, completion.outcome, completion))
    }
    while !refused.isEmpty {
      let (pending, reason) = refused.removeFirst()
      yields.append(finish(pending, .notSent(reason), nil))
    }
    return yields
  }

  private func finish(
    _ pending: PendingCall<D.Purpose>, _ outcome: CallOutcome, _ completion: HTTPCompletion?
  ) -> Yield {
    if case .answered(let response) = outcome { _ = obey(response) }
    let reaction = dialect.finish(pending.call, outcome, at: now)
    digest(reaction.messages, of: completion)
    clock.hear(dialect.venueTime)
    enqueue(reaction.calls, task: pending.task)
    if let task = pending.task, let left = callsLeft[task] {
      callsLeft[task] = left > 1 ? left - 1 : nil
      if task == openingTask, left <= 1 { finishOpening() }
    }
    return (pending.task, reaction.messages)
  }

  /// Puts a failed call that changes nothing back into the queue.
  private func repeats(_ pending: PendingCall<D.Purpose>, _ outcome: CallOutcome) -> Bool {
    guard !pending.call.isMutating, pending.attempt < options.readAttempts else { return false }
    var wait = TimeSpan.milliseconds(250).times(1 << Int64(pending.attempt - 1))
    if case .answered(let response) = outcome {
      guard response.status >= 500 || response.status == 429 || response.status == 418 else {
        return false
      }
      if let pause = obey(response) {
        wait = pause
        backlog.append(.slowDown(until: now + pause, isBan: response.status == 418))
      }
    }
    var again = pending
    again.attempt += 1
    again.notBefore = LocalClock.now + wait
    waiting.append(again)
    return true
  }

  /// Keeps the silence, even if the dialect would not, that a venue asks for with 429 or, as a ban, 418.
  ///
  /// - Returns: its length; nil when there is none to keep.
  private func obey(_ response: HTTPResponse) -> TimeSpan? {
    guard response.status == 429 || response.status == 418 else { return nil }
    let isBan = response.status == 418
    let stated = response.header("Retry-After").flatMap { Int64($0) }
    let pause = TimeSpan.seconds(min(max(stated ?? (isBan ? 120 : 5), 1), 259_200))
    budget.pause(until: LocalClock.now + pause, isBan: isBan)
    return pause
  }

  /// Hears what a dialect says to its driver; everything is passed on as well.
  func digest(_ messages: [VenueMessage], of completion: HTTPCompletion?) {
    let local = LocalClock.now
    for message in messages {
      switch message {
      case .clock(let time):
        guard let sentAt = completion?.sentAt, let completion else { continue }
        clock.add(sent: sentAt, received: completion.receivedAt, venue: time)
      case .slowDown(let until, let isBan):
        budget.pause(until: local + (until - clock.now(at: local)), isBan: isBan)
      case .budgetUsed(let name, let used): budget.report(name, used: used, at: local)
      case .streamsChanged: mustAlign = true
      case .subscribed(let id):
        // An answer knows nothing of connections that were opened after its question.
        guard let stream = stream(id), let asked = completion?.sentAt else { continue }
        subscribed(stream, stream.newest(openAt: asked))
      case .streamEnded(let id, let reason):
        if let stream = stream(id) { drop(stream, stream.newest, reason) }
      case .failed(.openStreams, _):
        openAgainAt = local + .seconds(min(5 << openFailures, 60))
        openFailures = min(openFailures + 1, 4)
      default: continue
      }
    }
  }
}
