// swift-tools-version: 6.1
import PackageDescription

/// The language rules of every Swift target: Swift 6 mode, explicit existentials, imports that say what they use.
var strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// Set by script/test. Not a compiler flag on the command line: that would reach the dependencies as well.
if Context.environment["HLS2MP4_WARNINGS_AS_ERRORS"] != nil {
    strict.append(.unsafeFlags(["-warnings-as-errors"]))
}

let package = Package(
    name: "hls2mp4",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Remux", targets: ["Remux"]),
        .executable(name: "hls2mp4", targets: ["hls2mp4"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    ],
    targets: [
        // C libraries: each is imported by exactly one Swift target (script/check-imports).
        .systemLibrary(
            name: "CFFmpeg",
            pkgConfig: "libavformat libavcodec libavutil",
            providers: [.apt(["libavformat-dev", "libavcodec-dev", "libavutil-dev"]), .brew(["ffmpeg"])]
        ),
        .systemLibrary(
            name: "CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]
        ),
        .systemLibrary(
            name: "CCrypto",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]
        ),
        .target(name: "CPlatform"),

        // Leaves.
        .target(name: "Threading", dependencies: ["CPlatform"], swiftSettings: strict),
        .target(name: "HLS", swiftSettings: strict),
        .target(name: "Transport", dependencies: ["CCurl", "Threading"], swiftSettings: strict),
        .target(name: "Decryption", dependencies: ["CCrypto"], swiftSettings: strict),

        // The library and its thin client.
        .target(
            name: "Remux",
            dependencies: [
                "CFFmpeg", "HLS", "Transport", "Decryption", "Threading",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "hls2mp4",
            dependencies: ["Remux", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict
        ),

        // An HTTP/1.1 server that answers as it is told: the demo's and the tests' origin.
        .target(name: "OriginServer", path: "Tests/OriginServer", swiftSettings: strict),
        .executableTarget(
            name: "serve-fixtures",
            dependencies: ["OriginServer"],
            path: "Tests/ServeFixtures",
            swiftSettings: strict
        ),

        .testTarget(name: "OriginServerTests", dependencies: ["OriginServer"], swiftSettings: strict),
        .testTarget(name: "ThreadingTests", dependencies: ["Threading"], swiftSettings: strict),
        .testTarget(name: "HLSTests", dependencies: ["HLS"], swiftSettings: strict),
        .testTarget(name: "TransportTests", dependencies: ["Transport", "OriginServer"], swiftSettings: strict),
        .testTarget(name: "DecryptionTests", dependencies: ["Decryption"], swiftSettings: strict),
        .testTarget(
            name: "RemuxTests",
            dependencies: ["Remux", "Threading", "Transport", "Decryption", "HLS"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "hls2mp4", "Remux", "OriginServer", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["Remux", "OriginServer", "Transport"],
            swiftSettings: strict
        ),
    ]
)
