import Foundation
import Testing

extension EndToEnd {
  /// A configuration that is wrong: exit 78, every problem with file and line.
  @Suite struct BadConfigurations {
    private func check(_ yaml: String, _ reasons: String...) throws {
      let folder = TemporaryFolder()
      try folder.write("harvester.yaml", yaml)
      let file = "\(folder.path)/harvester.yaml"
      let ending = try Program.run("config", "--config", file)
      #expect(ending.code == 78, "\(ending.errors)")
      #expect(ending.output == "")
      let lines = ending.errors.split(separator: "\n").map(String.init)
      #expect(lines.count == reasons.count, "\(ending.errors)")
      for line in lines { #expect(line.hasPrefix("error: ")) }
      for reason in reasons {
        let expected = reason.replacingOccurrences(of: "FILE", with: file)
        #expect(lines.contains { $0.contains(expected) }, "\(expected): \(ending.errors)")
      }
    }

    @Test func malformedYAML() throws {
      try check("entry:\n  horizon_days: [1, 2\n", "FILE: line 3")
      try check("entry: {\n", "FILE: line")
      try check("entry:\n\thorizon_days: 3\n", "FILE: line 2")
      try check("a: &a [*a]\n", "FILE")
      try check("- entry\n", "FILE:1: expected keys and values")
      try check("hello\n", "FILE:1: expected keys and values")
    }

    @Test func aKeyThatStandsTwice() throws {
      try check("sizing:\n  notional: 100\n  notional: 200\n", "notional")
      try check("mode: paper\nmode: paper\n", "mode")
    }

    @Test func severalProblemsAreReportedTogether() throws {
      try check(
        """
        mode: lunar
        colour: blue
        entry:
          horizon_days: 0
          horizont_days: 30
          minimum_annual_rate: 1e-1
        sizing:
          leverage: 6
          notional: 99,5
        exit: 3
        paper:
          deposit: [1]

        """,
        "FILE:1: mode is \"lunar\"; it must be paper or live",
        "FILE:2: unknown key (colour)",
        "FILE:4: entry.horizon_days is \"0\"; it must be a whole number, 1 … 365 days",
        "FILE:5: unknown key (entry.horizont_days)",
        "FILE:6: entry.minimum_annual_rate is \"1e-1\"",
        "FILE:8: sizing.leverage is \"6\"; it must be 1 … 5 times",
        "FILE:9: sizing.notional is \"99,5\"",
        "FILE:10: exit is a section",
        "FILE:12: paper.deposit must be a single value")
    }

    @Test(arguments: [
      ("entry.minimum_annual_rate", ".nan"), ("entry.minimum_annual_rate", ".inf"),
      ("entry.minimum_annual_rate", "8%"), ("entry.minimum_annual_rate", "-0.01"),
      ("entry.minimum_annual_rate", "5.000000000000000001"), ("entry.horizon_days", "30.5"),
      ("entry.horizon_days", "30 days"), ("exit.negative_settlements", "-1"),
      ("sizing.leverage", "0.99"), ("sizing.notional", "~"), ("sizing.notional", "''"),
      ("market.stale_seconds", "0"), ("automation.open_carries", "maybe"),
      ("paper.fee_places", "19"), ("margin.act_distance", "0.1"), ("instruments", "''"),
    ])
    func valuesOutOfRange(key: String, value: String) throws {
      let parts = key.split(separator: ".")
      let yaml =
        parts.count == 2 ? "\(parts[0]):\n  \(parts[1]): \(value)\n" : "\(key): \(value)\n"
      try check(yaml, "FILE:\(parts.count): \(key) is")
    }

    @Test func valuesThatContradictEachOther() throws {
      try check(
        """
        entry:
          minimum_annual_rate: 0.01
        exit:
          maximum_annual_rate: 0.01
        margin:
          act_distance: 0.4
          target_distance: 0.4
        sizing:
          leverage: 5
          notional: 2000
          maximum_notional: 1999

        """,
        "sizing.leverage (5) must be at most 4.85 while an order may slip by",
        "exit.maximum_annual_rate (0.01) must be below entry.minimum_annual_rate (0.01)",
        "margin.target_distance (0.4) must be above margin.act_distance (0.4)",
        "margin.warn_distance (0.25) must not be below margin.act_distance (0.4)",
        "sizing.notional (2000) must not be above sizing.maximum_notional (1999)")
    }

    /// A key that cannot be read must not be passed over.
    @Test func nothingIsPassedOver() throws {
      try check("? [a, b]\n: 1\n", "FILE:1")
      try check("mode: paper\n---\nmode: live\n", "FILE")
    }

    @Test func environmentAndCommandLine() throws {
      try BadInput("config", 78, "HARVESTER_FOO", environment: ["HARVESTER_FOO": "1"])
        .expectRefusal()
      try BadInput(
        "config --set entry.horizon_days=x", 78, "HARVESTER_SIZING_LEVERAGE", "\"6\"",
        "--set entry.horizon_days", "HARVESTER_BAR",
        environment: ["HARVESTER_SIZING_LEVERAGE": "6", "HARVESTER_BAR": ""]
      ).expectRefusal()
      try BadInput("config --config /nonexistent.yaml", 78, "/nonexistent.yaml").expectRefusal()
      try BadInput("config --config /tmp", 78, "/tmp").expectRefusal()
    }

    @Test func theCommandLineWinsOverTheEnvironmentAndThatOverTheFile() throws {
      let folder = TemporaryFolder()
      try folder.write(
        "harvester.yaml",
        """
        instruments: \(Program.root)/config/instruments.yaml
        entry:
          horizon_days: 11
          cooldown_hours: 11
          minimum_history_hours: 11

        """)
      let ending = try Program.run(
        "config", "--config", "\(folder.path)/harvester.yaml", "--format", "csv", "--set",
        "entry.horizon_days=13",
        environment: [
          "HARVESTER_ENTRY_HORIZON_DAYS": "12", "HARVESTER_ENTRY_COOLDOWN_HOURS": "12",
        ])
      #expect(ending.code == 0, "\(ending.errors)")
      for line in [
        "entry.horizon_days,13,days,1 … 365,command line",
        "entry.cooldown_hours,12,hours,0 … 2000,environment",
        "entry.minimum_history_hours,11,hours,8 … 2000,file",
        "sizing.notional,10000,quote,1 … 1000000000,default",
      ] { #expect(ending.output.contains("\(line)\r\n"), "\(ending.output)") }
    }

    @Test(arguments: [
      ("tick: 0.01, lot: 0.00001", "tick: 0, lot: 0.00001", ":8: tick is \"0\""),
      ("tick: 0.01, lot: 0.00001", "tick: NaN, lot: 0.00001", ":8: tick is \"NaN\""),
      ("tick: 0.01, lot: 0.00001", "tik: 0.01, lot: 0.00001", "unknown key (tik)"),
      ("layout: separate", "layout: apart", "layout must be separate or unified"),
      ("[50000, 0.005, 100]", "[0, 0.005, 100]", ":12: a margin tier"),
      ("[50000, 0.005, 100]", "[50000, 0.0001, 100]", ":12: a margin tier"),
      ("fee_in_base: yes", "fee_in_base: perhaps", "fee_in_base"),
      ("fee_in_base: yes", "fee_in_base: true", "fee_in_base"),
    ])
    func instruments(good: String, bad: String, reason: String) throws {
      let folder = TemporaryFolder()
      try folder.write("harvester.yaml", "mode: paper\n")
      let pair = """
        - venue: binance
          symbol: BTCUSDT
          base: BTC
          quote: USDT
          layout: separate
          start_price: 60000
          # The venue's filters.
          spot: {tick: 0.01, lot: 0.00001, minimum_notional: 5, maker: 0.001, taker: 0.001, fee_in_base: yes}
          perp: {tick: 0.1, lot: 0.001, minimum_notional: 50, maker: 0.0002, taker: 0.0005}
          margin_tiers:
            - [0, 0.004, 125]
            - [50000, 0.005, 100]

        """
      let config = "\(folder.path)/harvester.yaml"
      try folder.write("instruments.yaml", pair)
      #expect(try Program.run("config", "--config", config).code == 0)
      try folder.write("instruments.yaml", pair.replacingOccurrences(of: good, with: bad))
      try BadInput("config --config \(config)", 78, reason).expectRefusal()
    }
  }
}
