/// How a request acts on what its path names.
public enum HTTPMethod: String, Hashable, Sendable {
  case get = "GET"
  case post = "POST"
  case put = "PUT"
  case delete = "DELETE"
}

/// One header line.
public struct HTTPHeader: Hashable, Sendable {
  /// Compared without regard to case.
  public let name: String
  /// The text after the colon, without surrounding blanks.
  public let value: String

  /// States a header.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// A request as text and bytes, exactly as it goes over the wire.
public struct HTTPRequest: Hashable, Sendable {
  /// What is done.
  public var method: HTTPMethod
  /// Without host and query; begins with a slash.
  public var path: String
  /// Percent-encoded, without the question mark; empty when there is none.
  public var query: String
  /// In the order sent.
  public var headers: [HTTPHeader]
  /// Empty when there is none.
  public var body: [UInt8]

  /// States a request.
  public init(
    _ method: HTTPMethod, _ path: String, query: String = "", headers: [HTTPHeader] = [],
    body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }

  /// Path and query as one text.
  public var target: String { query.isEmpty ? path : "\(path)?\(query)" }

  /// The first header of that name, whatever its case.
  public func header(_ name: String) -> String? { headers.value(of: name) }
}

/// A response as it came over the wire.
public struct HTTPResponse: Hashable, Sendable {
  /// Such as 200.
  public var status: Int
  /// In the order sent.
  public var headers: [HTTPHeader]
  /// Empty when there is none.
  public var body: [UInt8]

  /// States a response.
  public init(status: Int, headers: [HTTPHeader] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The first header of that name, whatever its case.
  public func header(_ name: String) -> String? { headers.value(of: name) }
}

extension [HTTPHeader] {
  fileprivate func value(of name: String) -> String? {
    let wanted = name.lowercased()
    return first { $0.name.lowercased() == wanted }?.value
  }
}
