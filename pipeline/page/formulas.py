"""HTML of a lesson -> the same, with signs beside a formula in its box.

A browser may break a line on either side of a box in it, and so begins one with the comma behind a formula (CSS Text 3,
"5.1. Line Breaking Details"); no sign that joins words keeps it from that.
"""

from pipeline.patterns import lazy_pattern

_BEFORE_RE = lazy_pattern(r'([(\[{«“‘"]{1,3})(<span class="math inline">)(?=<math\b)')
_BEHIND_RE = lazy_pattern(r'(</math>)</span>([.,;:!?…)\]}»”’"%]{1,3})')


def hold_signs(body: str) -> str:
    """The body with the brackets and punctuation around formulas inside their boxes.

    >>> hold_signs('(<span class="math inline"><math><mi>x</mi></math></span>), y')
    '<span class="math inline">(<math><mi>x</mi></math>),</span> y'
    """
    if "</math></span>" not in body:
        return body
    return _BEHIND_RE.sub(r"\1\2</span>", _BEFORE_RE.sub(r"\2\1", body))
