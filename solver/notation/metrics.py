"""Widths of Latin Modern's glyphs at 11 points, in thousandths of an em: what TeX knows and a line breaker needs.

Measured from the boxes of the embedded engine. Scripts of the first and second level are set from fonts of 8 and 6
points, which are a little wider for their size; `SCALES` is on the wide side of them.
"""

from __future__ import annotations

from typing import Final

SCALES: Final = (1.0, 1.0, 0.778, 0.7)
"""Size of display, text, script and second-level script style, as shares of the text size."""

# Letter, width with its italic correction, that correction (a subscript moves in by it).
_ITALIC = """
a 529 0, b 429 0, c 433 0, d 520 0, e 466 0, f 597 108, g 513 36, h 576 0, i 345 0, j 469 57, k 552 31, l 318 20
m 878 0, n 600 0, o 485 0, p 503 0, q 482 36, r 479 28, s 469 0, t 361 0, u 572 0, v 521 36, w 743 27, x 572 0
y 526 36, z 509 44, A 750 0, B 809 50, C 786 72, D 856 28, E 796 58, F 782 139, G 786 0, H 912 81, I 518 78
J 651 96, K 921 72, L 681 0, M 1079 109, N 912 109, O 791 28, P 781 139, Q 791 0, R 767 8, S 671 58, T 723 139
U 792 109, V 806 222, W 1083 139, X 907 78, Y 803 222, Z 754 72, α 643 4, β 618 53, γ 573 56, δ 482 38, ϵ 406 0
ε 466 0, ζ 511 74, η 532 36, θ 497 28, ϑ 591 0, ι 354 0, κ 576 0, λ 583 0, μ 603 0, µ 603 0, ν 558 64, ξ 484 46
π 606 36, ϖ 856 28, ρ 517 0, ϱ 517 0, σ 607 36, ς 443 80, τ 550 113, υ 576 36, ϕ 596 0, φ 654 0, χ 626 0
ψ 687 36, ω 658 36, Γ 625 0, Δ 833 0, Θ 778 0, Λ 694 0, Ξ 667 0, Π 750 0, Σ 722 0, Υ 778 0, Φ 722 0, Ψ 778 0
Ω 722 0, ∂ 586 56, ℓ 417 0, ∞ 1000 0, ∇ 833 0, ⊤ 778 0, ∅ 500 0, ℏ 576 0
"""

# The characters from "!" to "~" of the upright text font, and of its bold companion.
_UPRIGHT = """
278 374 833 500 833 778 278 389 389 500 778 278 333 278 500 500 500 500 500 500 500 500 500 500 500 278 278 778 778 778
472 778 750 708 722 764 681 653 785 750 361 514 778 625 917 750 778 681 778 760 556 722 750 758 1037 754 766 611 278 500
278 556 750 278 511 556 444 556 444 385 513 563 278 306 539 283 841 563 500 556 555 392 394 389 563 536 731 544 536 444
500 278 500 556
"""
_BOLD = """
319 481 958 575 958 894 319 447 447 575 894 319 383 319 575 575 575 575 575 575 575 575 575 575 575 319 319 894 894 894
543 894 869 818 831 882 756 724 904 900 436 594 901 692 1092 900 864 786 864 886 639 800 885 870 1192 869 877 703 319 575
319 639 869 319 581 639 511 639 527 465 586 643 319 351 615 321 963 643 575 639 629 474 454 447 643 608 833 613 608 511
575 319 575 575
"""
_CALLIGRAPHIC = """
798 687 585 799 617 818 654 854 618 862 776 690 1201 968 824 778 817 848 681 799 725 695 1070 860 751 804
"""


def _read_italic() -> dict[str, tuple[float, float]]:
    entries = (entry.split() for line in _ITALIC.strip().splitlines() for entry in line.split(","))
    return {letter: (int(width) / 1000, int(slant) / 1000) for letter, width, slant in entries}


def _read_run(first: str, widths: str) -> dict[str, float]:
    return {chr(ord(first) + i): int(width) / 1000 for i, width in enumerate(widths.split())}


ITALIC: Final = _read_italic()
"""Width with the italic correction, and the correction, in em."""

UPRIGHT: Final = {" ": 0.334, **_read_run("!", _UPRIGHT)}
"""Upright text, in em."""

BOLD: Final = {" ": 0.384, **_read_run("!", _BOLD)}
"""Bold upright text, in em."""

CALLIGRAPHIC: Final = _read_run("A", _CALLIGRAPHIC)
"""Calligraphic capitals, in em."""

FENCE_SIZES: Final = (1.0, 1.096, 1.644, 2.192, 2.74)
"""Height and depth together of a fence as it stands, and of the four larger ones, in em."""

FENCE_BOXES: Final = (1.0, 1.2, 1.8, 2.4, 3.0)
"""The room that amsmath takes for the same fences where it is asked for one size by name, in em."""

FENCES: Final[dict[str, tuple[float, float, float, float, float, float]]] = {
    "(": (0.389, 0.419, 0.545, 0.672, 0.723, 0.799),
    "[": (0.283, 0.381, 0.431, 0.482, 0.533, 0.608),
    "{": (0.500, 0.533, 0.609, 0.685, 0.736, 0.811),
    "|": (0.278, 0.304, 0.304, 0.304, 0.304, 0.304),
    "‖": (0.500, 0.507, 0.507, 0.507, 0.507, 0.507),
    "⌊": (0.444, 0.444, 0.482, 0.533, 0.583, 0.608),
    "⟨": (0.389, 0.431, 0.558, 0.685, 0.736, 0.736),
}
"""Width of an opening fence in each of those sizes, and of one that grows further; closing ones are as wide."""
