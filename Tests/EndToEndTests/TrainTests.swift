import Testing

extension EndToEnd {
  /// What the command refuses; what it learns is tested where nothing has to be built for it.
  @Suite struct Train {
    private func train(_ more: String...) throws -> Program.Ending {
      let market = try RecordedMarket.shared.get()
      return try Program(
        ["train", "--data", market.path, "--symbols", "BTCUSDT,ETHUSDT"] + more
      ).wait()
    }

    @Test func twoMonthsAreTooShort() throws {
      let ending = try train("--until", "2024-03-01", "--out", "/nowhere/model.json")
      #expect(ending.code == 1)
      #expect(ending.errors.contains("too few to learn from"))
    }

    @Test func nothingBeforeTheRecord() throws {
      let ending = try train("--until", "2023-01-01", "--out", "/nowhere/model.json")
      #expect(ending.code == 1)
      #expect(ending.errors.contains("nothing was recorded before 2023-01-01"))
    }

    @Test func valuesOutOfRange() throws {
      let ending = try train("--until", "2024-03-01", "--out", "x", "--depth", "9")
      #expect(ending.code == 64)
      #expect(ending.errors.contains("--depth must be 1 … 6 (9)"))
    }
  }
}
