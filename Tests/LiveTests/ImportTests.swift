import Foundation
import TestKit
import Testing
import Wire

extension LiveRuns {
  /// What a venue publishes becomes a recorded market.
  @Suite struct Imports {
    @Test(arguments: LiveDesk.venues) func historyIsReadBack(venue: String) throws {
      let simulator = try Simulator(Simulator.past)
      let desk = try LiveDesk(simulator, clock: "venue")
      let folder = TemporaryFolder()
      let range = ["--from", "2024-01-08", "--to", "2024-01-10"]
      for symbol in ["BTCUSDT", "ETHUSDT"] {
        let ending = try desk.start(
          ["import", venue, symbol, "--interval", "1h", "--data", folder.path] + range,
          books: false
        ).wait()
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(ending.errors.contains("48 spot bars, 48 perpetual bars, 6 settlements"))
      }
      // The venues list these pairs alike.
      let listed = try String(
        contentsOfFile: "\(Program.root)/config/instruments.yaml", encoding: .utf8)
      try folder.write(
        "instruments.yaml", listed.replacing("venue: binance", with: "venue: \(venue)"))
      let config = try folder.write("harvester.yaml", "instruments: instruments.yaml\n")
      let ending = try Program(
        "harvester",
        [
          "backtest", "--config", config, "--data", folder.path, "--venue", venue, "--symbols",
          "BTCUSDT,ETHUSDT",
          "--no-database", "--format", "json",
        ] + range
      ).wait()
      #expect(ending.code == 0, "\(ending.errors)")
      let figures = try JSON(Array(ending.output.utf8))
      #expect(figures["symbols"]?.elements.count == 2)
      #expect(figures["bars"]?.integer == 192)
      #expect(figures["unexplained"]?.text == "0")
    }

    @Test func whatIsNotListedIsSaid() throws {
      let desk = try LiveDesk(try Simulator(Simulator.past), clock: "venue")
      let folder = TemporaryFolder()
      let ending = try desk.start(
        [
          "import", "binance", "NOSUCHUSDT", "--from", "2024-01-08", "--to", "2024-01-10",
          "--data", folder.path,
        ], books: false
      ).wait()
      #expect(ending.code == 1)
      #expect(ending.errors.contains("NOSUCHUSDT"))
      #expect(!FileManager.default.fileExists(atPath: folder.path))
    }
  }
}
