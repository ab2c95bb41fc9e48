"""Just enough PDF for line drawings with text: pages in millimetres, one font, nothing compressed.

PDF 1.4 (ISO 32000-1 describes the same subset).  A library would bring a hundred times the code for circles and lines, and the
placement template needs nothing else; but it does need to come out of any printer at exactly its size, which SVG does not promise.
"""

from __future__ import annotations

POINTS_PER_MM = 72 / 25.4

NARROW, WIDE = "fijlrtI.,:;|!'()[]/- ", "mwMWO%@"


def text_width_mm(words: str, size_mm: float) -> float:
    """About how wide Helvetica sets these words; rather too much than too little."""
    return size_mm * sum(0.34 if c in NARROW else 0.9 if c in WIDE else 0.72 if c.isupper() else 0.57 for c in words)


class Page:
    """A page being drawn; x to the right and y upwards from the lower left corner, in millimetres."""

    def __init__(self, width_mm: float, height_mm: float) -> None:
        self.width_mm = width_mm
        self.height_mm = height_mm
        self._drawn: list[str] = [f"{POINTS_PER_MM:.6f} 0 0 {POINTS_PER_MM:.6f} 0 0 cm 1 J 1 j"]

    def line(
        self, x1: float, y1: float, x2: float, y2: float, *, width_mm: float = 0.3, grey: float = 0.0, dash_mm: float = 0.0
    ) -> None:
        """A straight line; dash_mm: length of dashes and of the gaps between them, 0 for none."""
        self._stroke(f"{width_mm:.2f} w {grey:.2f} G {x1:.3f} {y1:.3f} m {x2:.3f} {y2:.3f} l S", dash_mm)

    def rectangle(
        self, x: float, y: float, width: float, height: float, *, width_mm: float = 0.3, grey: float = 0.0, dash_mm: float = 0.0
    ) -> None:
        self._stroke(f"{width_mm:.2f} w {grey:.2f} G {x:.3f} {y:.3f} {width:.3f} {height:.3f} re S", dash_mm)

    def _stroke(self, drawn: str, dash_mm: float) -> None:
        self._drawn.append(f"[{dash_mm:.2f}] 0 d {drawn} [] 0 d" if dash_mm else drawn)

    def filled(self, x: float, y: float, width: float, height: float, *, grey: float) -> None:
        self._drawn.append(f"{grey:.2f} g {x:.3f} {y:.3f} {width:.3f} {height:.3f} re f")

    def circle(self, x: float, y: float, radius: float, *, width_mm: float = 0.3, grey: float = 0.0) -> None:
        handle = 0.5523 * radius  # four Bezier arcs with this handle miss a circle by 0.03 % of its radius
        arcs = (
            (radius, handle, handle, radius, 0, radius),
            (-handle, radius, -radius, handle, -radius, 0),
            (-radius, -handle, -handle, -radius, 0, -radius),
            (handle, -radius, radius, -handle, radius, 0),
        )
        path = " ".join(f"{' '.join(f'{(x, y)[i % 2] + value:.3f}' for i, value in enumerate(arc))} c" for arc in arcs)
        self._drawn.append(f"{width_mm:.2f} w {grey:.2f} G {x + radius:.3f} {y:.3f} m {path} S")

    def text(self, x: float, y: float, words: str, *, size_mm: float = 4.0, grey: float = 0.0) -> None:
        """Write in Helvetica; an Ω is written out, and what else Latin-1 lacks becomes a question mark."""
        safe = words.replace("Ω", "ohm").replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        self._drawn.append(f"{grey:.2f} g BT /F1 {size_mm:.2f} Tf {x:.3f} {y:.3f} Td ({safe}) Tj ET")

    def label(self, x: float, y: float, words: str, *, size_mm: float = 4.0, grey: float = 0.0) -> None:
        """Text on a white ground, so that no line runs through it."""
        self.filled(x - 0.4, y - 0.28 * size_mm, text_width_mm(words, size_mm) + 0.8, 1.15 * size_mm, grey=1.0)
        self.text(x, y, words, size_mm=size_mm, grey=grey)

    def content(self) -> bytes:
        return "\n".join(self._drawn).encode("latin-1", "replace")


def pdf_of(pages: list[Page], title: str) -> bytes:
    """The file: catalogue, page tree, font, then two objects for each page."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(pages)))
    name = title.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /ViewerPreferences << /PrintScaling /None >> >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for index, page in enumerate(pages):
        box = f"0 0 {page.width_mm * POINTS_PER_MM:.3f} {page.height_mm * POINTS_PER_MM:.3f}"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents {5 + 2 * index} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        content = page.content()
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    objects.append(b"<< /Title (%s) >>" % name)
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(objects), start)
    return bytes(out)
