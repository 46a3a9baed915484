internal import CCurl
public import Trading
public import Venues
public import Wire

/// What became of one request.
public typealias HTTPOutcome = CallOutcome

/// A request that is over.
public struct HTTPCompletion: Sendable {
  /// As `submit` gave it.
  public let token: Int
  /// `notSent` only when no byte of the request left this machine.
  public let outcome: HTTPOutcome
  /// When the request began to leave, by `LocalClock`; nil when it did not.
  public let sentAt: Timestamp?
  /// When the answer was complete, by `LocalClock`.
  public let receivedAt: Timestamp
}

/// Requests over kept connections: HTTP/2 where TLS offers it, else HTTP/1.1; for one thread.
///
/// It follows no redirects, uses no proxy, and sends nothing twice.
public final class HTTPClient: PollSource {
  private let multi = CurlMulti()
  private let options: TransportOptions
  private var running: [CurlMulti.Easy: HTTPTransfer] = [:]
  private var idle: [HTTPTransfer] = []
  /// Over, but not yet asked for.
  private var finished: [HTTPCompletion] = []
  private var lastToken = 0

  /// Makes a client without connections.
  public init(options: TransportOptions = TransportOptions()) { self.options = options }

  deinit {
    for transfer in running.values { multi.remove(transfer.easy) }
  }

  /// Sends a request as soon as a connection stands; at once when one is kept.
  ///
  /// - Parameter base: scheme, host and port, without a slash at the end.
  /// - Returns: the token of its completion.
  public func submit(_ request: HTTPRequest, base: String) -> Int {
    lastToken += 1
    let transfer = idle.popLast() ?? HTTPTransfer(options)
    transfer.token = lastToken
    var problem = transfer.prepare(request, base: base)
    if problem == nil, !multi.add(transfer.easy) { problem = "libcurl refused the request" }
    if let problem {
      finished.append(
        HTTPCompletion(
          token: lastToken, outcome: .notSent(problem), sentAt: nil, receivedAt: LocalClock.now))
      idle.append(transfer)
    } else {
      running[transfer.easy] = transfer
      step()
    }
    return lastToken
  }

  /// Requests that are over since the last call.
  public func completions() -> [HTTPCompletion] {
    step()
    defer { finished = [] }
    return finished
  }

  /// Goes on with every transfer and takes those that are over: no socket tells of them any more.
  private func step() {
    multi.step()
    while let (easy, result) = multi.nextFinished() {
      guard let transfer = running.removeValue(forKey: easy) else { continue }
      finished.append(
        HTTPCompletion(
          token: transfer.token, outcome: transfer.outcome(result), sentAt: transfer.sentAt,
          receivedAt: LocalClock.now))
      multi.remove(easy)
      idle.append(transfer)
    }
  }

  /// Sends a request and waits for what becomes of it; for a client with nothing else under way.
  public func perform(_ request: HTTPRequest, base: String) -> HTTPOutcome {
    let token = submit(request, base: base)
    while true {
      if let completion = completions().first(where: { $0.token == token }) {
        return completion.outcome
      }
      Poller.wait(for: [self], atMost: .seconds(1))
    }
  }

  /// Adds libcurl's sockets.
  public func describe(into list: inout PollList) { multi.describe(into: &list) }

  /// Hears which sockets are ready.
  public func hear(_ list: PollList) { multi.hear(list) }

  /// When libcurl wants to be woken; at once while something is over and not yet asked for.
  public var nextDeadline: Timestamp? { finished.isEmpty ? multi.nextDeadline : LocalClock.now }
}
