import Foundation
import Glibc
import TestKit
import Testing
import Wire

extension LiveRuns {
  /// A secret is nowhere but in the memory of the process that signs with it.
  @Suite struct Secrecy {
    private static let secret = "cAnArY+/s3cret=&~%7Fzq0Wv81"

    /// The secret in every form in which it could leak.
    private static let forms: [String] = {
      let bytes = Data(secret.utf8)
      let hex = bytes.map { String(format: "%02x", $0) }.joined()
      // Of Base64 only the part that does not depend on what stands around it.
      let encoded = (0..<3).map { shift in
        Data(repeating: 120, count: shift) + bytes
      }.map { data -> String in
        String(data.base64EncodedString().dropFirst(4).dropLast(4))
      }
      let escaped =
        secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? secret
      return [secret, hex, hex.uppercased(), escaped, FormText.encode(secret)] + encoded
    }()

    @Test func itIsFoundInEveryForm() {
      let line = Data("x\(Self.secret)y".utf8)
      #expect(!Self.leaks(in: line.base64EncodedString()).isEmpty)
      #expect(!Self.leaks(in: "?signature=" + FormText.encode(Self.secret)).isEmpty)
      #expect(!Self.leaks(in: line.map { String(format: "%02X", $0) }.joined()).isEmpty)
    }

    private static func leaks(in text: String) -> [String] { forms.filter(text.contains) }

    /// Errors of every kind, every report, every table, the command line: nothing shows it.
    @Test func nothingShowsIt() throws {
      let simulator = try Simulator(secret: Self.secret)
      let desk = try LiveDesk(
        simulator, secret: Self.secret, settings: ["automation.open_carries=no"])
      try desk.run()
      try desk.open("ETHUSDT", at: "binance")
      try simulator.fault(["kind": "5xx", "status": "503", "count": 6])
      try simulator.fault(["kind": "lost-reply", "count": 2])
      try simulator.fault(["kind": "disconnect"])
      let process = try #require(desk.process)
      let lines = FileManager.default.contents(atPath: "/proc/\(process.number)/cmdline") ?? Data()
      expectNothing(in: String(decoding: lines, as: UTF8.self), "the command line")
      try desk.unwindAll()
      let commands = [
        ["config"], ["status"], ["doctor"], ["reconcile"], ["panic", "--dry-run"],
        ["report", "legs"], ["explain", "ETHUSDT"], ["doctor", "--format", "json"],
        ["config", "--set", "binance.symbols=\u{e4}"],
      ]
      for command in commands {
        let ending = try desk.start(command).wait(seconds: 120)
        expectNothing(in: ending.output + ending.errors, "\(command)")
      }
      let wrong = try Program(
        "harvester", ["doctor", "--database-url", desk.books.url],
        environment: desk.environment.merging(
          ["HARVESTER_BINANCE_SECRET": Self.secret + "x", "HARVESTER_BYBIT_KEY": "wrong"]
        ) { $1 }
      ).wait(seconds: 120)
      #expect(wrong.code == 1)
      expectNothing(in: wrong.output + wrong.errors, "a wrong signature")
      try desk.stop()
      expectNothing(in: process.output + process.errors, "the output of the process")
      try expectNothingInTables(desk.books)
    }

    /// A private key that cannot be read is not quoted.
    @Test func aBrokenSecretIsNotQuoted() throws {
      let desk = try LiveDesk(
        try Simulator(), secret: "-----BEGIN PRIVATE KEY-----\n\(Self.secret)\n-----END")
      for command in [["doctor"], ["run", "--mode", "live"]] {
        let ending = try desk.start(command).wait(seconds: 120)
        #expect(ending.code == 78, "\(ending.errors)")
        expectNothing(in: ending.output + ending.errors, "\(command)")
      }
      let file = try TemporaryFile("key: abc\nsecret: \(Self.secret)\n")
      let ending = try Program(
        "harvester", ["doctor", "--database-url", desk.books.url],
        environment: [
          "HARVESTER_BINANCE_SYMBOLS": "BTCUSDT", "HARVESTER_BINANCE_SECRETS_FILE": file.path,
        ]
      ).wait()
      #expect(ending.code == 78)
      #expect(ending.errors.contains("chmod 600"))
      expectNothing(in: ending.output + ending.errors, "an open file")
    }

    private func expectNothing(in text: String, _ place: String) {
      let found = Self.leaks(in: text)
      #expect(found.isEmpty, "\(place)")
      #expect(!text.contains("signature="), "\(place)")
    }

    private func expectNothingInTables(_ books: Books) throws {
      let tables = try books.rows(
        """
        SELECT format('SELECT t::text FROM %I.%I AS t', schemaname, tablename) FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
        """)
      #expect(tables.count > 20)
      for table in tables {
        let text = try books.rows(table[0]).map { $0[0] }.joined(separator: "\n")
        expectNothing(in: text, table[0])
      }
    }
  }
}
