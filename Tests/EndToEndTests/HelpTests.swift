import Foundation
import Testing

extension EndToEnd {
  /// The help is documentation: each text is a file in Golden, and RECORD=1 writes it anew.
  @Suite struct Help {
    private static let commands = [
      "", "run", "database", "database start", "database stop", "database migrate", "database url",
      "database verify", "config", "scan", "plan", "open", "unwind", "rebalance", "pause", "resume",
      "status", "explain", "report", "export", "backtest", "sweep",
      "train", "simulate", "stress", "doctor", "reconcile", "panic", "import",
    ]

    private static let golden = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Golden")

    @Test(arguments: commands)
    func helpIsAsRecorded(command: String) throws {
      let words = command.split(separator: " ").map(String.init)
      let ending = try Program(words + ["--help"], environment: ["COLUMNS": "100"]).wait()
      #expect(ending.code == 0)
      #expect(ending.errors == "")
      let name = (["harvester"] + words).joined(separator: "-") + ".txt"
      let file = Self.golden.appending(path: name)
      if ProcessInfo.processInfo.environment["RECORD"] == "1" {
        try Data(ending.output.utf8).write(to: file)
      }
      guard let recorded = try? String(contentsOf: file, encoding: .utf8) else {
        Issue.record("\(name) is not there; look at the help and record it with RECORD=1")
        return
      }
      #expect(ending.output == recorded)
    }

    /// A command that is added must be recorded, too.
    @Test func everyCommandIsRecorded() throws {
      let help = try Program.run("--help").output
      let listed = help.matches(of: /(?m)^  ([a-z]+)(?: |$)/).map { String($0.output.1) }
      #expect(
        Set(listed).subtracting(["help"])
          == Set(Self.commands.filter { !$0.contains(" ") })
          .subtracting([""]))
    }

    /// Commands that the README shows exist.
    @Test func commandsOfTheREADMEExist() throws {
      let path = "\(Program.root)/README.md"
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return }
      for command in Self.shown(in: text) {
        #expect(Self.commands.contains(command), "harvester \(command)")
        let ending = try Program(command.split(separator: " ").map(String.init) + ["--help"]).wait()
        #expect(ending.code == 0, "harvester \(command)")
      }
    }

    /// The commands in fenced blocks, without arguments.
    private static func shown(in text: String) -> Set<String> {
      var isCode = false
      var found: Set<String> = []
      for line in text.split(separator: "\n") {
        if line.hasPrefix("```") {
          isCode.toggle()
          continue
        }
        guard isCode, let match = line.firstMatch(of: /(?:^|\/|\s)harvester ([a-z]+)(?: ([a-z]+))?/)
        else { continue }
        let both = [match.output.1, match.output.2 ?? ""].joined(separator: " ")
        found.insert(commands.contains(both) ? both : String(match.output.1))
      }
      return found
    }

    @Test func theVersionIsTold() throws {
      let ending = try Program.run("--version")
      #expect(ending.code == 0)
      #expect(ending.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }
  }
}
