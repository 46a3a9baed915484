import Testing
import Trading

@Suite("Moments")
struct TimestampTests {
  @Test(
    arguments: [
      ("1970-01-01", 0), ("2024-01-01T00:00:00.047Z", 1_704_067_200_047_000_000),
      ("2024-02-29T23:59:59Z", 1_709_251_199_000_000_000),
      ("2016-12-31T23:59:60Z", 1_483_228_799_000_000_000),
      ("1969-12-31T23:59:59.5Z", -500_000_000), ("2000-03-01", 951_868_800_000_000_000),
    ])
  func reads(text: String, nanoseconds: Int64) throws {
    #expect(try Timestamp(text[...]).nanoseconds == nanoseconds)
  }

  @Test(
    arguments: [
      "2024-13-01", "2023-02-29", "2024-01-01T24:00:00Z", "2024-01-01T00:00:00", "2024-1-1", "",
      "2024-01-01T00:00:00+01:00", "2024-01-01T00:00:00.Z", "today", "9999-01-01",
    ])
  func refuses(text: String) {
    #expect(throws: TimestampError.self) { try Timestamp(text[...]) }
  }

  @Test func writesWhatItReads() throws {
    for seconds in stride(from: Int64(-3_000_000_000), to: 9_000_000_000, by: 86_399 * 1013) {
      let moment = Timestamp(nanoseconds: seconds * 1_000_000_000 + 123_000_000)
      #expect(try Timestamp(moment.description[...]) == moment)
    }
    #expect(Timestamp(milliseconds: 1_704_067_200_000).description == "2024-01-01T00:00:00Z")
    #expect(Timestamp(nanoseconds: -1).description == "1969-12-31T23:59:59.999999999Z")
  }

  @Test func daysAreHalfOpenInUTC() throws {
    let midnight = try Timestamp("2024-03-10T00:00:00Z")
    #expect(midnight.floored(to: .days(1)) == midnight)
    #expect((midnight - TimeSpan(nanoseconds: 1)).dayText == "2024-03-09")
  }
}

@Suite("Names")
struct IdentifierTests {
  @Test(
    arguments: [
      "BTCUSDT", "SOL-USDT", "1000PEPEUSDT", "PURR/USDC", "BTC-USDT-SWAP",
      "kPEPE", "kBONK-USDC",
    ])
  func symbolsThatAreWellFormed(text: String) { #expect(Symbol(text).isWellFormed) }

  @Test(
    arguments: [
      "", "BTC USDT", "kPEPE\n", "kPEPE.csv", "kPÉPE", "kＰEPE", "k%50EPE", "k\0PEPE", "~kPEPE",
      "BTCUSDT'; DROP TABLE fills;--", "../../etc", "BTC--USDT",
      "ABCDEFGHIJKLMNOPQRSTU", "abcdefghijklmnopqrstu", "ＢＴＣ",
    ])
  func symbolsThatAreNot(text: String) { #expect(!Symbol(text).isWellFormed) }

  @Test func clientOrderIdsReadBack() {
    let id = ClientOrderID(run: 3, sequence: 17, carry: CarryID(41), market: .perp)
    #expect(id.description == "h3-17-41p")
    #expect(ClientOrderID(id.description) == id)
    for foreign in ["", "h3-17", "x3-17-41p", "h3-17-41x", "autoclose-123", "h-1-2p"] {
      #expect(ClientOrderID(foreign) == nil, "\(foreign)")
    }
  }

  @Test func theJointLotIsAMultipleOfBothLots() {
    #expect(Universe.jointLot("0.00001", "0.001") == "0.001")
    #expect(Universe.jointLot("0.3", "0.2") == "0.6")
    #expect(Universe.jointLot("1", "0.1") == "1")
  }
}
