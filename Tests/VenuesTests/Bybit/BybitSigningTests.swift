import FixedPoint
import Testing
import Trading
import Venues
import Wire

@Suite("Bybit: signatures")
struct BybitSigningTests {
  @Test("every vector is reproduced, byte for byte")
  func vectors() throws {
    let rows = try BybitFixture.lines("signing")
    #expect(rows.count == 14)
    for row in rows {
      let id = row["id"]?.text ?? ""
      let expected = row["signature"]?.text ?? ""
      let secret = Secret(row["key"]?["secret"]?.text ?? "")
      let canonical = row["canonical"]?.text ?? ""
      #expect(Signature.hmacSHA256Hex(canonical, key: secret) == expected, "\(id)")
      guard let method = HTTPMethod(rawValue: row["http_method"]?.text ?? "") else { continue }
      let dialect = BybitDialect(
        credentials: BybitCredentials(
          apiKey: row["key"]?["apiKey"]?.text ?? "", secret: secret))
      let time = Timestamp(milliseconds: row["time_sent"]?.integer ?? 0)
      let call = Call(
        .spotREST, method, row["path"]?.text ?? "", try parameters(row), isSigned: true,
        purpose: try anyPurpose())
      let request = dialect.encode(call, at: time)
      let body = String(decoding: request.body, as: UTF8.self)
      // One witness puts blanks into its JSON, which nobody has to imitate.
      guard row["body"]?.text?.contains(": ") != true else { continue }
      #expect(request.query == row["query"]?.text ?? "", "\(id)")
      #expect(body == row["body"]?.text ?? "", "\(id)")
      #expect(request.header("x-bapi-sign") == expected, "\(id)")
      #expect(request.header("X-BAPI-TIMESTAMP") == row["time_sent"]?.text)
      #expect(request.header("X-BAPI-RECV-WINDOW") == "5000")
      #expect((request.header("content-type") == "application/json") == (method == .post))
    }
  }

  private func parameters(_ row: JSON) throws -> [Parameter] {
    if let query = row["query"]?.text {
      return (FormText.split(query) ?? []).map { Parameter($0.name, $0.value) }
    }
    guard let body = row["body"]?.text else { return [] }
    return try JSON(parsing: body).members.map { member in
      Parameter(member.name, member.value.text ?? "")
    }
  }

  private func anyPurpose() throws -> BybitPurpose {
    var dialect = BybitFixture.dialect()
    return try #require(dialect.begin(.readClock, at: BybitFixture.now).first).purpose
  }

  @Test("a login is signed over its expiry")
  func login() throws {
    var dialect = BybitFixture.dialect()
    let frames = dialect.opened(StreamID("private"), at: BybitFixture.now)
    let frame = try JSON(parsing: try #require(frames.first))
    #expect(frames.count == 1)
    #expect(frame["op"] == "auth")
    #expect(frame["args"]?[0] == "fakeBybitKey0001")
    #expect(frame["args"]?[1] == .number("1735689610123"))
    #expect(
      frame["args"]?[2]
        == "01e452b4987fe80f816dbd8cf2229bdc27d6954f77a73e3441f6ad6d4dfde12e")
  }

  @Test(
    "a deadline bounds how late a request may arrive",
    arguments: [(4000, "4000"), (90_000, "60000"), (0, "1"), (-5000, "1")])
  func window(milliseconds: Int64, expected: String) throws {
    var dialect = BybitFixture.dialect()
    let order = BybitFixture.order(lifetime: .milliseconds(milliseconds))
    let calls = dialect.begin(.request(.submit(order)), at: BybitFixture.now)
    let request = dialect.encode(try #require(calls.first), at: BybitFixture.now)
    #expect(request.header("X-BAPI-RECV-WINDOW") == expected)
  }

  @Test("public calls carry no key, and nothing shows the secret")
  func secrecy() throws {
    var dialect = BybitFixture.dialect()
    let call = try #require(dialect.begin(.readClock, at: BybitFixture.now).first)
    #expect(dialect.encode(call, at: BybitFixture.now).headers.isEmpty)
    var text = ""
    dump(dialect, to: &text)
    #expect(!text.contains("fakeBybitSecret"))
    #expect(!"\(dialect)".contains("fakeBybitSecret"))
  }
}
