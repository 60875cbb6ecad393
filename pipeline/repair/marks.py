"""counts of characters -> what each is worth: marks and emoji the counts are too small to know.

Each row is (log of a count, the characters); a character counted more often keeps its own count.
"""

from math import log
from unicodedata import category

MARKS: tuple[tuple[float, str], ...] = (
    (7.0, "“”’—…•→·"),
    (5.4, "–"),
    (6.0, "‘×✅─│├└←≥≤°\u00a0\ufe0f"),
    (5.7, "∞ℝ"),
    (5.4, "₁₂₀ᵢ∏🎓「」"),
    (4.7, "『』【】《》ℕℤℚℂ、。（）：；，？！"),
    (5.0, "┌┐┘┬┴┤┼↓↑↔⇒≈≠±√∑∞∈²³❌⚠⭐⚡✓✔■●▼►▶«»¿¡§©®™€£½÷µ\u200d"),
    (4.0, "═║╔╗╚╝╠╣╦╩╬━┃░▒▓█▪◆◇○□▲△▽∂∇∫∀∃∅⊂⊆∪∩∧∨¬⊗⊕⊙∘⟨⟩⇐⇔↦⟶↗↘↩⌊⌋⌈⌉∉∝∥⊥≡≪≫"),
    (4.0, "₃₄₅₆₇₈₉₊₋₌ₐₑₒₓₕₖₗₘₙₚₛₜⱼᵣᵤᵥ⁰¹⁴⁵⁶⁷⁸⁹⁺⁻⁼ⁿⁱᵀᵗʰˢᵈ‖‑‐„‚‹›′″†‡‰≅∼⟹⟺⟵➜➡➔⬆⬇⬅★☆✗✘✖✕☑☐❓❗❤①②③④⑤⑥⑦⑧⑨"),
    (3.0, "āīūṛṅñṭḍṇśṣḥḷṃ"),  # transliteration of Pali, Sanskrit, Arabic
    (5.0, "αβγδεθλμπρσφωΔΣΩ"),
    (4.0, "ζηικνξτυχψΓΘΛΞΠΦΨϵφ"),
    (4.5, "🚀🎯📚📖🔍💡📌📊📈🤖🔥🎉🧠🔧🛠🏗🏠📝📁📂📄🎓👉👍🐍🧪🔗🌐"),
    (4.0, "📉📅📋🔄🔢🔑🔒🛡⚙🧭🧩📦📐📏🎨🌟✨💻🖥📱🌍🌏👨👩👥🙏😊😂🤔🤝💬🗂🏆🎁🧮🔬⚖🏛🎛🔮🏋👀💪🙌📣📢🔔⏱⏰⌛⏳💰"),
    (4.0, "📍📎🔐🔎🔁🏁🏭🐛🎭🎲🌱🌳"),
    (3.0, "🥇🥈🥉🏁🚩🚧🚨🛑🚫⛔🔴🟢🟡🔵🟠🟣⚪⚫🔶🔷🔹🔸👇👆👈✋👋👏😀😃😄😁😅😆😉😍😎🥳🤓🤗🤷😢😭😡❄☀🌈🌱🌲"),
    (3.0, "🌳🍀🍎🐛🐞🐧🐳🦜🦀🐼🎮🎬🎥📷📸🎤🎧🎵🎶📞📧📨📩📤📥📜📃📑🗑🗓🗃🖊✏✍🖼🗣🗺🧰🧱🧬🧹🔩🔨⚒🏢🏫🏭🚗🚦"),
    (3.0, "✈🛰🛢🪄🪙💎💾💿🔋🔌🔎🔐🔓🔀🔁🔃🔙🔜🔝🆕🆓🆗ℹ🇻🇳🇺🇸🇬🇧🎲🎈🎀🏅🥅⚽♻☁☕✌☎☝✉✂♥♦♠♣♪♫☺☹"),
    (0.0, "\u0300\u0301\u0303\u0309\u0323"),  # the tones of Vietnamese, where each is a mark of its own
)  # fmt: skip

# A capital is worth this share of its small letter at least.
CAPITALS = 0.1


def character_worths(counts: dict[str, float]) -> dict[str, float]:
    """Return the log-worth of each character counted, and of the marks above.

    >>> character_worths({'ł': 99.0})['ł'] > character_worths({'ł': 99.0})['Ł'] > 0
    True
    """
    worths = mark_worths()
    capitals = {c.upper(): n for c, n in counts.items() if c.islower() and len(c.upper()) == 1}
    for character in {**counts, **capitals}:
        count = counts.get(character, 0.0) + CAPITALS * capitals.get(character, 0.0)
        if count > 0.01 and (category(character)[0] != "C" or character in "\u200d\ufe0f"):
            worths[character] = max(log(count + 1), worths.get(character, 0.0))
    return worths


def mark_worths() -> dict[str, float]:
    """Return each mark's log-worth, the highest of its rows.

    >>> mark_worths()['→']
    7.0
    """
    worths: dict[str, float] = {}
    for worth, characters in MARKS:
        for character in characters:
            worths[character] = max(worth, worths.get(character, 0.0))
    return worths
