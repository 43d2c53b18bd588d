/// A box (ISO/IEC 14496-12 §4.2): a type and either a payload or child boxes.
struct Box: Equatable {
    var type: FourCC
    /// Bytes after the header; for a container those before its first child (none in the containers read here).
    var payload: [UInt8] = []
    var children: [Box] = []

    /// The containers whose children are read; every other box keeps its payload as it is.
    static let containers: Set<FourCC> = ["moov", "trak", "mdia", "minf", "stbl", "edts", "mvex", "moof", "traf"]

    init(type: FourCC, payload: [UInt8] = [], children: [Box] = []) {
        self.type = type
        self.payload = payload
        self.children = children
    }

    /// Containers in containers, from `moov` down; deeper ones keep their payload as it is.
    private static let maximumDepth = 8

    /// Reads one whole box with a 32-bit size; `nil` when sizes contradict each other.
    init?(_ bytes: ArraySlice<UInt8>) { self.init(bytes, depth: 0) }

    private init?(_ bytes: ArraySlice<UInt8>, depth: Int) {
        guard let size = bytes.read32(at: 0), let code = bytes.read32(at: 4), Int(size) == bytes.count else {
            return nil
        }
        type = FourCC(code)
        guard Self.containers.contains(type), depth < Self.maximumDepth else {
            payload = Array(bytes.dropFirst(8))
            return
        }
        var rest = bytes.dropFirst(8)
        while !rest.isEmpty {
            guard let childSize = rest.read32(at: 0), childSize >= 8, Int(childSize) <= rest.count,
                let child = Box(rest.prefix(Int(childSize)), depth: depth + 1)
            else { return nil }
            children.append(child)
            rest = rest.dropFirst(Int(childSize))
        }
    }

    /// Bytes of the box as it is written.
    var size: Int { 8 + payload.count + children.reduce(0) { $0 + $1.size } }

    /// Appends the box to `bytes`, calling `visit` with each box and the offset of its payload in `bytes`.
    func write(to bytes: inout [UInt8], visit: (Box, Int) -> Void = { _, _ in }) {
        bytes.append32(UInt32(clamping: size))
        bytes.append(code: type)
        visit(self, bytes.count)
        bytes += payload
        for child in children { child.write(to: &bytes, visit: visit) }
    }

    /// Changes the first box along a path of types, if it is there.
    mutating func change(path: ArraySlice<FourCC>, _ change: (inout Box) -> Void) {
        guard let type = path.first else { return change(&self) }
        guard let index = children.firstIndex(where: { $0.type == type }) else { return }
        children[index].change(path: path.dropFirst(), change)
    }

    /// The first child of this type.
    func first(_ type: FourCC) -> Box? { children.first { $0.type == type } }

    /// The first box along a path of types.
    func first(path: FourCC...) -> Box? {
        path.reduce(self as Box?) { $0?.first($1) }
    }
}
