import OriginServer
import Testing

@testable import Remux
@testable import hls2mp4

/// What a run says of itself, through the built program: held against the schemas of `docs/`.
@Suite struct ReportTests {
    private static let program = Shell.program
    private static let check =
        #"check() { schema=$1; shift; python3 "$R/Tests/tools/reportcheck.py" "$R/docs/$schema.schema.json" "$@"; };"#

    /// Runs the program on a fixture behind a server; `$U` is the server, `$I` the playlist.
    private func run(
        _ folder: String = "clear",
        scripts: [String: Script] = [:],
        script: String
    ) async throws -> String {
        let server = OriginServer(root: Shell.root + "/Fixtures/streams")
        for (path, answers) in scripts { server.script["/\(folder)/\(path)"] = answers }
        try server.start()
        defer { server.stop() }
        return try await Shell.output(
            "U='\(server.baseURL)'; I=\"$U/\(folder)/index.m3u8\"; \(Self.check) \(script)"
        )
    }

    @Test("a complete run: report, events and log", .enabled(if: program != nil))
    func complete() async throws {
        let output = try await run(
            script: #"""
                "$P" "$I" -o a.mp4 --report r.json --log-file l --progress json 2>e; echo "rc=$?"; ls
                check report r.json --show exitStatus result files.0.path files.0.bytes segments.done memory.bufferLimitBytes
                check progress e --lines --show exitStatus event; stat -c %s a.mp4; cut -d ' ' -f 2 l
                """#
        )
        #expect(output.hasPrefix("rc=0\na.mp4\ne\nl\nr.json\n"), "\(output)")
        #expect(output.contains("exitStatus=0\nresult=\"complete\"\nfiles.0.path=\"a.mp4\"\n"), "\(output)")
        #expect(output.contains("segments.done=6\nmemory.bufferLimitBytes=33554432\nvalid: 1\n"), "\(output)")
        #expect(output.contains("exitStatus=0\nevent=\"end\"\nvalid: "), "\(output)")
        let lines = output.split(separator: "\n")
        let size = lines.first { $0.hasPrefix("files.0.bytes=") }?.dropFirst("files.0.bytes=".count)
        #expect(size.map { lines.contains($0) } == true, "\(output)")
        #expect(output.hasSuffix("begin\nplan\nsummary\nend\n"), "\(output)")
    }

    @Test("lost segments are gaps, with number, time, address and cause", .enabled(if: program != nil))
    func lost() async throws {
        let output = try await run(
            scripts: [
                "002.ts": .always(.normal.status(404)), "004.ts": [.normal.status(503).header("Retry-After", "0")],
            ],
            script: #"""
                "$P" "$I" -o a.mp4 --on-missing gap --retries 1 --report r.json --log-file l -q 2>e; echo "rc=$?"; ls; cat e
                check report r.json --show exitStatus files.0 segments gaps.0 retries bytes.received
                "$P" "$I" -o b.mp4 --on-missing gap --retries 1 --progress json 2>e; echo "rc=$?"; check progress e --lines; grep '"gap"' e
                grep -E ' (retry|gap|end) ' l
                """#
        )
        #expect(output.contains("rc=5\na.mp4\ne\nl\nr.json\n"), "\(output)")
        #expect(output.contains("exitStatus=5\n"), "\(output)")
        #expect(output.contains("\"path\": \"a.mp4\", \"isFinished\": true"), "\(output)")
        #expect(output.contains("\"planned\": 6, \"done\": 5, \"lost\": 1"), "\(output)")
        #expect(
            output.contains(
                "gaps.0={\"kind\": \"media\", \"mediaSequenceNumber\": 2, \"startSeconds\": 2.0, "
                    + "\"endSeconds\": 3.0, \"url\": \"http://127.0.0.1:"
            ),
            "\(output)"
        )
        #expect(output.contains("/clear/002.ts\", \"cause\": \"Media Segment 2 is lost: HTTP status 404"), "\(output)")
        #expect(output.contains("retries=2\n"), "\(output)")
        #expect(output.contains(" retry    Media Segment 4: attempt 1 failed, the next one in"), "\(output)")
        #expect(output.contains(" gap      Media Segment 2, 0:02 to 0:03: "), "\(output)")
        #expect(output.contains(" end      exit status 5: the output lacks 1 of 6"), "\(output)")
        #expect(output.contains("{\"event\":\"gap\",\"version\":1,"), "\(output)")
    }

    @Test("failed and stopped runs report too", .enabled(if: program != nil))
    func failed() async throws {
        let output = try await run(
            "aes128-explicit-iv",
            script: #"""
                "$P" "$I" -o a.mp4 -q --key 0f112233445566778899aabbccddeef0 --report k.json; echo "rc=$?"
                check report k.json --show exitStatus result files; grep -ci 0f112233 k.json
                rm -f a.mp4*; "$P" "$U/none.m3u8" -o a.mp4 -q --report n.json; check report n.json --show exitStatus input
                "$P" "$I" -o no/such/folder.mp4 -q --report o.json; check report o.json --show exitStatus
                "$P" http:// -o a.mp4 -q --report u.json; check report u.json --show exitStatus
                "$P" - -o a.mp4 -q --report s.json </dev/null; check report s.json --show exitStatus input
                "$P" "$I" -q -o /dev/full --report f.json; check report f.json --show exitStatus files
                """#
        )
        let statuses = output.split(separator: "\n").filter { $0.hasPrefix("exitStatus=") }
        #expect(
            statuses == [6, 3, 8, 64, 4, 8].map { "exitStatus=\($0)" },
            "\(output)"
        )
        #expect(output.split(separator: "\n").count { $0 == "valid: 1" } == 6, "\(output)")
        #expect(output.contains("result=\"key\"\nfiles=[]\nvalid: 1\n0\n"), "\(output)")
        #expect(output.contains("input=\"-\""), "\(output)")
    }

    @Test("an output of several files, finished and not", .enabled(if: program != nil))
    func several() async throws {
        let output = try await run(
            "changes",
            script: #"""
                I="$U/changes/everything.m3u8"; "$P" "$I" -q -o a.mp4 --on-format-change split --report r.json; echo "rc=$?"
                check report r.json --show files.0.path files.1.path files.2.path files.2.isFinished; stat -c %s a-2.mp4
                python3 -c 'import json; print(json.load(open("r.json"))["files"][1]["bytes"])'; rm a*
                curl -s "$I" | sed '/^#EXT-X-ENDLIST/d' >l.m3u8; printf '#EXTINF:1,\nnone.ts\n#EXT-X-ENDLIST\n' >>l.m3u8
                "$P" l.m3u8 --base-url "$I" -q -o a.mp4 --retries 0 --on-format-change split --report r.json 2>/dev/null; echo "rc=$?"
                check report r.json --show files.0.path files.1.path files.2.path files.2.isFinished; ls a*
                """#
        )
        let finished =
            "files.0.path=\"a.mp4\"\nfiles.1.path=\"a-2.mp4\"\nfiles.2.path=\"a-3.mp4\"\nfiles.2.isFinished=true\n"
        #expect(output.contains("rc=0\n" + finished + "valid: 1\n"), "\(output)")
        let sizes = output.split(separator: "\n").filter { Int($0) != nil }
        #expect(sizes.count == 2 && sizes.first == sizes.last, "\(output)")
        let parts = finished.replacing(".mp4", with: ".mp4.part").replacing("true", with: "false")
        #expect(output.contains("rc=5\n" + parts + "valid: 1\na-2.mp4.part\na-3.mp4.part\na.mp4.part\n"), "\(output)")
    }

    @Test("SIGINT: the report says so, and where the rest is", .enabled(if: program != nil))
    func interrupted() async throws {
        let server = OriginServer(root: Shell.root + "/Fixtures/streams")
        server.script["/clear/005.ts"] = .always(.normal.stall(at: 1000))
        try server.start()
        defer { server.stop() }
        // Bash with job control: without it, background jobs ignore interrupts.
        let output = try await Shell.output(
            #"""
            \#(Self.check) cat >run <<'END'
            set -m; "$P" '\#(server.url("/clear/index.m3u8"))' -o a.mp4 -j 1 --fragment-duration 0.1 --report r.json \
                --log-file l --progress json 2>e &
            for turn in $(seq 500); do grep -q '"segments":5' e && break; sleep 0.02; done; grep -c '"running"' r.json; kill -INT $!; wait $!; echo "rc=$?"
            END
            export P; bash run; ls
            check report r.json --show exitStatus result files.0.path segments.done message; check progress e --lines
            tail -n 1 l | cut -d ' ' -f 2-
            """#
        )
        #expect(output.contains("1\nrc=130\na.mp4.part\n"), "\(output)")
        #expect(
            output.contains("exitStatus=130\nresult=\"interrupted\"\nfiles.0.path=\"a.mp4.part\"\nsegments.done=5\n"),
            "\(output)"
        )
        #expect(output.split(separator: "\n").count { $0.hasPrefix("valid: ") } == 2, "\(output)")
        #expect(
            output.hasSuffix("end      exit status 130: stopped; what was written so far is in a.mp4.part and plays\n")
        )
    }

    @Test("tokens, passwords, cookies and keys are in nothing that is written", .enabled(if: program != nil))
    func redacted() async throws {
        let playlist = """
            #EXTM3U
            #EXT-X-TARGETDURATION:1
            #EXT-X-KEY:METHOD=AES-128,URI="data:application/octet-stream;base64,U0VDUkVUU0VDUkVUMTIzNA==",IV=0xABCDEFABCDEFABCDEFABCDEFABCDEFAB
            #EXTINF:1,
            0.ts?token=SECRET1&SECRET2
            #EXTINF:1,
            http://SECRET3:SECRET4@127.0.0.1:1/1.ts?x=SECRET5
            #EXT-X-ENDLIST

            """
        let output = try await run(
            scripts: ["secret.m3u8": .always(.normal.body(playlist)), "0.ts": .always(.normal.status(404))],
            script: #"""
                H=${U#http://}; printf '127.0.0.1\tFALSE\t/\tFALSE\t0\tc\tSECRET6\n' >cookies
                "$P" "http://SECRET7:SECRET8@$H/clear/secret.m3u8?sig=SECRET9" -o a.mp4 -v --report r.json --log-file l \
                    --progress json -H 'Authorization: Bearer SECRETA' --header-for 'x.example=X-Key: SECRETB' --cookies cookies \
                    --on-missing gap --retries 1 2>e; echo "rc=$?"; rm cookies
                "$P" "http://SECRET7:SECRET8@$H/clear/secret.m3u8?sig=SECRET9" -o a.mp4 -v --proxy http://SECRETC:SECRETD@127.0.0.1:1 \
                    --key 5345435245545345435245543132333A --retries 0 --log-file l 2>e2; echo "rc=$?"
                "$P" "http:SECRET7:SECRET8@host/?sig=SECRET9" -o a.mp4 --report r2.json --log-file l 2>e3; echo "rc=$?"
                check report r.json --show input message; check report r2.json --show input
                grep -rlE 'SECRET|U0VD|ABCDEFABCDEF|53454352' .; echo "found: $?"; wc -l <l
                """#
        )
        #expect(output.contains("found: 1\n"), "\(output)")
        #expect(output.contains("clear/secret.m3u8?sig=…\""), "\(output)")
        #expect(output.contains("input=\"http:…\""), "\(output)")
        #expect(output.split(separator: "\n").count { $0 == "valid: 1" } == 2, "\(output)")
    }

    @Test("a report or a log never takes the place of anything else", .enabled(if: program != nil))
    func refused() async throws {
        let output = try await run(
            script: #"""
                cp "$S" in.m3u8; echo film >film.mp4; echo other >other; ln -s film.mp4 link; mkdir folder
                for report in in.m3u8 film.mp4 link a.mp4 ./a.mp4 a.mp4.part folder no/such "$D/a.mp4" /dev/full; do
                    "$P" "$I" -q -o a.mp4 --report "$report" 2>/dev/null; echo "$report rc=$?"; rm -f a.mp4
                done
                for log in in.m3u8 film.mp4 link a.mp4 other no/such folder; do
                    "$P" "$I" -q -o a.mp4 --log-file "$log" 2>/dev/null; echo "$log rc=$?"
                done
                "$P" "$I" -q -o a.mp4 --log-file x --report x; echo "rc=$?"
                "$P" "$I" -q -o - --report /dev/stdout >media; echo "rc=$?"; "$P" "$I" -q -o a.mp4 --report - 2>/dev/null; echo "rc=$?"
                cmp in.m3u8 "$S" && cat film.mp4 other; ls
                """#
        )
        let statuses = output.split(separator: "\n").filter { $0.contains("rc=") }
        #expect(statuses.dropLast().allSatisfy { $0.hasSuffix("rc=8") }, "\(output)")
        #expect(statuses.count == 20 && statuses.last == "rc=64", "\(output)")
        #expect(output.hasSuffix("film\nother\nfilm.mp4\nfolder\nin.m3u8\nlink\nmedia\nother\n"), "\(output)")
    }

    @Test("reports are replaced whole, logs go on; pipes and descriptors work", .enabled(if: program != nil))
    func replaced() async throws {
        let output = try await run(
            script: #"""
                for turn in 1 2; do "$P" "$I" -y -q -o a.mp4 --report r.json --log-file l; done; grep -c begin l; ls
                check report r.json; "$P" "$I" -y -q -o a.mp4 --report /dev/stdout >c.json; check report c.json
                mkfifo pipe; cat pipe >d.json & "$P" "$I" -y -q -o a.mp4 --report pipe; wait; check report d.json
                "$P" "$I" -y -q -o a.mp4 --log-file /dev/stderr 2>&1 | cut -d ' ' -f 2 | head -n 1
                "$P" "$I" -q -o /dev/null --report /dev/null --log-file /dev/null; echo "rc=$?"
                """#
        )
        #expect(
            output == "2\na.mp4\nl\nr.json\nvalid: 1\nvalid: 1\nvalid: 1\nbegin\nrc=0\n",
            "\(output)"
        )
    }

    @Test("quiet events are those that nobody may miss", .enabled(if: program != nil))
    func quiet() async throws {
        let output = try await run(
            scripts: ["002.ts": .always(.normal.status(404))],
            script: #"""
                "$P" "$I" -q -o a.mp4 --on-missing gap --retries 0 --progress json 2>&1 | cut -d , -f 1
                "$P" "$I" -y -o a.mp4 --on-missing gap --retries 0 --progress none 2>&1 | cut -d ' ' -f 1,2
                """#
        )
        // The segment, and the sound that its gap leaves out.
        let lines = output.split(separator: "\n").map(String.init)
        let warnings = ["warning: Media", "warning: Media"]
        let events = ["gap", "warning", "warning", "end"].map { "{\"event\":\"\($0)\"" }
        #expect(lines == events + warnings + ["a.mp4: 0:06,", "hls2mp4: the"], "\(output)")
    }

    @Test("what is no usable input: statuses and names", .enabled(if: program != nil))
    func inputs() async throws {
        let output = try await run(
            scripts: ["to-data.m3u8": .always(.normal.redirect(to: "data:,%23EXTM3U"))],
            script: #"""
                M="$R/Fixtures/streams/multivariant/index.m3u8"
                for input in http:// 'https://u:SECRET@' http://h:99999/x 'http://[::1' http:/x; do
                    "$P" "$input" -q -o a.mp4; echo "rc=$?"
                done
                "$P" "$U/clear/to-data.m3u8" -q -o a.mp4; echo "rc=$?"; "$P" list 'data:,x'; echo "rc=$?"; echo x | "$P" list -
                "$P" list "$M" --video none --audio none | grep -c '^>'
                sed '2i #EXT-X-SESSION-DATA:DATA-ID="com.x.title",VALUE="A film"' "$M" >m.m3u8; "$P" list m.m3u8 | grep 'A film'
                printf '#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-PROGRAM-DATE-TIME:0000-01-01T00:00:00+05:00\n#EXTINF:6,\n' >y.m3u8
                printf 'a.ts\n#EXT-X-ENDLIST\n' >>y.m3u8; "$P" list y.m3u8 --json | grep -o '"startDate":"[^"]*"'
                """#
        )
        let statuses = output.split(separator: "\n").filter { $0.hasPrefix("rc=") }
        #expect(statuses == ["rc=64", "rc=64", "rc=64", "rc=64", "rc=64", "rc=4", "rc=4"], "\(output)")
        #expect(!output.contains("SECRET") && !output.contains("stdin:"), "\(output)")
        #expect(output.contains("(data:…)\n") && output.contains("(standard input)\n"), "\(output)")
        #expect(output.contains("data: URLs are not fetched"), "\(output)")
        #expect(output.contains("leave everything out\n0\n") || output.contains("0\nhls2mp4: nothing"), "\(output)")
        #expect(output.hasSuffix("  title  A film\n\"startDate\":\"-0001-12-31T19:00:00Z\"\n"), "\(output)")
    }
}
