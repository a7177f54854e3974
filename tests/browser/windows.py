"""A window of the browser, and what its page asked for and complained about."""

from __future__ import annotations

import pytest


class Window:
    """A page in a context of its own, and all that it asked for and complained about."""

    def __init__(self, browser, **context):
        """Open a window; the context's options are Playwright's."""
        self.context = browser.new_context(viewport={"width": 1440, "height": 900}, **context)
        self.page = self.context.new_page()
        self.complaints = []
        self.requests = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.context.on("request", lambda request: self.requests.append(request.url))

    def visit(self, path, fragment=""):
        """Open a file."""
        self.page.goto(f"{path.as_uri()}{fragment}")
        return self.page

    def unfold(self):
        """Open every fold of the page."""
        folds = self.page.locator("details")
        folds.evaluate_all("all => all.forEach((each) => { each.open = true })")

    def resize(self, width, height=900):
        """Make the window as wide and as high, in CSS pixels."""
        self.page.set_viewport_size({"width": width, "height": height})

    def wait_until(self, selector, told):
        """Wait until a number of elements is as it should be; its policy forbids to wait in it."""
        for _ in range(100):
            if told(self.page.locator(selector).count()):
                return
            self.page.wait_for_timeout(50)
        pytest.fail(f"{selector} did not come to be as it should")

    def shown(self):
        """Name the endpoints in the table of results that can be seen."""
        rows = self.page.locator("tr[data-keys]:visible th")
        return [text.strip() for text in rows.all_inner_texts()]
