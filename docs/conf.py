"""How `make docs` builds the pages: Sphinx with MyST (the pages stay Markdown) and the furo theme.

Nothing is fetched from another server, and the search works offline: the pages are read beside a mat, perhaps without the internet.
"""

from importlib.metadata import version as installed_version

project = "Back Lift Station"
author = "the Back Lift Station developers"
copyright = "the Back Lift Station developers, MIT licence"
version = release = installed_version("backlift-station")

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
root_doc = "index"
exclude_patterns: list[str] = ["_build"]

html_theme = "furo"
html_title = "Back Lift Station"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0f766e", "color-brand-content": "#0f766e"},
    "dark_css_variables": {"color-brand-primary": "#5eead4", "color-brand-content": "#5eead4"},
}
