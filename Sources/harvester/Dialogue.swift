import ArgumentParser
import Core
import Foundation
import Store

/// How long a command waits for the process.
struct WaitOptions: ParsableArguments {
  @Option(help: "Seconds to wait for the running process.")
  var timeout = 30

  @Option(
    help: ArgumentHelp(
      "Leave the command for a process that starts within so many seconds, and do not wait.",
      valueName: "seconds"))
  var queue: Int64?
}

/// Sends a request to the running process through the command table and waits for the answer.
struct Dialogue {
  let connection: PostgresConnection
  let options: WaitOptions

  /// The answer; nil when the command was left in the queue.
  func ask(_ request: Command.Request) throws -> Reply? {
    if let seconds = options.queue {
      guard (1...86_400).contains(seconds) else {
        throw Failure(.usage, "not a time to wait (\(seconds)); give 1 … 86400 seconds")
      }
      let id = try withDatabase { () throws(PostgresError) in
        try CommandQueue.send(request, lifetimeSeconds: seconds, over: connection)
      }
      Output.note("queued as command \(id)")
      return nil
    }
    guard try withDatabase({ () throws(PostgresError) in try Database.isHeld(connection) }) else {
      throw Failure(
        .unavailable, "no process runs on this database; start one with harvester run")
    }
    return try answer(to: request)
  }

  private func answer(to request: Command.Request) throws -> Reply {
    let id = try withDatabase { () throws(PostgresError) -> Int64 in
      try connection.listen("reply")
      return try CommandQueue.send(
        request, lifetimeSeconds: Int64(max(1, options.timeout)), over: connection)
    }
    let deadline = ContinuousClock.now + .seconds(max(1, options.timeout))
    while ContinuousClock.now < deadline {
      if let reply = try reply(to: id) { return reply }
      var descriptor = pollfd(fd: connection.fileDescriptor, events: Int16(POLLIN), revents: 0)
      poll(&descriptor, 1, 200)
      _ = try withDatabase { () throws(PostgresError) in try connection.drainNotifications() }
    }
    let isWithdrawn = try withDatabase { () throws(PostgresError) in
      try CommandQueue.withdraw(id, over: connection)
    }
    // The answer may have come in the last moment.
    if !isWithdrawn, let reply = try reply(to: id) { return reply }
    throw late(id)
  }

  /// The answer to a command that was done; nil while it waits.
  private func reply(to id: Int64) throws -> Reply? {
    let answer = try withDatabase { () throws(PostgresError) in
      try CommandQueue.answer(to: id, over: connection)
    }
    guard let answer else { return nil }
    guard let reply = answer.reply else { throw late(id) }
    guard answer.status == "done" else { throw Failure(.refused, reply.message) }
    return reply
  }

  private func late(_ id: Int64) -> Failure {
    Failure(.tryAgain, "the process did not answer in time (command \(id)); try again")
  }
}
