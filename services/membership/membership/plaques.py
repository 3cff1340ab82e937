"""Plaques as a PDF: A5 across, one to a page, with a QR code that leads to what holds today."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

FONT: Final = "STSong-Light"
"""One of the fonts that every reader of PDFs brings for Chinese; nothing is embedded."""
MEDIA_TYPE: Final = "application/pdf"
_MM: Final = 72 / 25.4
_WIDTH, _HEIGHT = 210 * _MM, 148 * _MM
_RED: Final = (0.643, 0.086, 0.102)
_GOLD: Final = (0.776, 0.612, 0.357)
_INK: Final = (0.13, 0.12, 0.11)
_SOFT: Final = (0.40, 0.38, 0.35)


@dataclass(frozen=True, slots=True)
class Plaque:
    """What stands on one plaque."""

    heading: str
    lines: Sequence[tuple[str, str]]
    """Labels and words, from above; four find room."""
    caption: str
    """What the code leads to."""
    building: str
    number: str
    address: str


def write(title: str, plaques: Sequence[Plaque]) -> bytes:
    """The plaques as one PDF."""
    from reportlab.pdfbase import pdfmetrics  # lazily: seldom needed
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(_WIDTH, _HEIGHT), invariant=1)
    canvas.setTitle(title)
    for plaque in plaques:
        _page(canvas, plaque)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _page(canvas: Any, plaque: Plaque) -> None:
    canvas.setFillColorRGB(*_RED)
    canvas.rect(0, _HEIGHT - 38 * _MM, _WIDTH, 38 * _MM, stroke=0, fill=1)
    canvas.setFillColorRGB(*_GOLD)
    canvas.rect(0, _HEIGHT - 39.5 * _MM, _WIDTH, 1.5 * _MM, stroke=0, fill=1)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.setFont(FONT, 40)
    canvas.drawCentredString(_WIDTH / 2, _HEIGHT - 25 * _MM, plaque.heading)
    _lines(canvas, plaque)
    _code(canvas, plaque.address, 152 * _MM, 32 * _MM, 44 * _MM)
    canvas.setFillColorRGB(*_SOFT)
    canvas.setFont(FONT, 11)
    canvas.drawCentredString(174 * _MM, 25 * _MM, plaque.caption)
    canvas.drawString(16 * _MM, 10 * _MM, plaque.building)
    canvas.drawRightString(_WIDTH - 16 * _MM, 10 * _MM, plaque.number)


def _lines(canvas: Any, plaque: Plaque) -> None:
    height = _HEIGHT - 56 * _MM
    for label, words in plaque.lines:
        canvas.setFillColorRGB(*_SOFT)
        canvas.setFont(FONT, 15)
        canvas.drawString(16 * _MM, height, label)
        canvas.setFillColorRGB(*_INK)
        canvas.setFont(FONT, _fitting(canvas, words, 100 * _MM))
        canvas.drawString(42 * _MM, height, words)
        height -= 18 * _MM


def _fitting(canvas: Any, words: str, width: float) -> float:
    """The largest size, from 26 points down, in which the words fit."""
    needed = float(canvas.stringWidth(words, FONT, 26))
    return 26.0 if needed <= width else 26.0 * width / needed


def _code(canvas: Any, text: str, left: float, bottom: float, side: float) -> None:
    import segno  # lazily, as above

    rows = list(segno.make(text, error="m", micro=False).matrix)
    step = side / len(rows)
    canvas.setFillColorRGB(0, 0, 0)
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                top = bottom + side - (down + 1) * step
                # A hair wider than the step, so that no reader shows gaps between neighbours.
                canvas.rect(left + across * step, top, step * 1.02, step * 1.02, stroke=0, fill=1)
