import ArgumentParser
import Dispatch
import Testing

@testable import hls2mp4

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@Suite struct SecretTests {
    @Test(
        "a mistyped secret is refused without being repeated",
        arguments: [
            ["--key", "00112233445566778899aabbccddeefg"], ["--key=00112233445566778899aabbccddee"],
            ["--iv", "0x00112233445566778899aabbccddeefg"], ["-H", "Cookie 00112233445566778899"],
            ["-H", "00112233445566778899 x: y"],
        ]
    )
    func silent(_ arguments: [String]) {
        do {
            _ = try RemuxCommand.parse(arguments + ["http://a"])
            Issue.record("accepted")
        } catch {
            #expect(RemuxCommand.exitCode(for: error).rawValue == 64)
            #expect(!RemuxCommand.fullMessage(for: error).contains("0011223344"))
        }
    }
}

@Suite struct SpellingTests {
    @Test(
        "header names are tokens (RFC 9110)",
        arguments: ["bad name: x", " X: y", "ä: x", "a(b): x", "a\u{7f}: x", "a: b\nc: d", ": x"]
    )
    func headerNames(_ field: String) {
        #expect(throws: (any Error).self) { try RemuxCommand.parse(["-H", field, "http://a"]) }
    }

    @Test(
        "values may be joined to short options",
        arguments: [
            ["-j2", "-ofile", "-HA: b", "http://a"], ["-j", "2", "-o", "file", "-H", "A: b", "http://a"],
            ["http://a", "-H", "A: b", "-q", "-j2", "-y", "-ofile"],
        ]
    )
    func joined(_ arguments: [String]) throws {
        let command = try RemuxCommand.parse(arguments)
        #expect(command.network.jobs == 2)
        #expect(command.output.path == "file")
        #expect(command.identity.headers == ["A: b"])
    }
}

/// Runs the program that was built beside the tests.
@Suite struct ProgramTests {
    private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")
    private static let stream = root + "/Fixtures/streams/clear/index.m3u8"

    /// The program; `nil` where the tests do not run from the folder of the build.
    static let program: String? = {
        #if os(Linux)
        guard let resolved = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(resolved) }
        let folder = String(cString: resolved).split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let path = folder.joined(separator: "/") + "/hls2mp4"
        #else
        let path = root + "/.build/debug/hls2mp4"
        #endif
        return access(path, X_OK) == 0 ? path : nil
    }()

    /// What a shell script prints; `$P` is the program, `$S` a stream. Runs in a folder of its own.
    private func shell(_ script: String) async throws -> String {
        let program = try #require(Self.program)
        let whole = """
            exec 2>&1; P='\(program)'; S='\(Self.stream)'; D=$(mktemp -d) && cd "$D" || exit; \(script)
            cd /; rm -r "$D"
            """
        // Not on a thread that the other tests' tasks need.
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: Self.output(of: whole)) }
        }
    }

    private static func output(of script: String) -> String {
        guard let pipe = popen(script, "r") else { return "popen failed" }
        defer { pclose(pipe) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(
        "closed standard descriptors change no byte of the output",
        .enabled(if: program != nil),
        arguments: ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"]
    )
    func closed(_ redirections: String) async throws {
        let output = try await shell(
            #""$P" "$S" -q -o a; "$P" "$S" -o b \#(redirections); echo "rc=$?"; cmp a b && echo same; ls"#
        )
        #expect(output.contains("rc=0"), "\(output)")
        #expect(output.hasSuffix("same\na\nb\n"), "\(output)")
    }

    @Test("standard output that is closed cannot be the output", .enabled(if: program != nil))
    func closedOutput() async throws {
        let output = try await shell(#""$P" "$S" -o - >&-; echo "rc=$?""#)
        #expect(output == "hls2mp4: standard output is closed; redirect it, or name a file with -o\nrc=8\n")
    }

    @Test("a playlist through standard input, with the folder it is from", .enabled(if: program != nil))
    func standardInput() async throws {
        let output = try await shell(
            #"""
            "$P" -q - -o a --base-url "$(dirname "$S")" <"$S"; echo "rc=$?"; "$P" -q "$S" -o b; cmp a b && echo same
            "$P" - -o c <"$S"; echo "rc=$?"; "$P" - <"$S" 2>&1 | head -n 1; "$P" - -o c </dev/null; echo "rc=$?"
            head -c 70000000 /dev/zero | "$P" - -o c; echo "rc=$?"; "$P" - -o c <&-; echo "rc=$?"; ls
            """#
        )
        let lines = output.split(separator: "\n").map(String.init)
        #expect(lines.prefix(2) == ["rc=0", "same"], "\(output)")
        #expect(lines.count { $0 == "rc=4" } == 4, "\(output)")
        #expect(output.contains("--base-url") && output.contains("name the output with -o"), "\(output)")
        #expect(output.contains("larger than"), "\(output)")
        #expect(output.hasSuffix("a\nb\n"), "\(output)")
    }

    @Test("list: exit statuses by cause", .enabled(if: program != nil))
    func list() async throws {
        let output = try await shell(
            #"""
            "$P" list "$S" | head -n 1; "$P" list --json - <"$S" | head -c 8; echo
            M=$(dirname "$S")/../multivariant/index.m3u8; "$P" list "$M" --audio xx >t; echo "rc=$?"; wc -l <t
            "$P" list /nowhere >t; echo "rc=$?"; "$P" list /dev/null >t; echo "rc=$?"; "$P" list >t 2>&1; echo "rc=$?"
            "$P" list "$S" >/dev/full; echo "rc=$?"; "$P" list "$S" >&-; echo "rc=$?"
            """#
        )
        let statuses = output.split(separator: "\n").filter { $0.hasPrefix("rc=") }
        #expect(statuses == ["rc=4", "rc=3", "rc=4", "rc=64", "rc=8", "rc=8"], "\(output)")
        #expect(output.hasPrefix("Media Playlist, version 3\n{\"kind\":\n"), "\(output)")
        #expect(output.contains("--audio"), "\(output)")
    }

    /// Starts the program on a pipe that nobody reads, and waits until it runs.
    private static let blocked = """
        mkfifo pipe; "$P" "$S" -o pipe 2>err & until grep -q segments err 2>/dev/null; do sleep 0.02; done;
        """

    @Test("stopped while nobody reads: ends, and says that nothing was written", .enabled(if: program != nil))
    func stopped() async throws {
        let output = try await shell(Self.blocked + #"kill -TERM $!; wait $!; echo "rc=$?"; tail -n 1 err; ls"#)
        #expect(output == "rc=143\nhls2mp4: stopped; nothing was written\nerr\npipe\n")
    }

    @Test("an interrupt that was ignored at the start stays ignored", .enabled(if: program != nil))
    func ignored() async throws {
        // A shell without job control starts background jobs so.
        let script = #"kill -INT $!; sleep 0.3; kill -0 $! && echo alive; kill -TERM $!; wait $!; echo "rc=$?""#
        let output = try await shell(Self.blocked + script)
        #expect(output == "alive\nrc=143\n")
    }
}
