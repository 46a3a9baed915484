public import Trading
public import Wire

/// Which of a venue's hosts a call or a stream goes to.
public enum Endpoint: String, Hashable, Sendable, CaseIterable, CodingKeyRepresentable {
  /// REST of the spot market, wallets and key; the only one of a unified venue.
  case spotREST = "spot_rest"
  /// REST of the perpetuals, where they have a host of their own.
  case futuresREST = "futures_rest"
  /// Streams of the spot market.
  case spotStream = "spot_stream"
  /// Streams of the perpetuals.
  case futuresStream = "futures_stream"
  /// Requests over a WebSocket, private events of the spot account among them.
  case socketAPI = "socket_api"
}

/// How much a call matters when the rate budget runs short.
public enum Urgency: Int, Hashable, Comparable, Sendable {
  /// Market data and history.
  case low
  /// The account and its settings.
  case normal
  /// Orders, cancels and what became of them: served from the reserve.
  case high

  /// Less urgent first.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// One REST call before it is signed: timestamp and signature are added as it leaves.
public struct Call<Purpose: Hashable & Sendable>: Hashable, Sendable {
  /// Where it goes.
  public var endpoint: Endpoint
  /// What is done.
  public var method: HTTPMethod
  /// Without query.
  public var path: String
  /// In the order sent; values not yet percent-encoded.
  public var parameters: [Parameter]
  /// Whether key, timestamp and signature are added.
  public var isSigned: Bool
  /// The venue's weight of it.
  public var weight: Int
  /// How much it matters.
  public var urgency: Urgency
  /// Whether it can change something; it is then never sent twice.
  public var isMutating: Bool
  /// Not to be sent after this moment, by the venue's clock; the venue is told so too.
  public var deadline: Timestamp?
  /// What it is for, so that the answer is understood.
  public var purpose: Purpose

  /// States a call.
  public init(
    _ endpoint: Endpoint, _ method: HTTPMethod, _ path: String, _ parameters: [Parameter] = [],
    isSigned: Bool = false, weight: Int = 1, urgency: Urgency = .normal, isMutating: Bool = false,
    deadline: Timestamp? = nil, purpose: Purpose
  ) {
    self.endpoint = endpoint
    self.method = method
    self.path = path
    self.parameters = parameters
    self.isSigned = isSigned
    self.weight = weight
    self.urgency = urgency
    self.isMutating = isMutating
    self.deadline = deadline
    self.purpose = purpose
  }
}

/// A name and a value of a request.
public struct Parameter: Hashable, Sendable {
  /// As the venue spells it.
  public var name: String
  /// Not yet percent-encoded.
  public var value: String
  /// Whether a JSON body writes the value without quotes (a number or a truth value).
  public var isBare: Bool

  /// States a parameter.
  public init(_ name: String, _ value: String, isBare: Bool = false) {
    self.name = name
    self.value = value
    self.isBare = isBare
  }
}

/// What became of a call.
public enum CallOutcome: Hashable, Sendable {
  /// The venue answered, whatever it said.
  case answered(HTTPResponse)
  /// It was never sent, with the reason.
  case notSent(String)
  /// It was sent, perhaps, and no answer came: nobody knows.
  case unknown(String)
}
