#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Where `--report` goes: a file is replaced as a whole, and only by a newer report; pipes and devices are written to once.
struct ReportFile: Sendable {
    /// Links resolved.
    private let path: String
    private let isRegular: Bool

    /// - Throws: ``SideFileError`` where something stands there that is no report.
    init(path: String) throws(SideFileError) {
        guard FilePlace.descriptor(named: path) == nil else {
            self.path = path
            isRegular = false
            return
        }
        guard let status = FilePlace.status(of: path) else {
            self.path = path
            isRegular = true
            return
        }
        isRegular = FilePlace.isRegular(status)
        if let real = realpath(path, nil) {
            self.path = String(cString: real)
            free(real)
        } else {
            self.path = path
        }
        try check()
    }

    /// Writes that the run has begun: a report of an earlier one is no longer true, and a file that cannot be written shows
    /// before the work, not behind it.
    func begin(_ report: RunReport) throws(SideFileError) {
        if isRegular { try write(report) }
    }

    /// Replaces the file.
    ///
    /// - Throws: ``SideFileError``; what stood there still does.
    func write(_ report: RunReport) throws(SideFileError) {
        let bytes = Array((report.json.indentedText + "\n").utf8)
        guard isRegular else { return try writeDirectly(bytes) }
        try check()
        // Beside it, so that it can be renamed; never over another file.
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .system("the report cannot be written:", temporary) }
        let isWritten = FilePlace.write(bytes, to: descriptor) && fsync(descriptor) == 0
        let failure = isWritten ? nil : SideFileError.system("the report cannot be written:", temporary)
        close(descriptor)
        if failure == nil, rename(temporary, path) == 0 { return }
        let error = failure ?? .system("the report cannot be written:", path)
        unlink(temporary)
        throw error
    }

    /// A slip of the hand must not cost a film.
    private func check() throws(SideFileError) {
        guard isRegular, let status = FilePlace.status(of: path) else {
            if FilePlace.status(of: path)?.st_mode ?? 0 & S_IFMT == S_IFDIR {
                throw SideFileError("--report: \(path) is a folder")
            }
            return
        }
        guard FilePlace.isRegular(status) else { throw SideFileError("--report: \(path) is no file any more") }
        guard status.st_size > 0, !FilePlace.head(of: path, count: 200).contains(RunReport.signature) else { return }
        throw SideFileError("--report: \(path) is there and is no report; name another file, or remove it")
    }

    private func writeDirectly(_ bytes: [UInt8]) throws(SideFileError) {
        if let number = FilePlace.descriptor(named: path) {
            guard FilePlace.write(bytes, to: number) else { throw .system("the report cannot be written:", path) }
            return
        }
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("the report cannot be written:", path) }
        defer { close(descriptor) }
        guard FilePlace.write(bytes, to: descriptor) else { throw .system("the report cannot be written:", path) }
    }
}
