import ArgumentParser
import Testing

@testable import hls2mp4

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
    static let program = Shell.program

    private func shell(_ script: String) async throws -> String { try await Shell.output(script) }

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
