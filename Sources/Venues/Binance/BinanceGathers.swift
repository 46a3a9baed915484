import Trading
import Wire

/// A task whose answer is put together from several calls.
struct BinanceGather: Sendable {
  let task: VenueTask
  /// Calls still under way.
  var open: Int
  var content: Content

  enum Content: Sendable {
    case survey(BinanceSurvey)
    case lots(BinanceLots)
    case modes(BinanceModes)
    case snapshot(BinanceSnapshot)
    case settlements(BinanceSettlements)
    case bars([VenueBar])
  }
}

/// The tasks under way that need several calls.
struct BinanceGathers: Sendable {
  private var all: [Int: BinanceGather] = [:]
  private var count = 0

  /// Opens a task and gives its number to its calls.
  mutating func open(
    _ task: VenueTask, _ content: BinanceGather.Content, calls: (Int) -> [BinanceCall]
  ) -> [BinanceCall] {
    count += 1
    let first = calls(count)
    all[count] = BinanceGather(task: task, open: first.count, content: content)
    return first
  }

  subscript(number: Int) -> BinanceGather? {
    get { all[number] }
    set { all[number] = newValue }
  }
}

extension BinanceDialect {
  /// Takes in one part; the last one completes the task, and a failed one ends it.
  mutating func collect(
    _ part: BinancePart, of number: Int, _ call: BinanceCall, _ answer: BinanceAnswer,
    at time: Timestamp, into reaction: inout BinanceReaction
  ) throws(DialectError) {
    // Another part failed before: what is left of the task is of no use.
    guard var gather = gathers[number] else { return }
    var more: [BinanceCall] = []
    switch gather.content {
    case .modes(var modes):
      try modes.take(part, answer)
      gather.content = .modes(modes)
    case .lots(var lots):
      lots.take(part, answer)
      gather.content = .lots(lots)
    default:
      guard case .success(let json) = answer else {
        gathers[number] = nil
        Self.failed(gather.task, answer).map { reaction.messages.append($0) }
        return
      }
      more = try take(json, part, &gather.content, call, number: number, at: time)
    }
    gather.open += more.count - 1
    gathers[number] = gather
    reaction.calls += more
    if gather.open > 0 { return }
    let next = try complete(&gather, number: number, at: time, into: &reaction)
    gather.open = next.count
    gathers[number] = next.isEmpty ? nil : gather
    reaction.calls += next
  }

  private func take(
    _ json: JSON, _ part: BinancePart, _ content: inout BinanceGather.Content,
    _ call: BinanceCall, number: Int, at time: Timestamp
  ) throws(DialectError) -> [BinanceCall] {
    switch content {
    case .survey(var survey):
      try survey.take(json, part)
      content = .survey(survey)
      return []
    case .snapshot(var snapshot):
      let more = try snapshot.take(json, part, call, number, self, at: time)
      content = .snapshot(snapshot)
      return more
    case .settlements(var settlements):
      let more = try settlements.take(json, call, number, markets[settlements.instrument])
      content = .settlements(settlements)
      return more
    case .bars(var bars):
      let more = try Self.takeBars(json, into: &bars, call, number, markets)
      content = .bars(bars)
      return more
    case .modes, .lots: return []
    }
  }

  /// What a task whose calls are all answered says, and the calls of its next phase.
  private mutating func complete(
    _ gather: inout BinanceGather, number: Int, at time: Timestamp,
    into reaction: inout BinanceReaction
  ) throws(DialectError) -> [BinanceCall] {
    switch gather.content {
    case .survey(var survey):
      let next = try survey.advance(number: number, venue: venue, into: &reaction.messages)
      gather.content = .survey(survey)
      return next
    case .lots(let lots): reaction.messages.append(.lots(lots.result(venue: venue)))
    case .modes(var modes):
      let next = modes.advance(markets, number: number, gather.task, into: &reaction.messages)
      gather.content = .modes(modes)
      return next
    case .snapshot(let snapshot):
      books.hear(snapshot.positions)
      reaction.messages.append(.event(.snapshot(snapshot.result(venue: venue))))
    case .settlements(let settlements):
      reaction.messages += settlements.messages(books: books, task: gather.task)
    case .bars(let bars): reaction.messages.append(.bars(bars))
    }
    return []
  }
}
