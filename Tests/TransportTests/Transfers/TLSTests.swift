import Foundation
import OriginServer
import Testing

@testable import Transport

/// HTTPS against `openssl s_server` with a certificate authority made for the test (S9, F55).
@Suite struct TLSTests {
    /// A folder with a CA, certificates and a file to serve; runs `openssl`.
    private struct Workshop {
        let folder: URL

        init() throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try openssl(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                "ca.key",
                "-out",
                "ca.pem",
                "-days",
                "2",
                "-subj",
                "/CN=Test CA"
            )
        }

        func remove() { try? FileManager.default.removeItem(at: folder) }

        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

        /// A certificate of the CA for `subjectAltName`.
        func certificate(_ name: String, subjectAltName: String, days: Int = 2) throws {
            try Data("subjectAltName=\(subjectAltName)\n".utf8).write(to: folder.appendingPathComponent("ext"))
            try openssl(
                "req",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                "\(name).key",
                "-out",
                "\(name).csr",
                "-subj",
                "/CN=server"
            )
            try openssl(
                "x509",
                "-req",
                "-in",
                "\(name).csr",
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-CAcreateserial",
                "-out",
                "\(name).pem",
                "-days",
                "\(days)",
                "-extfile",
                "ext"
            )
        }

        /// A server of the folder's files; returns it and its port.
        func serve(_ certificate: String, _ options: [String]) throws -> (Process, Int) {
            let process = makeProcess(
                [
                    "s_server", "-WWW", "-accept", "127.0.0.1:0", "-cert", "\(certificate).pem", "-key",
                    "\(certificate).key",
                ] + options
            )
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            // "ACCEPT 127.0.0.1:PORT"
            var text = ""
            while !text.contains("\n") || !text.contains("ACCEPT") {
                let data = output.fileHandleForReading.availableData
                try #require(!data.isEmpty, "openssl s_server ended")
                text += String(decoding: data, as: UTF8.self)
            }
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("ACCEPT") })
            return (process, try #require(line.split(separator: ":").last.flatMap { Int($0) }))
        }

        private func openssl(_ arguments: String...) throws {
            let process = makeProcess(arguments)
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0, "openssl \(arguments)")
        }

        private func makeProcess(_ arguments: [String]) -> Process {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["openssl"] + arguments
            process.currentDirectoryURL = folder
            process.standardError = FileHandle.nullDevice
            process.standardInput = FileHandle.nullDevice
            return process
        }
    }

    private static let hasOpenSSL: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl", "version"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test(.enabled(if: hasOpenSSL, "the openssl program is missing"))
    func certificatesAreVerified() async throws {
        let workshop = try Workshop()
        defer { workshop.remove() }
        let body = pattern(1_000_000)
        try Data(body).write(to: workshop.folder.appendingPathComponent("s.ts"))
        try workshop.certificate("right", subjectAltName: "DNS:localhost,IP:127.0.0.1")
        try workshop.certificate("wrong", subjectAltName: "DNS:other.example")
        try workshop.certificate("expired", subjectAltName: "DNS:localhost,IP:127.0.0.1", days: -1)

        /// Certificate, options of the server, CA file; whether the body arrives.
        let cases: [(String, [String], String?, Bool)] = [
            ("right", [], "ca.pem", true),
            ("right", ["-tls1_2"], "ca.pem", true),
            ("right", [], nil, false),
            ("wrong", [], "ca.pem", false),
            ("expired", [], "ca.pem", false),
            ("right", ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], "ca.pem", false),
            ("right", [], "missing.pem", false),
        ]
        for (certificate, options, caFile, arrives) in cases {
            let (process, port) = try workshop.serve(certificate, options)
            defer {
                // s_server takes SIGTERM only between connections.
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
            }
            let url = "https://localhost:\(port)/s.ts"
            try await Bench.run { configuration in
                configuration.inputURL = url
                configuration.caFile = caFile.map(workshop.path)
            } _: { bench in
                let (bytes, failure) = await bench.segment(url).collect()
                #expect(bytes == (arrives ? body : []), "\(certificate) \(options) \(caFile ?? "-")")
                #expect(
                    failure?.kind.label == (arrives ? nil : "tls"),
                    "\(certificate) \(options): \(failure?.description ?? "")"
                )
                #expect((failure?.attempts ?? 1) == 1, "a bad certificate gets no better")
            }
        }
    }
}
