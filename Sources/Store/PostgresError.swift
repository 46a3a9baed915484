/// What went wrong between this process and PostgreSQL.
///
/// The text is safe to print: it holds neither parameters nor row values nor passwords.
public struct PostgresError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The nature of a failure.
  public enum Kind: Equatable, Sendable {
    /// No connection could be made.
    case unavailable
    /// An established connection broke; whether a commit under way took effect is unknown.
    case connectionLost
    /// The server refused a statement, or ended the session, and said why.
    case sqlState(SQLState)
    /// The two sides do not understand each other, or the call was wrong.
    case protocolError
  }

  /// The nature of the failure.
  public let kind: Kind
  /// What happened and what to do.
  public let message: String

  /// States a failure; the message must be safe to print.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// The message with the server's code where there is one.
  public var description: String {
    guard case .sqlState(let state) = kind else { return message }
    return "\(message) (SQLSTATE \(state))"
  }

  /// The server's code; nil when the server did not answer.
  public var sqlState: SQLState? {
    guard case .sqlState(let state) = kind else { return nil }
    return state
  }

  /// Whether the connection cannot be used any more and a new one is needed.
  public var isConnectionLoss: Bool {
    switch kind {
    case .unavailable, .connectionLost: true
    case .sqlState(.adminShutdown), .sqlState(.crashShutdown), .sqlState(.cannotConnectNow): true
    case .sqlState(.idleSessionTimeout), .sqlState(.idleInTransactionTimeout): true
    case .sqlState, .protocolError: false
    }
  }

  /// What a failure asks for.
  public enum Remedy: Hashable, Sendable {
    /// Run the same transaction again at once.
    case again
    /// Make a new session, and look what of the last transaction is stored.
    case reconnect
    /// Nothing was stored, and the server cannot serve for now.
    case later
    /// A defect: the same would fail again.
    case none
  }

  /// What to do about it.
  public var remedy: Remedy {
    guard let state = sqlState else { return isConnectionLoss ? .reconnect : .none }
    switch state {
    case .serializationFailure, .deadlockDetected: return .again
    // The session lives and holds the lock; giving it up would let another process run into the same.
    case .readOnly, .queryCanceled, .lockNotAvailable, .ioError: return .later
    default:
      // Class 08 is about connections, class 53 about resources.
      if isConnectionLoss || state.rawValue.hasPrefix("08") { return .reconnect }
      return state.rawValue.hasPrefix("53") ? .later : .none
    }
  }
}

/// A five-character code of the SQL standard or of PostgreSQL, to be matched in a `switch`.
public struct SQLState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The five characters.
  public let rawValue: String
  /// Wraps a code.
  public init(rawValue: String) { self.rawValue = rawValue }
  /// The five characters.
  public var description: String { rawValue }

  /// Matches an error that carries this code: `catch SQLState.uniqueViolation`.
  public static func ~= (state: SQLState, error: PostgresError) -> Bool {
    error.sqlState == state
  }

  /// Matches any error that carries this code.
  public static func ~= (state: SQLState, error: any Error) -> Bool {
    (error as? PostgresError)?.sqlState == state
  }
}

extension SQLState {
  /// A row with the same key exists.
  public static let uniqueViolation = SQLState(rawValue: "23505")
  /// A row breaks a check constraint.
  public static let checkViolation = SQLState(rawValue: "23514")
  /// A row refers to one that does not exist, or is still referred to.
  public static let foreignKeyViolation = SQLState(rawValue: "23503")
  /// A required column is missing.
  public static let notNullViolation = SQLState(rawValue: "23502")
  /// An exclusion constraint is broken.
  public static let exclusionViolation = SQLState(rawValue: "23P01")
  /// Another transaction came first; run again.
  public static let serializationFailure = SQLState(rawValue: "40001")
  /// Two transactions wait for each other; run again.
  public static let deadlockDetected = SQLState(rawValue: "40P01")
  /// A row is not in the state that the statement needs; here: a later run has taken over.
  public static let objectNotInPrerequisiteState = SQLState(rawValue: "55000")
  /// A lock was not free in time.
  public static let lockNotAvailable = SQLState(rawValue: "55P03")
  /// The statement was cancelled or took too long.
  public static let queryCanceled = SQLState(rawValue: "57014")
  /// An operator ended the session or the server.
  public static let adminShutdown = SQLState(rawValue: "57P01")
  /// The server ends because a process of it crashed.
  public static let crashShutdown = SQLState(rawValue: "57P02")
  /// The server is starting up, shutting down or recovering.
  public static let cannotConnectNow = SQLState(rawValue: "57P03")
  /// The session was idle for too long.
  public static let idleSessionTimeout = SQLState(rawValue: "57P05")
  /// The session held a transaction open for too long.
  public static let idleInTransactionTimeout = SQLState(rawValue: "25P03")
  /// The transaction has failed; only a rollback is accepted.
  public static let inFailedTransaction = SQLState(rawValue: "25P02")
  /// The server or transaction only reads.
  public static let readOnly = SQLState(rawValue: "25006")
  /// The disk of the server is full.
  public static let diskFull = SQLState(rawValue: "53100")
  /// The server is out of memory.
  public static let outOfMemory = SQLState(rawValue: "53200")
  /// The server could not read or write a file.
  public static let ioError = SQLState(rawValue: "58030")
  /// All connections are taken.
  public static let tooManyConnections = SQLState(rawValue: "53300")
  /// There is no such database.
  public static let invalidCatalogName = SQLState(rawValue: "3D000")
  /// There is no such schema.
  public static let invalidSchemaName = SQLState(rawValue: "3F000")
  /// There is no such table or view.
  public static let undefinedTable = SQLState(rawValue: "42P01")
  /// The database exists already.
  public static let duplicateDatabase = SQLState(rawValue: "42P04")
  /// The role may not do this.
  public static let insufficientPrivilege = SQLState(rawValue: "42501")
  /// A function or trigger of the schema refused.
  public static let raisedException = SQLState(rawValue: "P0001")
}
