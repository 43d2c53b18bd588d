import CFFmpeg

/// A failed libav call: its code, the C function's name and libav's own words.
struct FFmpegError: Error, Equatable, CustomStringConvertible {
    let code: Int32
    /// The C function, as spelled in the headers.
    let function: String

    /// libav's text for the code (`av_strerror`).
    var text: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard av_strerror(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return buffer.withUnsafeBufferPointer { pointer in
            pointer.baseAddress.map { String(cString: $0) } ?? "error \(code)"
        }
    }

    var description: String { "\(function): \(text)" }

    /// Throws unless `code` says success (0 or more); returns the code.
    @discardableResult
    static func check(_ code: Int32, _ function: String) throws(FFmpegError) -> Int32 {
        guard code >= 0 else { throw FFmpegError(code: code, function: function) }
        return code
    }

    /// The error of an allocation that returned NULL.
    static func outOfMemory(_ function: String) -> FFmpegError {
        FFmpegError(code: Int32(sh_AVERROR_ENOMEM), function: function)
    }
}
