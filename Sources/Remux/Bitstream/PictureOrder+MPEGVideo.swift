extension PictureOrder {
    /// Reads the first picture header (ISO/IEC 13818-2 §6.2.3) of an access unit; `nil` where there is none. Counts begin anew
    /// with a group of pictures.
    init?(mpegVideo unit: UnsafeRawBufferPointer) {
        var restarts = false
        var index = 0
        while index + 5 < unit.count {
            guard unit[index] == 0, unit[index + 1] == 0, unit[index + 2] == 1 else {
                index += 1
                continue
            }
            switch unit[index + 3] {
            case 0x00:
                count = Int(unit[index + 4]) << 2 | Int(unit[index + 5]) >> 6
                self.restarts = restarts
                return
            case 0xB8: restarts = true
            case 0x01...0xAF: return nil
            default: break
            }
            index += 4
        }
        return nil
    }
}
