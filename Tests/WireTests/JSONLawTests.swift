import FixedPoint
import Testing

@testable import Wire

@Suite("Laws of JSON")
struct JSONLawTests {
  @Test("What was printed is read back as the same", arguments: 1...40)
  func roundTrip(seed: UInt64) throws {
    var chance = Chance(seed)
    for _ in 0..<50 {
      let json = chance.json(depth: 4)
      #expect(try JSON(json.bytes) == json)
      #expect(try JSON(parsing: json.description) == json)
    }
  }

  @Test("Damaged texts are refused or read, and what is read prints to itself", arguments: 1...40)
  func damage(seed: UInt64) throws {
    var chance = Chance(seed)
    var refused = 0
    for _ in 0..<100 {
      let bytes = chance.damaged(chance.json(depth: 4).bytes)
      do {
        let json = try JSON(bytes)
        #expect(try JSON(json.bytes) == json)
        // Whatever the tree accepts, the scanner does too.
        #expect(scan(bytes) { $0.skip() && $0.isAtEnd })
      } catch {
        refused += 1
        #expect((0...bytes.count).contains(error.offset))
      }
    }
    #expect(refused > 0)
  }

  @Test("Random bytes crash neither tree nor scanner", arguments: 1...20)
  func noise(seed: UInt64) {
    var chance = Chance(seed)
    for _ in 0..<300 {
      let bytes = chance.bytes(upTo: 60)
      let isTree = (try? JSON(bytes)) != nil
      #expect(!isTree || scan(bytes) { $0.skip() && $0.isAtEnd })
      scan(bytes) { wander(&$0, &chance) }
    }
  }

  @Test("A scanner asked for anything at any place stays inside its bytes", arguments: 1...40)
  func wandering(seed: UInt64) {
    var chance = Chance(seed)
    for _ in 0..<100 {
      let bytes = chance.json(depth: 4).bytes
      scan(bytes) { wander(&$0, &chance) }
      scan(chance.damaged(bytes)) { wander(&$0, &chance) }
    }
  }

  private func wander(_ scanner: inout JSONScanner, _ chance: inout Chance) {
    for _ in 0..<200 {
      switch chance.below(9) {
      case 0: _ = scanner.beginObject()
      case 1: _ = scanner.beginArray()
      case 2: _ = scanner.nextKey()
      case 3: _ = scanner.nextElement()
      case 4: _ = scanner.decimal() as Fixed<Unit>?
      case 5: _ = scanner.integer()
      case 6: _ = scanner.rawText()
      case 7: _ = scanner.bool()
      default: _ = scanner.skip()
      }
      #expect((0...scanner.bytes.count).contains(scanner.index))
    }
  }

  @Test("The scanner reads the same values as the tree", arguments: 1...40)
  func agreement(seed: UInt64) throws {
    var chance = Chance(seed)
    for _ in 0..<50 {
      let json = chance.json(depth: 3)
      let bytes = json.bytes
      #expect(scan(bytes) { same(json, &$0) && $0.isAtEnd })
    }
  }

  /// Walks both; strings and names with escapes are left to the tree.
  private func same(_ json: JSON, _ scanner: inout JSONScanner) -> Bool {
    switch json {
    case .null: return scanner.skip()
    case .bool(let isTrue): return scanner.bool() == isTrue
    case .number(let text):
      var copy = scanner
      guard copy.decimal() == json.decimal(Unit.self) else { return false }
      return scanner.rawText().map { String(decoding: $0, as: UTF8.self) } == text
    case .string(let text):
      guard json.bytes.count == text.utf8.count + 2 else { return scanner.skip() }
      return scanner.rawText().map { String(decoding: $0, as: UTF8.self) } == text
    case .array(let elements):
      guard scanner.beginArray() else { return false }
      for element in elements {
        guard scanner.nextElement(), same(element, &scanner) else { return false }
      }
      return !scanner.nextElement() && !scanner.isBroken
    case .object(let members):
      let isPlain = members.allSatisfy {
        JSON.string($0.name).bytes.count == $0.name.utf8.count + 2
      }
      guard isPlain else { return scanner.skip() }
      guard scanner.beginObject() else { return false }
      for member in members {
        guard let key = scanner.nextKey(), key.elementsEqual(member.name.utf8),
          same(member.value, &scanner)
        else { return false }
      }
      return scanner.nextKey() == nil && !scanner.isBroken
    }
  }

  @Test("Decimals from bytes are those of FixedPoint", arguments: 1...40)
  func decimals(seed: UInt64) {
    var chance = Chance(seed)
    for _ in 0..<500 {
      let digits = (0..<chance.below(24)).map { _ in "0123456789"[chance.below(10)] }
      var text = (["", "-", "+", ""][chance.below(4)] + String(digits)).map { $0 }
      if chance.below(3) > 0 { text.insert(".", at: chance.below(text.count + 1)) }
      if chance.below(20) == 0 {
        text.insert(
          [" ", ".", "-", "e", "x", "٣"][chance.below(6)], at: chance.below(text.count + 1))
      }
      #expect(JSON.string(String(text)).decimal(Unit.self) == Fixed<Unit>(String(text)))
    }
  }
}

extension String {
  fileprivate subscript(offset: Int) -> Character { self[index(startIndex, offsetBy: offset)] }
}
