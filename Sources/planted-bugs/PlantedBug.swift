/// A mistake of the kind that has cost others money, put into a copy of the sources to see whether the
/// oracle of `harvester simulate` finds it.
struct PlantedBug {
  /// What it gets wrong.
  let name: String
  /// The file, below `Sources`.
  let file: String
  /// The code as it stands, once in that file.
  let right: String
  /// What stands there instead; `PLANTED` is true while the bug is.
  let wrong: String
}
