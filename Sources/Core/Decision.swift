public import FixedPoint
public import Trading

/// One condition of a decision, with the numbers behind it.
public struct Gate: Hashable, Codable, Sendable {
  /// What was compared.
  public enum Value: Hashable, Sendable {
    /// A number in the gate's unit.
    case number(Rate)
    /// A word.
    case text(String)
    /// Not known, which is neither zero nor a pass.
    case unknown
  }
  /// How the value must stand to the threshold.
  public enum Relation: String, Hashable, Codable, Sendable {
    case above, below
    case atLeast = "at_least"
    case atMost = "at_most"
    case equal
  }

  /// The name, snake case.
  public let name: String
  /// The value.
  public let value: Value
  /// How it must stand to the threshold.
  public let relation: Relation
  /// The threshold.
  public let threshold: Value
  /// The unit of both.
  public let unit: String
  /// Whether the condition holds; an unknown value never does.
  public let passed: Bool

  /// Compares a number, known or not, with a threshold.
  public init(
    _ name: String, _ value: Rate?, _ relation: Relation, _ threshold: Rate, unit: String
  ) {
    self.name = name
    self.relation = relation
    self.unit = unit
    self.threshold = .number(threshold)
    guard let value else {
      self.value = .unknown
      passed = false
      return
    }
    self.value = .number(value)
    passed =
      switch relation {
      case .above: value > threshold
      case .below: value < threshold
      case .atLeast: value >= threshold
      case .atMost: value <= threshold
      case .equal: value == threshold
      }
  }

  /// Compares a word with the one it must be.
  public init(_ name: String, _ value: String, mustBe threshold: String) {
    self.name = name
    self.value = .text(value)
    relation = .equal
    self.threshold = .text(threshold)
    unit = ""
    passed = value == threshold
  }
}

extension Gate.Value: Codable {
  /// Reads null as unknown, decimal text as a number and any other text as a word.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .unknown
    } else {
      let text = try container.decode(String.self)
      self = Rate(text).map(Self.number) ?? .text(text)
    }
  }
  /// Writes a number as its canonical text and an unknown value as null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    case .unknown: try container.encodeNil()
    }
  }
}

/// What was decided about one pair, and why.
public struct DecisionRecord: Hashable, Codable, Sendable {
  /// What follows from a decision.
  public enum Action: String, Hashable, Codable, Sendable {
    /// Stay out.
    case stayOut = "stay_out"
    /// Open a carry.
    case enter
    /// Keep the carry as it is.
    case hold
    /// Close the carry.
    case exit
    /// Bring delta back.
    case rebalance
    /// Make both legs smaller.
    case shrink
    /// Make both legs larger again.
    case grow
    /// Add collateral.
    case addMargin = "add_margin"
    /// Say that liquidation comes nearer.
    case warn
    /// Close the carry because its liquidation is too near.
    case flatten
    /// Take collateral back.
    case releaseMargin = "release_margin"
    /// Take the leading leg back, because the lagging one did not come.
    case unwind

    /// Whether the decision rests on settled funding; any other leaves a due one to be weighed.
    var weighsFunding: Bool {
      switch self {
      case .stayOut, .enter, .hold, .exit, .grow: true
      case .rebalance, .shrink, .addMargin, .warn, .flatten, .releaseMargin, .unwind: false
      }
    }
  }

  /// The carry it is about; nil when there was none.
  public var carry: CarryID?
  /// The venue.
  public let venue: VenueID
  /// The pair.
  public let symbol: Symbol
  /// What follows.
  public let action: Action
  /// The reason in a few words: the first gate that failed, or why it acted.
  public let reason: String
  /// Every gate, also those that passed.
  public let gates: [Gate]
  /// The newest settlement that entered the decision; nil when it did not rest on one.
  public let settledThrough: Timestamp?
  /// Which rules decided.
  public let policyVersion: String

  /// States a decision.
  public init(
    carry: CarryID?, venue: VenueID, symbol: Symbol, action: Action, reason: String, gates: [Gate],
    settledThrough: Timestamp?, policyVersion: String
  ) {
    self.carry = carry
    self.venue = venue
    self.symbol = symbol
    self.action = action
    self.reason = reason
    self.gates = gates
    self.settledThrough = settledThrough
    self.policyVersion = policyVersion
  }
}

/// What a policy wants done about one pair.
///
/// Boxed, so that the frequent `none` stays small.
public indirect enum Decision: Sendable {
  /// Nothing new to weigh.
  case none
  /// Weighed, and nothing to do.
  case keep(DecisionRecord)
  /// Open a carry of this size.
  case enter(Entry, DecisionRecord)
  /// Close the carry.
  case exit(DecisionRecord)
  /// Bring both legs to this short, base units, not above zero.
  case shrink(to: Quantity, DecisionRecord)
  /// Bring both legs to this larger short, base units, below zero.
  case grow(to: Quantity, DecisionRecord)
  /// Trade one leg by a signed quantity: bought is positive.
  case rebalance(Market, Quantity, DecisionRecord)
  /// Move cash between the wallets, then set collateral aside for the short; a negative amount is
  /// taken back.
  case addMargin(Notional, transfer: Notional, DecisionRecord)

  /// The size of an entry.
  public struct Entry: Hashable, Sendable {
    /// Base units of each leg, a multiple of the joint lot.
    public var quantity: Quantity
    /// Base units of one order at most.
    public var clip: Quantity
    /// Leverage of the perpetual leg.
    public var leverage: Rate
    /// How the legs are traded.
    public var execution: CarryExecution
    /// Base units of the perpetual sold per unit of spot.
    public var hedge: Rate

    /// States a size.
    public init(
      quantity: Quantity, clip: Quantity, leverage: Rate, execution: CarryExecution = .legs,
      hedge: Rate = .one
    ) {
      self.quantity = quantity
      self.clip = clip
      self.leverage = leverage
      self.execution = execution
      self.hedge = hedge
    }
  }
}
