import OriginServer
import Remux

/// F55, F56: connections.
extension FaultMatrix {
    static let connections: [Fault] = keepAlive + names + proxies

    private static let keepAlive: [Fault] =
        (1...3).map { (count: Int) -> Fault in
            Fault("F55", "connections end after \(count) requests", .always(.normal))
                .with { $0.serverOptions.requestsPerConnection = count }
                .same(at: [.stream])
        } + [
            Fault("F55", "connections end without a word after each request", .always(.normal))
                .with { fault in
                    fault.prepare = { server, _ in
                        server.script[ScriptTable.anyPath] = .always(.closing.withoutHeader("Connection"))
                    }
                }
                .same(at: [.stream])
        ]

    private static let names: [Fault] = [
        changed("F55", "a host name that does not resolve") {
            $0.replacing("003.ts", with: "http://nowhere.invalid/003.ts")
        }
        .ends(at: .playlist, .incomplete, "Media Segment 3", "could not be resolved")
        .with {
            $0.namesPlace = false
            $0.configure = { configuration, _ in configuration.retryCount = 1 }
        },
        changed("F55", "a port where nobody listens") { $0.replacing("003.ts", with: "http://127.0.0.1:1/003.ts") }
            .ends(at: .playlist, .incomplete, "Media Segment 3", "no connection")
            .with { $0.namesPlace = false },
        changed("F55", "a key where nobody listens") { $0.replacing("key.bin", with: "http://127.0.0.1:1/key.bin") }
            .ends(at: .playlist, .key, "key.bin", "no connection")
            .with { $0.namesPlace = false },
    ]

    private static let proxies: [Fault] = [
        Fault("F56", "a proxy where nobody listens", .always(.normal))
            .with { $0.configure = { configuration, _ in configuration.proxy = "http://127.0.0.1:1" } }
            .ends(at: .stream, .playlistUnreachable, "proxy"),
        Fault("F56", "a proxy that wants credentials", .always(.normal))
            .with { fault in
                fault.configure = { configuration, server in configuration.proxy = server.baseURL }
                fault.prepare = { server, _ in
                    server.script[ScriptTable.anyPath] = .always(.status(407).header("Proxy-Authenticate", "Basic"))
                }
            }
            .ends(at: .stream, .playlistUnreachable, "407", "--proxy"),
        Fault("F56", "a name that the proxy's host does not have", .always(.normal))
            .with { $0.configure = { configuration, _ in configuration.proxy = "http://proxy.invalid:3128" } }
            .ends(at: .stream, .playlistUnreachable, "proxy"),
    ]
}
