import ArgumentParser
import Foundation
import Service
import Store

extension RunCommand {
  /// Connects and takes the lock of the database, waiting for it as a standby does.
  ///
  /// The lock is taken before anything of the database is read or changed.
  func connectAlone() throws -> (connection: PostgresConnection, hasWaited: Bool) {
    var connection = try common.connect(creating: true)
    if try withDatabase({ () throws(PostgresError) in try Database.takeLock(connection) }) {
      return (connection, false)
    }
    let holder = try withDatabase { () throws(PostgresError) in try Database.holder(connection) }
    guard standby else { throw Failure(.refused, TakeoverError.held(holder).description) }
    Output.note("standby: another harvester writes to this database (\(holder)); waiting")
    StopSignal.listen()
    while !StopSignal.isRaised {
      do throws(PostgresError) {
        if try Database.takeLock(connection) {
          Output.note("standby: taking over")
          return (connection, true)
        }
      } catch {
        guard error.remedy != .none else { throw Failure(error) }
        // The server may be starting again; nobody can hold the lock until it is there.
        connection = (try? common.connect()) ?? connection
      }
      usleep(100_000)
    }
    throw ExitCode.success
  }
}
