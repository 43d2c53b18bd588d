/// libFuzzer's entry point: called once for each input. A broken invariant traps, so that the input is kept.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do {
        try EncryptionInvariants.checkWalkers(bytes)
    } catch {
        fatalError(error.description)
    }
    return 0
}
