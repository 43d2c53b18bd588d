import CFFmpeg
import Decryption

/// Stands before the reader of a stream and decrypts its payloads (METHOD=SAMPLE-AES in transport streams and packed audio).
protocol SampleAESReader: StreamReader {
    /// What opens the payloads that are given from now on; `nil`: they are clear.
    var keys: SampleKeys? { get set }
}

/// The readers there are.
enum SampleAESReaders {
    /// A reader with decryption in front of it, where that is needed from now on.
    ///
    /// - Parameters:
    ///   - reader: with or without decryption in front of it.
    ///   - keys: what opens the next payloads; `nil`: they are clear.
    /// - Throws: ``RemuxError`` with code `key` for a codec that SAMPLE-AES does not know.
    static func reader(
        _ reader: any StreamReader,
        of codec: AVCodecID,
        opening keys: SampleKeys?
    ) throws(RemuxError) -> any StreamReader {
        if let reader = reader as? any SampleAESReader {
            reader.keys = keys
            return reader
        }
        guard let keys else { return reader }
        let decrypting = try decrypting(reader, codec)
        decrypting.keys = keys
        return decrypting
    }

    private static func decrypting(
        _ reader: any StreamReader,
        _ codec: AVCodecID
    ) throws(RemuxError) -> any SampleAESReader {
        switch codec {
        case AV_CODEC_ID_H264: return SampleAESVideoReader(before: reader)
        case AV_CODEC_ID_AAC: return SampleAESAudioReader(.adts, before: reader)
        case AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3: return SampleAESAudioReader(.dolby, before: reader)
        default:
            let name = String(cString: avcodec_get_name(codec))
            throw RemuxError(
                .key,
                "its samples are encrypted (SAMPLE-AES), which for \(name) in this container is not defined",
                context: RemuxError.Context(stage: "Decrypt")
            )
        }
    }
}

/// The cipher of a stream, made again only where the key changes. Confined to the thread `remux`.
struct StreamCipher {
    private var key: DecryptionKey?
    private var cipher: SampleCipher?

    /// The cipher for a segment's keys, and where each protected part starts.
    ///
    /// - Throws: ``RemuxError`` with code `key`.
    mutating func cipher(for keys: SampleKeys) throws(RemuxError) -> (SampleCipher, InitializationVector) {
        guard keys.method == .chaining, let vector = keys.vector else {
            throw RemuxError(
                .key,
                "its samples are encrypted with SAMPLE-AES-CTR, which is defined for fragmented MP4 only",
                context: RemuxError.Context(stage: "Decrypt")
            )
        }
        let wanted = try keys.key()
        if let cipher, key === wanted { return (cipher, vector) }
        do {
            let fresh = try SampleCipher(key: wanted, mode: .chaining)
            (key, cipher) = (wanted, fresh)
            return (fresh, vector)
        } catch {
            throw RemuxError(.key, "\(error)", context: RemuxError.Context(stage: "Decrypt"), underlying: error)
        }
    }
}
