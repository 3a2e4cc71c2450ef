"""HTTP and HTML: load, decide, save, render. One module per noun; no page imports another page."""
