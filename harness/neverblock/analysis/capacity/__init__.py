"""From levels of load to a ceiling, the limit that sets it, and whether moving that moves it."""
