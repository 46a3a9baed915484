import FixedPoint
import Trading
import Wire

/// What is gathered for a survey until its last answer.
struct BybitSurvey: Sendable {
  let symbols: [Symbol]
  var pending = 0
  var failure: VenueFailure?
  var spots: [JSON] = []
  var perps: [JSON] = []
  var combos: [JSON] = []
  /// Next settlement by perpetual.
  var tickers: [String: Timestamp] = [:]
  var fees: [BybitCategory: [String: FeeSchedule]] = [:]
  var tiers: [String: [JSON]] = [:]
  /// Whether fees and tiers were asked for.
  var hasDetails = false
  /// Calls that came too fast and are made again.
  var retries = 0
}

extension BybitDialect {
  mutating func beginSurvey(_ symbols: [Symbol]) -> [Call<BybitPurpose>] {
    let job = newJob()
    func purpose(_ step: BybitStep) -> BybitPurpose { BybitPurpose(step, job: job) }
    func call(_ path: String, _ parameters: [Parameter], _ step: BybitStep) -> Call<BybitPurpose> {
      get(path, parameters, signed: false, urgency: .low, purpose(step))
    }
    let linear = Parameter("category", "linear")
    var calls = [
      call("/v5/market/instruments-info", [Parameter("category", "spot")], .instruments(.spot)),
      call(
        "/v5/market/instruments-info", [linear, Parameter("limit", "1000")],
        .instruments(.linear)),
      call("/v5/market/tickers", [linear], .tickers),
    ]
    // The venue trades combinations in cross margin only.
    if margin == .cross {
      calls.append(call("/v5/spread/instrument", [Parameter("limit", "500")], .combos))
    }
    surveys[job] = BybitSurvey(symbols: symbols, pending: calls.count)
    return calls
  }

  mutating func finishSurvey(
    _ call: Call<BybitPurpose>, _ answer: BybitAnswer, _ reaction: inout Reaction<BybitPurpose>
  ) {
    guard var survey = surveys[call.purpose.job] else { return }
    var calls: [Call<BybitPurpose>] = []
    survey.pending -= 1
    do throws(BybitFailure) {
      let result = try answer.result()
      do throws(DialectError) {
        try survey.absorb(call, result)
        if call.purpose.step != .tickers, let cursor = BybitField.cursor(result) {
          calls.append(page(call, cursor))
        }
      } catch {
        throw BybitFailure(error)
      }
    } catch {
      if case .refused(let code, _) = answer, BybitCodes.limited.contains(code),
        survey.retries < 100
      {
        // The venue counts fee rates by the second; the pause was told.
        survey.retries += 1
        calls.append(call)
      } else if call.purpose.step == .combos {
        // A venue without combinations is a venue without one feature.
        reaction.messages.append(.notice("bybit's combinations cannot be read: \(error.failure)"))
      } else {
        survey.failure = survey.failure ?? error.failure
      }
    }
    if survey.failure == nil, survey.pending == 0, calls.isEmpty, !survey.hasDetails {
      survey.hasDetails = true
      calls = details(of: survey, job: call.purpose.job)
    }
    survey.pending += calls.count
    reaction.calls += calls
    surveys[call.purpose.job] = survey.pending == 0 ? nil : survey
    guard survey.pending == 0 else { return }
    if let failure = survey.failure {
      reaction.messages.append(.failed(.survey(survey.symbols), failure))
    } else {
      conclude(survey, &reaction)
    }
  }

  /// Fees of both legs and margin tiers of the pairs that the venue lists.
  private func details(of survey: BybitSurvey, job: Int) -> [Call<BybitPurpose>] {
    survey.symbols.compactMap { survey.legs(of: $0) }.flatMap { legs in
      let perp = Parameter("symbol", BybitField.optionalText(legs.perp, "symbol"))
      let spot = Parameter("symbol", BybitField.optionalText(legs.spot, "symbol"))
      let linear = Parameter("category", "linear")
      return [
        get(
          "/v5/account/fee-rate", [spot, Parameter("category", "spot")], signed: true,
          BybitPurpose(.fees(.spot), job: job)),
        get(
          "/v5/account/fee-rate", [perp, linear], signed: true,
          BybitPurpose(.fees(.linear), job: job)),
        get(
          "/v5/market/risk-limit", [linear, perp], signed: false, urgency: .low,
          BybitPurpose(.riskLimits, job: job)),
      ]
    }
  }

  private func conclude(_ survey: BybitSurvey, _ reaction: inout Reaction<BybitPurpose>) {
    var listings: [Listing] = []
    var missing: [Symbol] = []
    for symbol in survey.symbols {
      do {
        if let listing = try survey.listing(of: symbol) {
          listings.append(listing)
        } else {
          missing.append(symbol)
        }
      } catch {
        missing.append(symbol)
        reaction.messages.append(.notice("bybit's listing of \(symbol) cannot be used: \(error)"))
      }
    }
    reaction.messages.append(.surveyed(listings, missing: missing))
  }
}

extension BybitSurvey {
  mutating func absorb(
    _ call: Call<BybitPurpose>, _ result: JSON
  ) throws(DialectError) {
    let rows = try BybitField.list(result)
    switch call.purpose.step {
    case .instruments(.spot): spots += rows
    case .instruments(.linear): perps += rows
    case .combos: combos += rows
    case .tickers:
      for row in rows {
        tickers[BybitField.optionalText(row, "symbol")] =
          BybitField.timestamp(row["nextFundingTime"]?.integer)
      }
    case .fees(let category):
      for row in rows {
        fees[category, default: [:]][BybitField.optionalText(row, "symbol")] = FeeSchedule(
          maker: try BybitField.decimal(row, "makerFeeRate"),
          taker: try BybitField.decimal(row, "takerFeeRate"),
          isTakenFromReceivedAsset: category == .spot)
      }
    case .riskLimits:
      for row in rows { tiers[BybitField.optionalText(row, "symbol"), default: []].append(row) }
    default: break
    }
  }
}
