import FixedPoint
import Trading
import Wire

/// Setting and reading position mode, margin mode and leverage.
struct BybitModesJob: Sendable {
  /// The account, then each symbol, then all of it read back.
  enum Phase { case looking, setting, reading }

  let task: VenueTask
  /// Nil when nothing is to be changed.
  let leverage: Rate?
  var phase: Phase
  var pending = 0
  var failure: VenueFailure?
  var marginMode = ""
  var isOneWay = true
  var leverages: [InstrumentID: Rate] = [:]
  var problems: [String] = []
}

extension BybitDialect {
  mutating func beginModes(_ task: VenueTask, leverage: Rate?) -> [Call<BybitPurpose>] {
    let id = newJob()
    var job = BybitModesJob(
      task: task, leverage: leverage, phase: leverage == nil ? .reading : .looking)
    let calls = leverage == nil ? readingCalls(id) : [accountCall(id)]
    job.pending = calls.count
    modeJobs[id] = job
    return calls
  }

  private func accountCall(_ job: Int) -> Call<BybitPurpose> {
    get("/v5/account/info", signed: true, BybitPurpose(.account, job: job))
  }

  private func readingCalls(_ job: Int) -> [Call<BybitPurpose>] {
    [accountCall(job)]
      + markets.perpetuals.map { market in
        get(
          "/v5/position/list",
          [Parameter("symbol", market.name), Parameter("category", "linear")], signed: true,
          BybitPurpose(.symbolModes(market.id), job: job))
      }
  }

  /// Margin mode where it differs, then position mode and leverage of every perpetual.
  private func settingCalls(_ id: Int, _ job: BybitModesJob) -> [Call<BybitPurpose>] {
    var calls: [Call<BybitPurpose>] = []
    if job.marginMode != margin.bybit {
      calls.append(
        post(
          "/v5/account/set-margin-mode", [Parameter("setMarginMode", margin.bybit)],
          BybitPurpose(.setMarginMode, job: id)))
    }
    let leverage = job.leverage?.description ?? "1"
    for market in markets.perpetuals {
      let symbol = Parameter("symbol", market.name)
      let category = Parameter("category", "linear")
      calls.append(
        post(
          "/v5/position/switch-mode", [category, symbol, Parameter("mode", "0", isBare: true)],
          BybitPurpose(.setPositionMode(market.id), job: id)))
      calls.append(
        post(
          "/v5/position/set-leverage",
          [
            category, symbol, Parameter("buyLeverage", leverage),
            Parameter("sellLeverage", leverage),
          ], BybitPurpose(.setLeverage(market.id), job: id)))
    }
    return calls
  }

  mutating func finishModes(
    _ call: Call<BybitPurpose>, _ answer: BybitAnswer, _ reaction: inout Reaction<BybitPurpose>
  ) {
    guard var job = modeJobs[call.purpose.job] else { return }
    job.pending -= 1
    switch (call.purpose.step, answer) {
    case (.setMarginMode, .refused), (.setPositionMode, .refused), (.setLeverage, .refused):
      job.noteRefusal(call.purpose.step, answer)
    case (_, .done(let result)): job.absorb(call.purpose.step, result)
    default: job.failure = job.failure ?? answer.failure
    }
    var calls: [Call<BybitPurpose>] = []
    if job.pending == 0, job.failure == nil {
      switch job.phase {
      case .looking:
        job.phase = .setting
        calls = settingCalls(call.purpose.job, job)
        if calls.isEmpty { fallthrough }
      case .setting:
        job.phase = .reading
        calls = readingCalls(call.purpose.job)
      case .reading: break
      }
    }
    job.pending += calls.count
    reaction.calls += calls
    modeJobs[call.purpose.job] = job.pending == 0 ? nil : job
    guard job.pending == 0 else { return }
    if let failure = job.failure {
      reaction.messages.append(.failed(job.task, failure))
    } else {
      reaction.messages.append(.modes(job.modes(wanted: margin)))
    }
  }
}

extension BybitModesJob {
  /// What was refused shows when the modes are read back; the words are kept.
  mutating func noteRefusal(_ step: BybitStep, _ answer: BybitAnswer) {
    guard case .refused(let code, let text) = answer, !BybitCodes.unchanged.contains(code) else {
      return
    }
    switch step {
    case .setMarginMode: problems.append("margin mode cannot be set: \(code) \(text)")
    case .setPositionMode(let id):
      problems.append("position mode of \(id.symbol) cannot be set: \(code) \(text)")
    case .setLeverage(let id):
      problems.append("leverage of \(id.symbol) cannot be set: \(code) \(text)")
    default: break
    }
  }

  mutating func absorb(_ step: BybitStep, _ result: JSON) {
    switch step {
    case .account:
      marginMode = BybitField.optionalText(result, "marginMode")
      if marginMode.isEmpty { failure = .unavailable("the margin mode is not understood") }
    case .symbolModes(let id):
      let rows = result["list"]?.elements ?? []
      let isOneWay = !rows.isEmpty && rows.allSatisfy { $0["positionIdx"]?.integer == 0 }
      if !isOneWay {
        self.isOneWay = false
        problems.append("\(id.symbol) is not in one-way mode")
      }
      guard let row = rows.first,
        let leverage: Rate = try? BybitField.positive(row, "leverage")
      else {
        problems.append("leverage of \(id.symbol) is unknown")
        return
      }
      leverages[id] = leverage
      if let wanted = self.leverage, wanted != leverage {
        problems.append("leverage of \(id.symbol) is \(leverage), wanted \(wanted)")
      }
    default: break
    }
  }

  func modes(wanted: MarginMode) -> AccountModes {
    var problems = problems
    if marginMode != wanted.bybit { problems.insert("margin mode is \(marginMode)", at: 0) }
    return AccountModes(
      isOneWay: isOneWay, isIsolated: marginMode == MarginMode.isolated.bybit,
      leverage: leverages, problems: problems)
  }
}

extension MarginMode {
  /// As Bybit writes it.
  fileprivate var bybit: String {
    switch self {
    case .isolated: "ISOLATED_MARGIN"
    case .cross: "REGULAR_MARGIN"
    }
  }
}
