#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Check that an HTML page is whole and stands alone: tags close, names are unique and are
there when they are referred to, and nothing is fetched from elsewhere."""
import sys
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.names, self.wanted, self.wrong = [], set(), set(), []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        self.look(tag, attrs)

    def handle_startendtag(self, tag, attrs):
        self.look(tag, attrs)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"line {self.getpos()[0]}: </{tag}> closes nothing")

    def look(self, tag, attrs):
        if tag in ("script", "link", "img", "iframe"):
            self.wrong.append(f"line {self.getpos()[0]}: <{tag}>")
        for name, value in attrs:
            if name == "id":
                if value in self.names:
                    self.wrong.append(f"{value} is there twice")
                self.names.add(value)
            elif name in ("href", "xlink:href", "src"):
                if not value.startswith("#"):
                    self.wrong.append(f"{name} to {value}")
                self.wanted.add(value[1:])
            elif value and value.startswith("url(#"):
                self.wanted.add(value[5:-1])


def main():
    page = Page()
    with open(sys.argv[1], encoding="utf-8") as file:
        page.feed(file.read())
    page.wrong += [f"<{tag}> stays open" for tag in page.open]
    page.wrong += [f"no {name}" for name in sorted(page.wanted - page.names)]
    print("\n".join(page.wrong[:20]), end="", file=sys.stderr)
    sys.exit(1 if page.wrong else 0)


main()
