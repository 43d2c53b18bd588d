import OriginServer
import Remux

/// F20–F22: keys.
extension FaultMatrix {
    static let keys: [Fault] = keyServer + rotation

    private static let keyServer: [Fault] = [
        Fault("F20", "500 three times, then the key", [.status(500), .status(500), .status(500)]).same(at: [.key]),
        Fault("F20", "a key of 15 bytes") { .always(.body(Array($0.dropLast()))) }.ends(at: .key, .key, "15 bytes"),
        Fault("F20", "a key of 17 bytes") { .always(.body($0 + [0])) }.ends(at: .key, .key, "17 bytes"),
        Fault("F20", "a key of 5,000 bytes", .always(.body([UInt8](repeating: 1, count: 5_000))))
            .ends(at: .key, .key, "larger than"),
        Fault("F20", "a gzip-compressed key that says so") {
            .always(.body(Gzip.stored($0)).header("Content-Encoding", "gzip"))
        }.same(at: [.key]),
        Fault("F20", "a gzip-compressed key that does not say so") { .always(.body(Gzip.stored($0))) }
            .ends(at: .key, .key, "39 bytes"),
        Fault("F20", "the key comes when all segments were asked for") { _ in [.stall(at: 0)] }
            .with { fault in
                fault.prepare = { server, target in
                    Task {
                        // Else the wait ends with the test's time limit.
                        let all = await server.waitForRequests { requests in
                            Set(requests.map(\.path).filter { $0.hasSuffix(".ts") }).count == 6
                        }
                        if all { server.release(target.path) }
                    }
                }
            }
            .same(at: [.key]),
        Fault("F21", "a wrong key", .always(.body([UInt8](repeating: 7, count: 16))))
            .ends(at: .key, .key, "Media Segment 0", "the first decrypted bytes are no media")
            .with { $0.namesPlace = false },
        Fault("F21", "a wrong IV", .always(.normal))
            .ends(at: .stream, .key, "Media Segment 0", "initialization vector")
            .with {
                $0.configure = { configuration, _ in
                    configuration.initializationVector = [UInt8](repeating: 9, count: 16)
                }
            },
    ]

    /// Segment by segment, the media is that of `clear`.
    private static let rotation: [Fault] = [
        playlist("F22", "another key for every segment", gold: "/clear/index.m3u8") { text in
            var number = -1
            return lines(text).filter { !$0.hasPrefix("#EXT-X-KEY") }.flatMap { line -> [String] in
                guard line.hasPrefix("#EXTINF") else { return [line] }
                number += 1
                return [
                    "#EXT-X-KEY:METHOD=AES-128,URI=\"key.bin?number=\(number)\",IV=\(vector)", line,
                ]
            }.joined(separator: "\n")
        },
        playlist("F22", "METHOD=NONE in the middle", gold: "/clear/index.m3u8") { text in
            text.replacing("003.ts", with: "/clear/003.ts")
                .replacing("#EXTINF:1.000000,\n/clear", with: "#EXT-X-KEY:METHOD=NONE\n#EXTINF:1.000000,\n/clear")
                .replacing(
                    "#EXTINF:1.000000,\n004.ts",
                    with: "#EXT-X-KEY:METHOD=AES-128,URI=\"key.bin\",IV=\(vector)\n#EXTINF:1.000000,\n004.ts"
                )
        },
        playlist("F22", "two KEYFORMATs, one of them usable", gold: "/clear/index.m3u8") { text in
            text.replacing(
                "#EXT-X-KEY",
                with: "#EXT-X-KEY:METHOD=AES-128,URI=\"skd://a\",KEYFORMAT=\"com.apple.streamingkeydelivery\"\n"
                    + "#EXT-X-KEY"
            )
        },
    ]

    private static let vector = "0x0f1e2d3c4b5a69788796a5b4c3d2e1f0"
}
