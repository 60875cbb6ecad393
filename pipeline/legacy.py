"""bytes -> text: the single-byte encodings Vietnamese was written in before Unicode.

TCVN3 (ABC) from TCVN 5712:1993 as the .VnTime fonts use it; VISCII from RFC 1456; VNI as Windows fonts use it, a
base letter followed by a byte for its mark; windows-1258 by Python's codec, with its combining tones.
"""

from unicodedata import normalize

from pipeline.patterns import lazy_pattern

_TCVN3 = {
    0xA1: "Ă", 0xA2: "Â", 0xA3: "Ê", 0xA4: "Ô", 0xA5: "Ơ", 0xA6: "Ư", 0xA7: "Đ", 0xA8: "ă", 0xA9: "â",
    0xAA: "ê", 0xAB: "ô", 0xAC: "ơ", 0xAD: "ư", 0xAE: "đ", 0xB5: "à", 0xB6: "ả", 0xB7: "ã", 0xB8: "á",
    0xB9: "ạ", 0xBB: "ằ", 0xBC: "ẳ", 0xBD: "ẵ", 0xBE: "ắ", 0xC6: "ặ", 0xC7: "ầ", 0xC8: "ẩ", 0xC9: "ẫ",
    0xCA: "ấ", 0xCB: "ậ", 0xCC: "è", 0xCE: "ẻ", 0xCF: "ẽ", 0xD0: "é", 0xD1: "ẹ", 0xD2: "ề", 0xD3: "ể",
    0xD4: "ễ", 0xD5: "ế", 0xD6: "ệ", 0xD7: "ì", 0xD8: "ỉ", 0xDC: "ĩ", 0xDD: "í", 0xDE: "ị", 0xDF: "ò",
    0xE1: "ỏ", 0xE2: "õ", 0xE3: "ó", 0xE4: "ọ", 0xE5: "ồ", 0xE6: "ổ", 0xE7: "ỗ", 0xE8: "ố", 0xE9: "ộ",
    0xEA: "ờ", 0xEB: "ở", 0xEC: "ỡ", 0xED: "ớ", 0xEE: "ợ", 0xEF: "ù", 0xF1: "ủ", 0xF2: "ũ", 0xF3: "ú",
    0xF4: "ụ", 0xF5: "ừ", 0xF6: "ử", 0xF7: "ữ", 0xF8: "ứ", 0xF9: "ự", 0xFA: "ỳ", 0xFB: "ỷ", 0xFC: "ỹ",
    0xFD: "ý", 0xFE: "ỵ",
}  # fmt: skip

# RFC 1456: six capitals stand among the control characters, the rest fill 80-FF.
_VISCII_LOW = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
_VISCII_HIGH = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡư"
    "àáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)

# VNI: what the byte after a base letter makes of it, in NFD marks; a few letters have bytes of their own.
VNI_MARKS = {
    0xF8: "\u0300", 0xF9: "\u0301", 0xFB: "\u0309", 0xF5: "\u0303", 0xEF: "\u0323",
    0xE2: "\u0302", 0xE1: "\u0302\u0301", 0xE0: "\u0302\u0300", 0xE5: "\u0302\u0309", 0xE3: "\u0302\u0303",
    0xE4: "\u0302\u0323", 0xEA: "\u0306", 0xE9: "\u0306\u0301", 0xE8: "\u0306\u0300", 0xFA: "\u0306\u0309",
    0xFC: "\u0306\u0303", 0xEB: "\u0306\u0323",
}  # fmt: skip
_VNI_LETTERS = {
    0xF1: "đ", 0xF4: "ơ", 0xF6: "ư", 0xED: "í", 0xEC: "ì", 0xE6: "ỉ", 0xF3: "ĩ", 0xF2: "ị", 0xEE: "ỵ",
    0xD1: "Đ", 0xD4: "Ơ", 0xD6: "Ư", 0xCD: "Í", 0xCC: "Ì", 0xC6: "Ỉ", 0xD3: "Ĩ", 0xD2: "Ị", 0xCE: "Ỵ",
}  # fmt: skip
_VNI_MARKED = "aeouyAEOUYơưƠƯ"


_LOST_HORN_RE = lazy_pattern("(?<![ưƯ])([ơờớởỡợ])(?=c|ng)")


def decode_tcvn3(source: bytes) -> str | None:
    """Decode TCVN3; None when a byte has no meaning in it.

    Its ư is the byte of the soft hyphen, which programs lose; no word has `ơc` or `ơng` without it ('níc' is nước).
    """
    text = _decode_table(source, _TCVN3)
    return text and _LOST_HORN_RE.sub("ư\\1", text)


def decode_viscii(source: bytes) -> str | None:
    """Decode VISCII; every byte above 7F has a meaning."""
    table = _VISCII_LOW | dict(zip(range(0x80, 0x100), _VISCII_HIGH, strict=True))
    return _decode_table(source, table)


def decode_vni(source: bytes) -> str | None:
    """Decode VNI: a letter and the byte of its mark; None when a mark stands on no letter."""
    text: list[str] = []
    for byte in source:
        if byte < 0x80:
            text.append(chr(byte))
        elif byte in _VNI_LETTERS:
            text.append(_VNI_LETTERS[byte])
        else:
            marks = VNI_MARKS.get(byte) or VNI_MARKS.get(byte + 0x20)
            if marks is None or not text or text[-1] not in _VNI_MARKED:
                return None
            text[-1] = normalize("NFC", text[-1] + marks)
    return "".join(text)


def decode_cp1258(source: bytes) -> str | None:
    """Decode windows-1258 and compose its combining tones."""
    try:
        return normalize("NFC", source.decode("cp1258"))
    except UnicodeDecodeError:
        return None


def _decode_table(source: bytes, table: dict[int, str]) -> str | None:
    text = []
    for byte in source:
        character = table.get(byte) or (chr(byte) if byte < 0x80 else None)
        if character is None:
            return None
        text.append(character)
    return "".join(text)
