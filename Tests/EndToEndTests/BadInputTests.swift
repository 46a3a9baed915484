import Foundation
import Testing

/// Arguments that must be refused, the exit code, and what standard error must say.
struct BadInput: CustomTestStringConvertible, Sendable {
  let arguments: [String]
  let code: Int32
  let reasons: [String]
  let environment: [String: String]

  init(
    _ arguments: String, _ code: Int32, _ reasons: String...,
    environment: [String: String] = [:]
  ) {
    self.arguments = arguments.split(separator: " ").map(String.init)
    self.code = code
    self.reasons = reasons
    self.environment = environment
  }

  var testDescription: String {
    (environment.map { "\($0)=\($1)" } + arguments).joined(separator: " ")
  }

  func expectRefusal(_ more: [String] = []) throws {
    let ending = try Program(arguments + more, environment: environment).wait()
    #expect(ending.code == code, "\(ending.errors)")
    #expect(ending.output == "")
    #expect(ending.errors.hasPrefix("error: "))
    for reason in reasons { #expect(ending.errors.contains(reason), "\(ending.errors)") }
    for trace in ["Fatal error", "runtime failure", "Thread 0", "Stack", ".swift"] {
      #expect(!ending.errors.contains(trace))
    }
  }
}

extension EndToEnd {
  /// Bad input is refused with its value and a remedy, and nothing changes.
  @Suite struct BadInputs {
    private static let ofCommands = [
      BadInput("nosuchcommand", 64),
      BadInput("report", 64, "<kind>"),
      BadInput("report taxes", 64, "taxes"),
      BadInput("report legs --by symbol", 64, "--by"),
      BadInput("report pnl --by month", 64, "month"),
      BadInput("report pnl --from 2024-13-01", 64, "2024-13-01"),
      BadInput("report pnl --from 2023-02-29", 64, "2023-02-29"),
      BadInput("report pnl --from yesterday", 64, "yesterday"),
      BadInput("report pnl --to 2024-01-01T00:00:00+01:00", 64, "+01:00"),
      BadInput("report payments --from 2024-02-01 --to 2024-01-01", 64, "2024-02-01"),
      BadInput("report pnl --format xml", 64, "xml"),
      BadInput("plan", 64, "<symbol>"),
      BadInput("plan ETHUSDT", 64, "--notional", "--quantity"),
      BadInput("plan ETHUSDT --notional 1 --quantity 1", 64, "either"),
      BadInput("plan ETH*USDT --notional 1", 64, "ETH*USDT"),
      BadInput("open ETHUSDT --notional NaN", 64, "\"NaN\"", "plain decimal"),
      BadInput("open ETHUSDT --notional inf", 64, "\"inf\""),
      BadInput("open ETHUSDT --notional 1e3", 64, "\"1e3\""),
      BadInput("open ETHUSDT --notional 1,000", 64, "\"1,000\""),
      BadInput("open ETHUSDT --notional 0x10", 64, "\"0x10\""),
      BadInput("open ETHUSDT --notional .", 64, "\".\""),
      BadInput("open ETHUSDT --notional 0.1234567890123456789", 64, "18 decimal places"),
      BadInput("open ETHUSDT --notional 1000000000000000000000", 64, "too large"),
      BadInput("open ETHUSDT --quantity -NaN", 64, "\"-NaN\""),
      BadInput("open", 64, "--plan"),
      BadInput("open ETHUSDT --plan 1", 64, "--plan"),
      BadInput("open --plan one", 64, "one"),
      BadInput("open --plan 1 --dry-run", 64, "plan"),
      BadInput("unwind", 64, "--all"),
      BadInput("unwind 1 --all --yes", 64, "--all"),
      BadInput("unwind one --yes", 64, "one"),
      BadInput("unwind 1 --fraction half --yes", 64, "\"half\""),
      BadInput("unwind 1 --fraction 0 --yes", 64, "(0)"),
      BadInput("unwind 1 --fraction -0.5 --yes", 64, "(-0.5)"),
      BadInput("unwind 1 --fraction 1.000000000000000001 --yes", 64, "(1.000000000000000001)"),
      BadInput("unwind 99999999999999999999 --yes", 64, "99999999999999999999"),
      BadInput("unwind 1", 1, "--yes"),
      BadInput("unwind --all", 1, "--yes"),
      BadInput("scan --queue 0", 64, "(0)"),
      BadInput("scan --queue 86401", 64, "(86401)"),
      BadInput("explain BTCUSDT --limit 0", 64, "(0)"),
      BadInput("explain NOSUCH", 1, "NOSUCH"),
      BadInput("export ods", 64, "ods"),
    ]

    @Test(arguments: ofCommands)
    func commandsRefuse(_ input: BadInput) throws {
      try input.expectRefusal(["--database-url", try History.books.get().url])
    }

    @Test func refusedCommandsLeaveTheDatabaseAlone() throws {
      let books = try Books(copyOf: try History.books.get())
      let before = try books.fingerprint()
      for input in Self.ofCommands {
        _ = try Program(input.arguments + ["--database-url", books.url]).wait()
      }
      #expect(try books.fingerprint() == before)
    }

    private static let ofMarkets = [
      BadInput("--symbols DOGEUSDT", 64, "DOGEUSDT", "BTCUSDT"),
      BadInput("--symbols BTC/USDT!", 64, "BTC/USDT!"),
      BadInput("--venue kraken", 64, "kraken", "binance"),
      BadInput("--from 2024-02-01 --to 2024-01-01", 64, "empty", "--to"),
      BadInput("--from 2024-01-01 --to 2024-01-01", 64, "empty"),
      BadInput("--from 01.02.2024", 64, "01.02.2024"),
      BadInput("--from 1700-01-01 --to 2250-01-01", 64, "1700-01-01"),
      BadInput("--from 1677-10-01 --to 1678-01-01", 64, "1677-10-01"),
      BadInput("--from 2262-01-01 --to 2262-04-01", 64, "2262-0"),
      BadInput("--seed -1", 64, "seed"),
      BadInput("--seed one", 64, "one"),
      BadInput("--data /nonexistent", 1, "/nonexistent", "check the folder"),
      BadInput("--data /nonexistent --interval 7x", 1, "7x", "1h"),
      BadInput("--data /nonexistent --max-gap-hours six", 64, "six"),
      BadInput("--set nosuch.key=1", 78, "nosuch.key"),
      BadInput("--set sizing.notional", 78, "sizing.notional", "key=value"),
      BadInput("--set sizing.notional=1e3", 78, "\"1e3\""),
      BadInput("--set sizing.leverage=5.1", 78, "\"5.1\"", "1 … 5"),
      BadInput("--set margin.act_distance=0.1", 78, "0.11"),
    ]

    @Test(arguments: ["run", "backtest", "sweep"], ofMarkets)
    func marketsRefuse(command: String, _ input: BadInput) throws {
      let books = try History.books.get()
      let more = command == "sweep" ? ["--grid", "sizing.notional=100"] : []
      var arguments = [command] + input.arguments + more
      arguments += command == "run" ? ["--database-url", books.url] : []
      arguments += command == "backtest" ? ["--no-database"] : []
      try BadInput(copy: input, arguments).expectRefusal()
    }

    private static let ofProcesses = [
      BadInput("run --speed 0", 64, "(0)"),
      BadInput("run --speed fast", 64, "(fast)", "max"),
      BadInput("run --mode live", 1, "live"),
      BadInput("run --mode lunar", 64, "lunar"),
      BadInput("sweep", 64, "--grid"),
      BadInput("sweep --grid sizing.notional", 64, "key=a,b,c"),
      BadInput("sweep --grid sizing.notional=", 64, "key=a,b,c"),
      BadInput("sweep --grid sizing.notional=,", 64, "key=a,b,c"),
      BadInput("sweep --grid sizing.notional=1,x", 78, "\"x\""),
      BadInput("sweep --grid fees=taker,free", 64, "(free)", "maker"),
      BadInput("sweep --grid from=2024-01-01,then", 64, "(then)"),
      BadInput("sweep --grid sizing.notional+paper.deposit=1000", 64, "key+other=a+x"),
      BadInput("sweep --grid from=2024-01-01 --split 2024-06-01", 64, "--split"),
      BadInput("backtest --no-database --venue binance,binance", 64, "once"),
      BadInput("backtest --no-database --venue binance,okx --symbols BTCUSDT", 64, "okx"),
      BadInput("backtest --no-database --venue binance,mars", 64, "mars"),
    ]

    @Test(arguments: ofProcesses)
    func processesRefuse(_ input: BadInput) throws { try input.expectRefusal() }

    @Test func aDatabaseThatIsNotThereIsUnavailable() throws {
      let missing = try Books.missing()
      let nowhere = "host=/nonexistent dbname=harvester"
      for url in [missing, nowhere, "postgresql://nobody@localhost:1/books"] {
        for command in [["status"], ["scan"], ["report", "pnl"], ["export", "csv"], ["pause"]] {
          let input = BadInput(copy: BadInput("", 69), command + ["--database-url", url])
          try input.expectRefusal()
        }
      }
      try BadInput("run --to 2024-01-02 --database-url \(nowhere.prefix(17))", 69, "nonexistent")
        .expectRefusal()
      // Books of an older program, or none at all.
      let empty = try Books()
      let input = BadInput(
        copy: BadInput("", 69, "database migrate"), ["status", "--database-url", empty.url])
      try input.expectRefusal()
    }

    /// A password is never shown, whatever else is wrong with the URL.
    @Test(arguments: [
      "postgresql://me:geheim@localhost:1/books", "postgresql://me:x@y:geheim@localhost/books",
      "postgresql://me:geheim@localhost:port/books", "host=localhost port=1 password=geheim",
      "host=localhost port=1 password=geheim oops", "password='geheim",
      "postgresql://me:geheim@localhost/books?nosuch=1", "postgresql://me:gehe%im@localhost/books",
      "postgresql://me:%00geheim@localhost/books",
    ])
    func aPasswordIsNeverShown(url: String) throws {
      for input in [
        ["status", "--database-url", url], ["run", "--to", "2024-01-02", "--database-url", url],
      ] {
        let ending = try Program(input).wait()
        #expect(ending.code == 69)
        #expect(!(ending.output + ending.errors).contains("gehe"), "\(ending.errors)")
      }
      let ending = try Program(["status"], environment: ["HARVESTER_DATABASE_URL": url]).wait()
      #expect(ending.code == 69)
      #expect(!(ending.output + ending.errors).contains("gehe"), "\(ending.errors)")
    }

    /// An empty variable is one that is not set.
    @Test func anEmptyDatabaseURLIsNone() throws {
      let home = TemporaryFolder()
      try home.write("migrations/report/000_nothing.sql", "")
      let ending = try Program.run(
        "database", "url",
        environment: ["HARVESTER_DATABASE_URL": "", "HARVESTER_HOME": home.path])
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(ending.output.contains("dbname=harvester"), "\(ending.output)")
    }
  }
}

extension BadInput {
  /// The same expectation of other arguments.
  init(copy input: BadInput, _ arguments: [String]) {
    self.arguments = arguments
    code = input.code
    reasons = input.reasons
    environment = input.environment
  }
}
