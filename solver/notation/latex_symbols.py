r"""Which characters pdfLaTeX can print with Latin Modern, and how: the tables of `latex_text`.

Found by trying, and held by a test that compiles every one of them: T1 and TS1 have the letters of European languages
that are written in Latin, T5 those of Vietnamese; Greek letters and signs come from the mathematical fonts. There is no
Cyrillic, and no other script.
"""

from __future__ import annotations

from typing import Final

ASCII: Final = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "`": r"\textasciigrave{}", "'": r"\textquotesingle{}",
    '"': r"\textquotedbl{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    # After \\ or \item these would be read as an argument.
    "[": "{[}", "]": "{]}", "*": "{*}",
}  # fmt: skip
"""ASCII characters that TeX would obey, or print as another one; all others stand for themselves."""

LETTERS: Final = frozenset(
    "¡£§¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
    "ĀāĂăĄąĆćĈĉĊċČčĎďđĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĨĩĪīĬĭĮįİıĲĳĴĵĶķĹĺĻļĽľŁłŃńŅņŇňŊŋŌōŎŏŐőŒœŔŕŖŗŘřŚśŜŝŞşŠš"
    "ŢţŤťŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžǍǎǏǐǑǒǓǔǦǧǨǩǪǫǰǴǵȘșȚțȲȳȷḂḃḍḞḟḠḡḥḰḱḷṃṅṇṛṣṭẎẏẐẑẞỲỳ"
    "«»‹›‘’‚“”„–—‰‱ﬀﬁﬂﬃﬄ"
)
"""Characters that LaTeX reads as they are: Latin letters and the punctuation of T1."""

SLOTS: Final = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
    "ĂăĄąĆćČčĎďĘęĚěĞğİĹĺĽľŁłŃńŇňŊŋŐőŒœŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž"
)
"""Letters that are one glyph of T1; only those, and the plain ones, can carry a further mark above."""

_VIETNAMESE = (
    "ÀÁÃẢẠÂẦẤẪẨẬĂẰẮẴẲẶÈÉẼẺẸÊỀẾỄỂỆÌÍĨỈàáãảạâầấẫẩậăằắẵẳặèéẽẻẹêềếễểệìíĩỉ"
    "ỊÒÓÕỎỌÔỒỐỖỔỘƠỜỚỠỞỢÙÚŨỦỤƯỪỨỮỬỰỲÝỸịòóõỏọôồốỗổộơờớỡởợùúũủụưừứữửựỳýỹ"
)
VIETNAMESE: Final = {
    **{char: 128 + index for index, char in enumerate(_VIETNAMESE) if char not in LETTERS},
    **dict(zip("ỶỷỴỵĐ", range(26, 31), strict=True)),  # the Đ of T1 is read as an Ð
}
"""Places in the encoding T5 of letters that T1 lacks."""

ACCENTS: Final = {
    "\u0300": r"\`", "\u0301": r"\'", "\u0302": r"\^", "\u0303": r"\~", "\u0304": r"\=", "\u0306": r"\u",
    "\u0307": r"\.", "\u0308": '\\"', "\u030a": r"\r", "\u030b": r"\H", "\u030c": r"\v",
}  # fmt: skip
"""Combining marks that LaTeX puts above a letter."""

BELOW: Final = {
    "\u0323": r"\d", "\u0326": r"\textcommabelow", "\u0327": r"\c", "\u0328": r"\k", "\u0331": r"\b",
}  # fmt: skip
"""Combining marks that LaTeX puts below a letter, whatever it carries above."""

SPACES: Final = {
    "\u00a0": "~", "\u2002": r"\enspace{}", "\u2003": r"\quad{}", "\u2004": r"\hspace{.33em}",
    "\u2005": r"\hspace{.25em}", "\u2006": r"\hspace{.17em}", "\u2007": r"\hphantom{0}",
    "\u2008": r"\hphantom{.}", "\u2009": r"\,", "\u200a": r"\hspace{.1em}", "\u200b": r"\hspace{0pt}",
    "\u202f": r"\,", "\u205f": r"\hspace{.22em}", "\u2060": r"\nobreak{}", "\u3000": r"\quad{}",
    "\u00ad": r"\-", "\u2028": r"\printedbreak{}", "\u2029": r"\printedbreak{}",
    "\x85": r"\printedbreak{}",
}  # fmt: skip
"""What is white or invisible by its nature."""

_TEXT = {
    "¢": "textcent", "¤": "textcurrency", "¥": "textyen", "¦": "textbrokenbar", "¨": "textasciidieresis",
    "©": "textcopyright", "ª": "textordfeminine", "¬": "textlnot", "®": "textregistered",
    "¯": "textasciimacron", "°": "textdegree", "±": "textpm", "²": "texttwosuperior",
    "³": "textthreesuperior", "´": "textasciiacute", "µ": "textmu", "¶": "textparagraph",
    "·": "textperiodcentered", "¹": "textonesuperior", "º": "textordmasculine", "¼": "textonequarter",
    "½": "textonehalf", "¾": "textthreequarters", "×": "texttimes", "÷": "textdiv", "ƒ": "textflorin",
    "ˇ": "textasciicaron", "˘": "textasciibreve", "˝": "textacutedbl", "฿": "textbaht",
    "‖": "textbardbl", "†": "textdagger", "‡": "textdaggerdbl", "•": "textbullet",
    "※": "textreferencemark", "‽": "textinterrobang", "…": "textellipsis", "⁄": "textfractionsolidus",
    "⁎": "textasteriskcentered", "⁒": "textdiscount", "₡": "textcolonmonetary", "₤": "textlira",
    "₦": "textnaira", "₩": "textwon", "₫": "textdong", "€": "texteuro", "₱": "textpeso",
    "℃": "textcelsius", "№": "textnumero", "℗": "textcircledP", "℞": "textrecipe",
    "℠": "textservicemark", "™": "texttrademark", "℧": "textmho", "℮": "textestimated",
    "←": "textleftarrow", "↑": "textuparrow", "→": "textrightarrow", "↓": "textdownarrow",
    "␢": "textblank", "␣": "textvisiblespace", "◦": "textopenbullet", "◯": "textbigcircle",
    "♪": "textmusicalnote", "⟨": "textlangle", "⟩": "textrangle", "〈": "textlangle", "〉": "textrangle",
    "⟦": "textlbrackdbl", "⟧": "textrbrackdbl", "ˆ": "textasciicircum", "˜": "texttildelow",
}  # fmt: skip

_GREEK_NAMES = (
    "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho varsigma sigma tau upsilon "
    "varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega vartheta phi varpi varrho epsilon"
)
GREEK: Final = dict(zip("αβγδεζηθικλμνξπρςστυφχψωΓΔΘΛΞΠΣΥΦΨΩϑϕϖϱϵ", _GREEK_NAMES.split(), strict=True)) | {
    "ο": "mathit{o}", "Α": "mathrm{A}", "Β": "mathrm{B}", "Ε": "mathrm{E}", "Ζ": "mathrm{Z}",
    "Η": "mathrm{H}", "Ι": "mathrm{I}", "Κ": "mathrm{K}", "Μ": "mathrm{M}", "Ν": "mathrm{N}",
    "Ο": "mathrm{O}", "Ρ": "mathrm{P}", "Τ": "mathrm{T}", "Χ": "mathrm{X}",
}  # fmt: skip

GREEK_ACCENTS: Final = {
    "\u0300": "grave",
    "\u0301": "acute",
    "\u0304": "bar",
    "\u0306": "breve",
    "\u0308": "ddot",
    "\u0342": "tilde",
}
"""Combining marks that mathematics puts on a Greek letter."""

_MATH = GREEK | {
    "−": "-", "∓": "mp", "∗": "ast", "∘": "circ", "∙": "bullet", "⋅": "cdot", "⋆": "star", "√": "surd",
    "∞": "infty", "∂": "partial", "∇": "nabla", "∆": "Delta", "∑": "textstyle\\sum",
    "∏": "textstyle\\prod", "∐": "textstyle\\coprod", "∫": "textstyle\\int", "∮": "textstyle\\oint",
    "∈": "in", "∉": "notin", "∋": "ni", "⊂": "subset", "⊃": "supset", "⊆": "subseteq", "⊇": "supseteq",
    "∪": "cup", "∩": "cap", "⊎": "uplus", "⊓": "sqcap", "⊔": "sqcup", "∧": "wedge", "∨": "vee",
    "∀": "forall", "∃": "exists", "∅": "emptyset", "≈": "approx", "≠": "neq", "≤": "leq", "≥": "geq",
    "≪": "ll", "≫": "gg", "≡": "equiv", "∼": "sim", "≃": "simeq", "≅": "cong", "≍": "asymp",
    "≐": "doteq", "∝": "propto", "≺": "prec", "≻": "succ", "⪯": "preceq", "⪰": "succeq", "⊕": "oplus",
    "⊖": "ominus", "⊗": "otimes", "⊘": "oslash", "⊙": "odot", "∣": "mid", "∥": "parallel", "⊥": "perp",
    "⊢": "vdash", "⊣": "dashv", "⊤": "top", "⊨": "models", "∖": "setminus", "≀": "wr", "⋈": "bowtie",
    "∠": "angle", "△": "triangle", "▽": "bigtriangledown", "▷": "triangleright", "◁": "triangleleft",
    "⋄": "diamond", "↔": "leftrightarrow", "↕": "updownarrow", "↖": "nwarrow", "↗": "nearrow",
    "↘": "searrow", "↙": "swarrow", "↦": "mapsto", "↩": "hookleftarrow", "↪": "hookrightarrow",
    "↼": "leftharpoonup", "↽": "leftharpoondown", "⇀": "rightharpoonup", "⇁": "rightharpoondown",
    "⇌": "rightleftharpoons", "⇐": "Leftarrow", "⇑": "Uparrow", "⇒": "Rightarrow", "⇓": "Downarrow",
    "⇔": "Leftrightarrow", "⇕": "Updownarrow", "⟵": "longleftarrow", "⟶": "longrightarrow",
    "⟷": "longleftrightarrow", "⟸": "Longleftarrow", "⟹": "Longrightarrow", "⟺": "Longleftrightarrow",
    "⟼": "longmapsto", "⌈": "lceil", "⌉": "rceil", "⌊": "lfloor", "⌋": "rfloor", "′": "prime",
    "″": "prime\\prime", "‴": "prime\\prime\\prime", "⋯": "cdots", "⋮": "vdots", "⋱": "ddots",
    "ℓ": "ell", "ℏ": "hbar", "ℑ": "Im", "ℜ": "Re", "℘": "wp", "ℵ": "aleph", "♠": "spadesuit",
    "♡": "heartsuit", "♢": "diamondsuit", "♣": "clubsuit", "♭": "flat", "♮": "natural", "♯": "sharp",
}  # fmt: skip

_HYPHENS = {"‐": "{-}", "‑": r"\mbox{-}", "‒": "–", "―": "—"}

SYMBOLS: Final = (
    _HYPHENS
    | {char: f"\\{name}{{}}" for char, name in _TEXT.items()}
    | {char: f"\\ensuremath{{{name if name == '-' else chr(92) + name}}}" for char, name in _MATH.items()}
)
"""Signs, by the command that prints them."""
