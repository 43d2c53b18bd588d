// swift-tools-version: 6.1
import PackageDescription

// A client of the library, as a package of its own: `swift run --package-path Examples custom-sink URL`.
let package = Package(
    name: "Examples",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "hls2mp4", path: "..")],
    targets: [
        .executableTarget(
            name: "custom-sink",
            dependencies: [.product(name: "Remux", package: "hls2mp4")],
            swiftSettings: [.swiftLanguageMode(.v6)]
        )
    ]
)
