"""How Sphinx builds the site: Markdown in, pages out, nothing from anywhere else."""

from __future__ import annotations

project = "neverblock"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "neverblock"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_extra_path = ["extra"]
html_static_path = ["static"]
html_css_files = ["site.css"]
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#b84600", "color-brand-content": "#005a8d"},
    "dark_css_variables": {"color-brand-primary": "#ff8a4c", "color-brand-content": "#7cc4f2"},
}
myst_heading_anchors = 4
nitpicky = True
smartquotes = False  # a quoted command is typed as it stands
pygments_dark_style = "github-dark"
