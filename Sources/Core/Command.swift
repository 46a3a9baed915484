public import FixedPoint
public import Trading

/// What an operator asks the running process to do.
public struct Command: Hashable, Sendable {
  /// The row it came from; it is answered exactly once.
  public let id: Int64
  /// What is asked.
  public let request: Request

  /// All requests.
  public enum Request: Hashable, Codable, Sendable {
    /// Rank all pairs.
    case scan
    /// Say what opening a carry would do, and keep the plan.
    case plan(Size)
    /// Open a planned carry.
    case openPlan(Int64, hold: Bool)
    /// Open a carry.
    case open(Size, hold: Bool)
    /// Close a fraction of a carry; 1 is all.
    case unwind(CarryID, fraction: Rate)
    /// Close all carries.
    case unwindAll
    /// Correct delta now.
    case rebalance(CarryID, dryRun: Bool)
    /// No new exposure.
    case pause
    /// New exposure is allowed again.
    case resume
    /// Book a difference between account and books, as the operator explains it.
    case adopt(Break, reason: String)
  }

  /// A difference in a balance: which one, and how much the venue has more than the books.
  public struct Break: Hashable, Codable, Sendable {
    /// The venue.
    public let venue: VenueID
    /// The wallet and the asset, such as `spot:USDT`.
    public let subject: String
    /// Units of the asset.
    public let difference: Amount

    /// States a difference.
    public init(venue: VenueID, subject: String, difference: Amount) {
      self.venue = venue
      self.subject = subject
      self.difference = difference
    }
  }

  /// A pair and a size, by notional or by quantity.
  public struct Size: Hashable, Codable, Sendable {
    /// The venue.
    public let venue: VenueID
    /// The pair.
    public let symbol: Symbol
    /// Quote units; nil when the quantity is given.
    public let notional: Notional?
    /// Base units of the perpetual leg; nil when the notional is given.
    public let quantity: Quantity?

    /// States a size.
    public init(venue: VenueID, symbol: Symbol, notional: Notional?, quantity: Quantity?) {
      self.venue = venue
      self.symbol = symbol
      self.notional = notional
      self.quantity = quantity
    }
  }

  /// States a command.
  public init(id: Int64, _ request: Request) {
    self.id = id
    self.request = request
  }
}

/// The answer to a command.
public struct Reply: Hashable, Codable, Sendable {
  /// What was done, or `what (which value); what to do` when it was refused.
  public var message: String
  /// The carry concerned.
  public var carry: CarryID?
  /// The plan made.
  public var plan: Plan?
  /// The candidates, best first.
  public var candidates: [Candidate]?

  /// States an answer.
  public init(
    _ message: String, carry: CarryID? = nil, plan: Plan? = nil, candidates: [Candidate]? = nil
  ) {
    self.message = message
    self.carry = carry
    self.plan = plan
    self.candidates = candidates
  }
}

/// Why a command is refused, in the order of the checks.
public enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// The process is reconciling or stopping; the text says which.
  case notReady(String)
  /// This process does not trade the pair; it trades the `known` ones.
  case unknownPair(VenueID, Symbol, known: [String])
  /// No carry that is not over has this number.
  case unknownCarry(CarryID)
  /// No such difference stands now; a position cannot be booked, only traded.
  case nothingToAdopt(VenueID, String)
  /// No plan of this number is kept; only the newest hundred are.
  case unknownPlan(Int64)
  /// The plan is older than a day.
  case planExpired(Int64)
  /// A mid has moved further from the plan's than an order may slip: how far, and the limit.
  case planMoved(Int64, Rate, limit: Rate)
  /// New exposure is not allowed in this state.
  case paused(TradingState)
  /// The pair has this carry already.
  case carryExists(CarryID, Symbol)
  /// The carry is not `open` but in this state.
  case carryInMotion(CarryID, CarryState)
  /// A number, by name and value, that must be above zero.
  case notPositive(String, String)
  /// A value above its limit.
  case tooLarge(String, limit: String)
  /// A value below what can be traded.
  case tooSmall(String, minimum: String)
  /// Prices are older than allowed; seconds, or `unknown` before the first.
  case staleMarket(Symbol, seconds: String)
  /// A limit is broken that no operator may override; the text names it.
  case gateFailed(String)
  /// Delta of the carry is too small to correct; the text says why.
  case nothingToDo(CarryID, String)

  /// What was refused, the value that caused it in brackets, and what to do.
  public var description: String {
    switch self {
    case .notReady(let why): "the process is not ready (\(why)); try again"
    case .unknownPair(let venue, let symbol, let known):
      "unknown symbol (\(symbol) on \(venue)); this process trades \(known.joined(separator: ", "))"
    case .unknownCarry(let id): "no open carry (\(id)); see harvester status"
    case .unknownPlan(let id): "no such plan (\(id)); make one with harvester plan"
    case .planExpired(let id): "the plan is too old (\(id)); make a new one with harvester plan"
    case .planMoved(let id, let move, let limit):
      "prices left the plan (\(id): by \(move.rounded(places: 6, .up)), the limit is \(limit)); "
        + "make a new one with harvester plan"
    case .nothingToAdopt(let venue, let subject):
      "no balance of \(venue) differs so (\(subject)); run harvester reconcile again"
    case .paused(.halted):
      "no new exposure is allowed (halted: books and account differ); run harvester reconcile"
    case .paused(.offline):
      "no new exposure is allowed (offline); wait until the venue's streams are back"
    case .paused(.held):
      "no new exposure is allowed (held by the halt file or an outage of the database); "
        + "see the messages of the process"
    case .paused(let state): "no new exposure is allowed (\(state.rawValue)); run harvester resume"
    case .carryExists(let id, let symbol):
      "a carry is open already (\(id) on \(symbol)); unwind it first"
    case .carryInMotion(let id, let state):
      "the carry is busy (\(id) is \(state.rawValue)); try again when it is open"
    case .notPositive(let name, let value):
      "\(name) must be above zero (\(value)); give a larger one"
    case .tooLarge(let value, let limit):
      "larger than the limit (\(value)); the limit is \(limit)"
    case .tooSmall(let value, let minimum):
      "smaller than both legs can trade (\(value)); the minimum is \(minimum)"
    case .staleMarket(let symbol, let seconds):
      "prices are too old (\(symbol): \(seconds) s); wait for the market to come back"
    case .gateFailed(let why): "refused by a limit (\(why)); choose a smaller size"
    case .nothingToDo(let id, let why): "nothing to correct (carry \(id): \(why)); none is needed"
    }
  }
}
