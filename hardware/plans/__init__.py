"""Build documents of a mat, all made from its mat file, so that they cannot disagree with it.

plan.py      what every document needs to know: boards, straps, cable lengths, cautions
wiring.py    wiring diagram and channel table (SVG)
template.py  placement template at full size (PDF, A4)
parts.py     parts list (Markdown)
guide.py     build guide with the reasons (Markdown)
"""
