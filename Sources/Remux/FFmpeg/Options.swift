import CFFmpeg

/// Options for a libav call; one that libav did not take is a mistake of ours and is reported.
struct Options: ~Copyable {
    /// Invariant: owned by this value alone, freed in `deinit`; libav may replace it during a call.
    private var dictionary: OpaquePointer?

    init(_ entries: KeyValuePairs<String, String>) throws(FFmpegError) {
        for (key, value) in entries {
            try FFmpegError.check(av_dict_set(&dictionary, key, value, 0), "av_dict_set")
        }
    }

    /// Adds an option, or replaces it.
    mutating func set(_ key: String, _ value: String) throws(FFmpegError) {
        try FFmpegError.check(av_dict_set(&dictionary, key, value, 0), "av_dict_set")
    }

    deinit {
        var dictionary = dictionary
        av_dict_free(&dictionary)
    }

    /// Runs a libav call that takes `AVDictionary **` and checks its result and that every option was consumed.
    mutating func pass(
        to function: String,
        _ call: (UnsafeMutablePointer<OpaquePointer?>) -> Int32
    ) throws(FFmpegError) {
        try FFmpegError.check(call(&dictionary), function)
        if av_dict_count(dictionary) > 0 {
            throw FFmpegError(code: Int32(sh_AVERROR_INVALIDDATA), function: function + " (option not known)")
        }
    }
}
