import OriginServer

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

// serve-fixtures [--port N] [--port-file F] DIR: serves a folder on 127.0.0.1, prints its URL, and ends on SIGTERM or SIGINT.

/// Ends the process with a message on stderr.
func fail(_ message: String, status: Int32) -> Never {
    // Not `stderr`: a global that C may change is no safe reference in Swift 6.
    let line = Array("serve-fixtures: \(message)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(status)
}

let usage = "usage: serve-fixtures [--port N] [--port-file FILE] DIR"
var options = OriginServer.Options()
var portFile: String?
var folder: String?
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
    switch argument {
    case "--port":
        guard let port = arguments.popFirst().flatMap({ UInt16($0) }) else { fail(usage, status: 64) }
        options.port = port
    case "--port-file":
        guard let file = arguments.popFirst() else { fail(usage, status: 64) }
        portFile = file
    case _ where argument.hasPrefix("-") || folder != nil:
        fail(usage, status: 64)
    default:
        folder = argument
    }
}
guard let folder else { fail(usage, status: 64) }
guard opendir(folder) != nil else { fail("\(folder) is not a folder that can be read", status: 66) }

// Blocked before the server's threads start, so that they inherit it and sigwait below gets the signal.
var signals = sigset_t()
sigemptyset(&signals)
sigaddset(&signals, SIGINT)
sigaddset(&signals, SIGTERM)
pthread_sigmask(SIG_BLOCK, &signals, nil)

let server = OriginServer(root: folder, options: options)
do { try server.start() } catch { fail("cannot listen on port \(options.port): \(error)", status: 71) }

if let portFile {
    // Written under another name first: who waits for the file never reads half a number.
    let partial = portFile + ".part"
    guard let file = fopen(partial, "w") else { fail("cannot write \(portFile)", status: 73) }
    fputs("\(server.port)\n", file)
    fclose(file)
    guard rename(partial, portFile) == 0 else { fail("cannot write \(portFile)", status: 73) }
}
print(server.baseURL + "/")
fflush(nil)

var signal: Int32 = 0
sigwait(&signals, &signal)
server.stop()
