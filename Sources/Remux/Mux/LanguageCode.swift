/// The language of a track as `mdhd` holds it: an ISO 639-2/T code (ISO/IEC 14496-12 §8.4.2).
enum LanguageCode {
    /// The code for an RFC 5646 tag: its primary language, `und` where that has none.
    static func iso639(of tag: String) -> String {
        let primary = tag.prefix { $0 != "-" && $0 != "_" }.lowercased()
        guard primary.utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }) else { return "und" }
        switch primary.utf8.count {
        case 2: return twoLetters[primary] ?? "und"
        case 3: return primary
        default: return "und"
        }
    }

    /// ISO 639-1 to ISO 639-2/T: two letters, then three.
    private static let twoLetters: [String: String] = {
        let table = """
            aaaar ababk aeave afafr akaka amamh anarg arara asasm avava ayaym azaze babak bebel bgbul bibis bmbam
            bnben bobod brbre bsbos cacat ceche chcha cocos crcre csces cuchu cvchv cycym dadan dedeu dvdiv dzdzo
            eeewe elell eneng eoepo esspa etest eueus fafas ffful fifin fjfij fofao frfra fyfry gagle gdgla glglg
            gngrn guguj gvglv hahau heheb hihin hohmo hrhrv hthat huhun hyhye hzher iaina idind ieile igibo iiiii
            ikipk ioido isisl itita iuiku jajpn jvjav kakat kgkon kikik kjkua kkkaz klkal kmkhm knkan kokor krkau
            kskas kukur kvkom kwcor kykir lalat lbltz lglug lilim lnlin lolao ltlit lulub lvlav mgmlg mhmah mimri
            mkmkd mlmal mnmon mrmar msmsa mtmlt mymya nanau nbnob ndnde nenep ngndo nlnld nnnno nonor nrnbl nvnav
            nynya ococi ojoji omorm orori ososs papan pipli plpol pspus ptpor quque rmroh rnrun roron rurus rwkin
            sasan scsrd sdsnd sesme sgsag shhbs sisin skslk slslv smsmo snsna sosom sqsqi srsrp ssssw stsot susun
            svswe swswa tatam tetel tgtgk ththa titir tktuk tltgl tntsn toton trtur tstso tttat twtwi tytah uguig
            ukukr ururd uzuzb veven vivie vovol wawln wowol xhxho yiyid yoyor zazha zhzho zuzul
            """
        let pairs = table.split(whereSeparator: { $0 == " " || $0 == "\n" }).map {
            (String($0.prefix(2)), String($0.dropFirst(2)))
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }()
}
