import Synchronization
import Testing
import Threading

@testable import Remux

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Whatever runs and other programs do to `OUT` and `OUT.part`, a run that says it is complete has put its own bytes under
/// `OUT`.
@Suite struct FileSinkTests {
    private func makeSink(
        _ folder: SinkFolder,
        overwrites: Bool = false,
        restarts: Bool = false
    ) throws(SinkError) -> FileSink {
        try FileSink(path: folder["out"], overwrites: overwrites, restarts: restarts)
    }

    private func write(_ text: String, to sink: FileSink) throws {
        try Array(text.utf8).withUnsafeBytes { try sink.write($0) }
    }

    @Test("a .part that is being written is not discarded, and its run completes")
    func busy() throws {
        let folder = try SinkFolder()
        let live = try makeSink(folder)
        try write("live", to: live)
        #expect(throws: SinkError.partExists(path: folder["out.part"])) { try makeSink(folder) }
        #expect(throws: SinkError.partBusy(path: folder["out.part"])) { try makeSink(folder, restarts: true) }
        try write(" and well", to: live)
        try live.finish()
        #expect(folder.text("out") == "live and well")
        #expect(folder.names == ["out"])
    }

    @Test("a .part that nobody writes is discarded, not emptied: it may be a finished output under a second name")
    func discarded() throws {
        let folder = try SinkFolder()
        try write("first", to: makeSink(folder))
        #expect(link(folder["out.part"], folder["kept"]) == 0)
        let second = try makeSink(folder, restarts: true)
        try write("second", to: second)
        try second.finish()
        #expect(folder.text("out") == "second")
        #expect(folder.text("kept") == "first")
        #expect(folder.names == ["kept", "out"])
    }

    @Test(
        "another program's file at the .part is neither renamed nor removed",
        arguments: [false, true],
        [false, true]
    )
    func replaced(_ overwrites: Bool, _ isGone: Bool) throws {
        let folder = try SinkFolder()
        let sink = try makeSink(folder, overwrites: overwrites)
        try write("ours", to: sink)
        unlink(folder["out.part"])
        if !isGone { folder.write("foreign", to: "out.part") }
        #expect(throws: SinkError.partReplaced(path: folder["out.part"])) { try sink.finish() }
        #expect(folder.text("out") == nil)
        #expect(folder.text("out.part") == (isGone ? nil : "foreign"))
    }

    @Test("a run that wrote nothing removes its own .part only")
    func aborted() throws {
        let folder = try SinkFolder()
        try makeSink(folder).abort()
        #expect(folder.names == [])
        let replaced = try makeSink(folder)
        unlink(folder["out.part"])
        folder.write("foreign", to: "out.part")
        try replaced.abort()
        #expect(folder.text("out.part") == "foreign")
    }

    @Test(
        "what is no file at the .part is refused, and no link is followed",
        arguments: ["link", "nowhere", "pipe", "folder"]
    )
    func noFile(_ kind: String) throws {
        let folder = try SinkFolder()
        folder.write("precious", to: "target")
        switch kind {
        case "link": symlink(folder["target"], folder["out.part"])
        case "nowhere": symlink(folder["new"], folder["out.part"])
        case "pipe": mkfifo(folder["out.part"], 0o600)
        default: mkdir(folder["out.part"], 0o700)
        }
        let names = folder.names
        for restarts in [false, true] {
            #expect(throws: SinkError.partIsNoFile(path: folder["out.part"])) {
                try makeSink(folder, restarts: restarts)
            }
            // Without the check that comes first, too.
            #expect(
                throws: restarts
                    ? .partIsNoFile(path: folder["out.part"]) : SinkError.partExists(path: folder["out.part"])
            ) {
                _ = try PartFile(path: folder["out.part"], restarts: restarts)
            }
        }
        #expect(folder.names == names)
        #expect(folder.text("target") == "precious")
    }

    @Test("a link that leads nowhere is an output that exists")
    func danglingLink() throws {
        let folder = try SinkFolder()
        symlink(folder["nowhere"], folder["out"])
        #expect(throws: SinkError.exists(path: folder["out"])) { try makeSink(folder) }
        #expect(folder.names == ["out"])
        let sink = try makeSink(folder, overwrites: true)
        try write("new", to: sink)
        try sink.finish()
        #expect(folder.text("out") == "new")
        #expect(folder.names == ["out"])
    }

    private final class Winners: Sendable {
        let names = Mutex<[String]>([])
    }

    @Test("of runs that start at once, each discarding what it finds, the one that completes has its bytes in OUT")
    func race() async throws {
        var completed = 0
        for round in 0..<30 {
            let folder = try SinkFolder()
            folder.write("old", to: "out.part")
            let winners = Winners()
            let threads = try (0..<6).map { number in
                try DedicatedThread(name: "run") { [self] in
                    do {
                        let sink = try makeSink(folder, restarts: true)
                        try write("run \(number)", to: sink)
                        try sink.finish()
                        winners.names.withLock { $0.append("run \(number)") }
                    } catch {}
                }
            }
            for thread in threads { await thread.value }
            let names = winners.names.withLock { $0 }
            #expect(names.count <= 1, "round \(round)")
            #expect(folder.text("out") == names.first)
            completed += names.count
        }
        #expect(completed > 0)
    }
}
