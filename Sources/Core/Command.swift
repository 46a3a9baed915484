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
  case notReady(String)
  case unknownPair(VenueID, Symbol, known: [String])
  case unknownCarry(CarryID)
  case unknownPlan(Int64)
  case planExpired(Int64)
  case paused(TradingState)
  case carryExists(CarryID, Symbol)
  case carryInMotion(CarryID, CarryState)
  case notPositive(String, String)
  case tooLarge(String, limit: String)
  case tooSmall(String, minimum: String)
  case staleMarket(Symbol, seconds: String)
  case gateFailed(String)
  case nothingToDo(CarryID, String)

  public var description: String {
    switch self {
    case .notReady(let why): "the process is not ready (\(why)); try again"
    case .unknownPair(let venue, let symbol, let known):
      "unknown symbol (\(symbol) on \(venue)); this process trades \(known.joined(separator: ", "))"
    case .unknownCarry(let id): "no open carry (\(id)); see harvester status"
    case .unknownPlan(let id): "no such plan (\(id)); make one with harvester plan"
    case .planExpired(let id): "the plan is too old (\(id)); make a new one with harvester plan"
    case .paused(let state): "no new exposure is allowed (\(state.rawValue)); run harvester resume"
    case .carryExists(let id, let symbol):
      "a carry is open already (\(id) on \(symbol)); unwind it first"
    case .carryInMotion(let id, let state):
      "the carry is busy (\(id) is \(state.rawValue)); try again when it is open"
    case .notPositive(let name, let value): "\(name) must be above zero (\(value)); give a larger one"
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
