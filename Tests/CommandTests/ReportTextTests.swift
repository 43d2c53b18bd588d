import Testing

@testable import Remux
@testable import hls2mp4

@Suite struct ReportTextTests {
    @Test("untrusted texts are JSON and harm no terminal")
    func untrusted() {
        var summary = RemuxSummary()
        summary.input = "a\u{1b}]0;x\u{7}\"\\\u{202e}\u{E0041}\n"
        summary.warnings = ["\u{9b}2J"]
        let text = RunReport(startedAt: UTCTime(milliseconds: 0), outputPath: nil, summary: summary).json.indentedText
        #expect(text.contains(#""input": "a\u001b]0;x\u0007\"\\\u202e\udb40\udc41\u000a""#))
        #expect(text.contains(#""\u009b2J""#))
        #expect(text.hasPrefix("{\n  \(RunReport.signature),\n  \"version\": 1,"))
        #expect(text.contains("\"state\": \"running\"") && text.contains("\"exitStatus\": null"))
    }

    @Test("numbers beyond what the types hold stay numbers")
    func numbers() {
        var summary = RemuxSummary()
        (summary.receivedBytes, summary.elapsedSeconds) = (.max, 0.0004)
        let text = RunReport(startedAt: UTCTime(milliseconds: 0), outputPath: "o", summary: summary).json.text
        #expect(text.contains("\"received\":18446744073709551615") && text.contains("\"elapsed\":0.0}"))
    }

    @Test(
        "times in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (1_795_512_245_007, "2026-11-24T09:24:05.007Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        ]
    )
    func times(_ milliseconds: Int64, _ expected: String) {
        #expect("\(UTCTime(milliseconds: milliseconds))" == expected)
    }

    @Test("a session remembers so many warnings, and counts the rest")
    func warnings() {
        let (_, events) = AsyncStream.makeStream(of: RemuxEvent.self, bufferingPolicy: .bufferingNewest(0))
        let status = SessionStatus(events: events)
        for number in 0..<1010 { status.warn("\(number)") }
        #expect(status.summary.warnings.count == RemuxSummary.maximumWarningCount)
        #expect(status.summary.warnings.last == "999")
        #expect(status.summary.omittedWarningCount == 10)
    }

    @Test("the peak of memory, as Linux says it")
    func memory() {
        #expect(ProcessMemory.highWaterMark(of: "Name:\tx\nVmPeak:\t  99 kB\nVmHWM:\t   1234 kB\n") == 1_263_616)
        #expect(ProcessMemory.highWaterMark(of: "VmHWM:\t18446744073709551615 kB\n") == 0)
        #expect(ProcessMemory.highWaterMark(of: "VmHWM:\n") == 0)
        #expect(ProcessMemory.peakResidentBytes > 1 << 20)
    }

    @Test(
        "inputs in reports",
        arguments: [
            ("https://u:p@example.com/a?b=c&d", "https://…@example.com/a?b=…&…"), ("folder/a?b=c.m3u8", "folder/a?b=c.m3u8"),
            ("-", "-"), ("data:,#EXTM3U", "data:…"), ("HTTP://u:p@", "HTTP://"), ("http:u:p@host/x?y", "http:…"),
            ("/a:b", "/a:b"), ("http://h:99999/?k=v", "http://h:99999/?k=…"),
        ]
    )
    func inputs(_ input: String, _ expected: String) {
        #expect(SessionInput.redacted(input) == expected)
    }
}
