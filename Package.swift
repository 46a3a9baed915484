// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// A library target of the product; every direct import is listed, and `make check` refuses any other.
func library(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: Target.Dependency..., exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let package = Package(
  name: "harvester",
  products: [
    .executable(name: "harvester", targets: ["harvester"]),
    .executable(name: "venue-simulator", targets: ["venue-simulator"]),
    .executable(name: "benchmarks", targets: ["benchmarks"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // Pure: no clock, chance, input or output.
    library("FixedPoint"),
    library("Trading", "FixedPoint"),
    library("Accounting", "FixedPoint", "Trading"),
    library("Core", "FixedPoint", "Trading", "Accounting"),
    library("Simulation", "FixedPoint", "Trading"),
    library("Worlds", "FixedPoint", "Trading", "Accounting", "Core", "Simulation"),
    library("Backtest", "FixedPoint", "Trading", "Accounting", "Core", "Simulation"),

    // Pure too: texts and bytes of the wire, and the venues' protocols as translators.
    .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
    library("Wire", "FixedPoint", "COpenSSL"),
    library("Venues", "FixedPoint", "Trading", "Wire"),

    // Opens XGBoost when a model is trained; nothing is linked.
    library("Boosting", "FixedPoint", "Trading", "Core", "Backtest"),

    // Shell: files, PostgreSQL, the process.
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CPostgres", providers: [.apt(["libpq-dev"])]),
    .target(
      name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
    library("Transport", "FixedPoint", "Trading", "Wire", "Venues", "CCurl"),
    library("Markets", "FixedPoint", "Trading", "Simulation", "CZlib"),
    library("Store", "FixedPoint", "Trading", "Accounting", "Core", "CPostgres"),
    library(
      "Service", "FixedPoint", "Trading", "Accounting", "Core", "Simulation", "Backtest", "Markets",
      "Store", "Wire", "Venues", "Transport", yams),
    .executableTarget(
      name: "harvester",
      dependencies: [
        "FixedPoint", "Trading", "Accounting", "Core", "Simulation", "Backtest", "Boosting",
        "Markets", "Service", "Store", "Transport", "Venues", "Worlds", argumentParser,
      ], swiftSettings: strict),
    library("SimulatedVenue", "FixedPoint", "Trading", "Simulation", "Wire", "COpenSSL"),
    .executableTarget(
      name: "venue-simulator",
      dependencies: [
        "FixedPoint", "Trading", "Simulation", "Markets", "Wire", "SimulatedVenue",
        argumentParser, yams,
      ], swiftSettings: strict),
    .executableTarget(
      name: "benchmarks",
      dependencies: [
        "FixedPoint", "Trading", "Accounting", "Core", "Simulation", "Backtest", "Wire", "Venues",
        "Transport", "Store",
      ],
      exclude: ["peers", "ledger_scale.sql"], swiftSettings: strict),

    // Shows that the oracle of `harvester simulate` finds what it should.
    .executableTarget(name: "planted-bugs", swiftSettings: strict),

    // Tests.
    .target(
      name: "TestKit", dependencies: ["Store"], path: "Tests/TestKit", swiftSettings: strict),
    tests(
      "LiveTests", "FixedPoint", "Trading", "Simulation", "Store", "Wire", "TestKit", "harvester",
      "venue-simulator", exclude: ["clients"]),
    tests("FixedPointTests", "FixedPoint"),
    tests("TradingTests", "FixedPoint", "Trading"),
    tests("AccountingTests", "FixedPoint", "Trading", "Accounting"),
    tests("WireTests", "FixedPoint", "Wire"),
    tests(
      "VenuesTests", "FixedPoint", "Trading", "Wire", "Venues",
      exclude: ["Binance/Fixtures", "Bybit/Fixtures"]),
    tests("TransportTests", "FixedPoint", "Trading", "Wire", "Venues", "Transport"),
    tests(
      "SimulatedVenueTests", "FixedPoint", "Trading", "Simulation", "Wire", "SimulatedVenue"),
    tests(
      "CoreTests", "FixedPoint", "Trading", "Accounting", "Core", "Simulation", "Backtest"),
    tests("TidyTests"),
    tests("SimulationTests", "FixedPoint", "Trading", "Simulation"),
    tests("MarketsTests", "FixedPoint", "Trading", "Simulation", "Markets"),
    tests("StoreBaseTests", "Store"),
    tests(
      "StoreTests", "FixedPoint", "Trading", "Core", "Simulation", "Worlds", "Store", "TestKit"),
    tests("ServiceTests", "FixedPoint", "Trading", "Core", "Backtest", "Service"),
    tests(
      "EndToEndTests", "FixedPoint", "Trading", "Simulation", "Service", "Store", "harvester",
      exclude: ["Golden"]),
    tests("PlantedBugsTests", "planted-bugs"),
    tests("BenchmarksTests", "benchmarks", "TestKit"),
    tests("BoostingTests", "FixedPoint", "Trading", "Core", "Simulation", "Backtest", "Boosting"),
    tests("WorldsTests", "FixedPoint", "Trading", "Core", "Simulation", "Worlds"),
    tests(
      "BacktestTests", "FixedPoint", "Trading", "Accounting", "Core", "Simulation", "Backtest"),
  ]
)
