import ArgumentParser
import Foundation
import Glibc

/// The one binary: headless process and operator's commands.
struct Harvester: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "harvester",
    abstract: "Harvests funding: long spot, short perpetual, every cent in PostgreSQL.",
    discussion: """
      Start the process with 'harvester run'; every other command talks to it through the database \
      or reads its reports. Paper trading is the default and needs no keys.

      Exit codes: 0 done; 1 refused or failed; 64 usage; 69 database, process or venue unavailable; \
      75 try again; 78 bad configuration.
      """,
    version: Version.text,
    groupedSubcommands: [
      CommandGroup(
        name: "Process",
        subcommands: [
          RunCommand.self, DoctorCommand.self, ReconcileCommand.self, DatabaseCommand.self,
          ConfigCommand.self,
        ]),
      CommandGroup(
        name: "Trading",
        subcommands: [
          ScanCommand.self, PlanCommand.self, OpenCommand.self, UnwindCommand.self,
          RebalanceCommand.self, PauseCommand.self, ResumeCommand.self, PanicCommand.self,
        ]),
      CommandGroup(
        name: "Reading",
        subcommands: [
          StatusCommand.self, ExplainCommand.self, ReportCommand.self, ExportCommand.self,
        ]),
      CommandGroup(
        name: "Research",
        subcommands: [
          BacktestCommand.self, SweepCommand.self, TrainCommand.self, SimulateCommand.self,
          StressCommand.self, ImportCommand.self,
        ]),
    ])
}

/// The version of the program, stored with each run.
enum Version {
  static let text = "0.1.0"
}

@main
enum Main {
  static func main() {
    do {
      var command = try Harvester.parseAsRoot()
      try command.run()
    } catch let failure as Failure {
      // Several problems are several lines, each an error of its own.
      for line in failure.description.split(separator: "\n") { Output.note("error: \(line)") }
      exit(failure.code.rawValue)
    } catch {
      leave(with: error)
    }
  }

  /// Help and usage errors are the parser's.
  private static func leave(with error: any Error) -> Never {
    let code = Harvester.exitCode(for: error)
    let text = Harvester.fullMessage(for: error)
    if code == .success {
      print(text)
    } else {
      let plain = text.hasPrefix("Error: ") ? String(text.dropFirst("Error: ".count)) : text
      Output.note("error: \(plain)")
    }
    exit(code.rawValue)
  }
}

/// Why a command did not do what was asked.
struct Failure: Error, CustomStringConvertible {
  /// What the caller of the program sees.
  enum Code: Int32 {
    case refused = 1
    case usage = 64
    case unavailable = 69
    case tryAgain = 75
    case badConfiguration = 78
  }

  let code: Code
  /// `what (which value); what to do`, several lines when there are several problems.
  let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}

/// The two streams: data goes to standard output, everything else to standard error.
enum Output {
  static func note(_ text: String) { write(text + "\n") }

  /// Tells what is no error, the first few and how many there are.
  static func notices(_ texts: [String]) {
    for text in texts.prefix(3) { note("notice: outage in the record, \(text)") }
    if texts.count > 3 { note("notice: and \(texts.count - 3) more outages in the record") }
  }

  /// Replaces the last line of a terminal; an empty text only clears it.
  static func status(_ text: String) { if isWatched { write("\r\u{1b}[K" + text) } }

  /// Writes what can be written at once: neither a full disk nor a reader that sleeps behind standard
  /// error may end or hold up what trades.
  static func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      var descriptor = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
      guard poll(&descriptor, 1, patience) > 0 else { return }
      // What a pipe takes at once when it takes anything.
      let count = bytes.prefix(Int(PIPE_BUF)).withUnsafeBytes {
        Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  /// Milliseconds.
  private static let patience: Int32 = 50

  /// Whether a person watches standard error.
  static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }
}
