import Dispatch
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Runs the program that was built beside the tests, as a user does.
enum Shell {
    /// The package.
    static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")

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

    /// What a script prints, on either descriptor, in a folder of its own; `$P` is the program, `$R` the package, `$S` a
    /// stream.
    static func output(_ script: String) async throws -> String {
        let program = try #require(program)
        let whole = """
            exec 2>&1; P='\(program)'; R='\(root)'; S="$R/Fixtures/streams/clear/index.m3u8"
            D=$(mktemp -d) && cd "$D" || exit; \(script)
            cd /; rm -r "$D"
            """
        // Not on a thread that the other tests' tasks need.
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: text(of: whole)) }
        }
    }

    private static func text(of script: String) -> String {
        guard let pipe = popen(script, "r") else { return "popen failed" }
        defer { pclose(pipe) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
