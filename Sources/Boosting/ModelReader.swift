import Core
import FixedPoint
import Foundation
import Trading

/// The trees of a model that XGBoost wrote as JSON.
struct ModelReader: Decodable {
  struct Tree: Decodable {
    let left: [Int]
    let right: [Int]
    let features: [Int]
    /// Thresholds, and at the ends the answers.
    let conditions: [Double]
    let defaultsLeft: [Flag]

    enum CodingKeys: String, CodingKey {
      case left = "left_children"
      case right = "right_children"
      case features = "split_indices"
      case conditions = "split_conditions"
      case defaultsLeft = "default_left"
    }
  }

  /// Written as a number or as a word, depending on the version.
  struct Flag: Decodable {
    let isSet: Bool

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Int.self) {
        isSet = number != 0
      } else {
        isSet = try container.decode(Bool.self)
      }
    }
  }

  struct Learner: Decodable {
    struct Parameters: Decodable {
      let baseScore: String

      enum CodingKeys: String, CodingKey { case baseScore = "base_score" }
    }
    struct Booster: Decodable {
      struct Model: Decodable { let trees: [Tree] }
      let model: Model
    }
    let parameters: Parameters
    let booster: Booster

    enum CodingKeys: String, CodingKey {
      case parameters = "learner_model_param"
      case booster = "gradient_booster"
    }
  }

  let learner: Learner

  /// Base and trees in decimals.
  static func read(_ json: String) throws(BoostingError) -> (base: Rate, trees: [BoostedTree]) {
    let learner: Learner
    do {
      learner = try JSONDecoder().decode(ModelReader.self, from: Data(json.utf8)).learner
    } catch {
      throw .unreadable("\(error)")
    }
    guard let base = Double(learner.parameters.baseScore).flatMap(decimal) else {
      throw .unreadable("its base score is \(learner.parameters.baseScore)")
    }
    var trees: [BoostedTree] = []
    for tree in learner.booster.model.trees { trees.append(try read(tree)) }
    return (base, trees)
  }

  /// Walks from the root, so that what was pruned away is left behind.
  private static func read(_ tree: Tree) throws(BoostingError) -> BoostedTree {
    var nodes: [BoostedTree.Node] = []
    func add(_ place: Int) throws(BoostingError) -> Int {
      guard tree.left.indices.contains(place), nodes.count < tree.left.count,
        let number = decimal(tree.conditions[place])
      else { throw .unreadable("a tree is not whole") }
      let own = nodes.count
      nodes.append(.leaf(number))
      guard tree.left[place] >= 0 else { return own }
      let left = try add(tree.left[place])
      let right = try add(tree.right[place])
      nodes[own] = .split(
        feature: tree.features[place], below: number, left: left, right: right,
        missing: tree.defaultsLeft[place].isSet ? left : right)
      return own
    }
    let counts = [
      tree.right.count, tree.features.count, tree.conditions.count, tree.defaultsLeft.count,
    ]
    guard counts.allSatisfy({ $0 == tree.left.count }) else {
      throw .unreadable("a tree's columns are not equally long")
    }
    _ = try add(0)
    return BoostedTree(nodes: nodes)
  }

  /// The shortest decimal that is the library's 32-bit number, cut at eighteen places.
  ///
  /// Features have four places and the thresholds lie between them, so the shortest decimal lies
  /// between the same two as the number itself.
  static func decimal(_ number: Double) -> Rate? {
    guard let plain = Decimal(string: Float(number).description)?.description else { return nil }
    let parts = plain.split(separator: ".", maxSplits: 1)
    return parts.count == 2 ? Rate("\(parts[0]).\(parts[1].prefix(18))") : Rate(plain)
  }
}
