"""The console read as a person reads it: buttons and fields by their words. No script runs; none is needed."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests


@dataclass
class Form:
    action: str
    method: str
    id: str
    # Name, value.
    values: list = field(default_factory=list)
    # Words of an option to its value, by the field's name.
    options: dict = field(default_factory=dict)


@dataclass
class Page(HTMLParser):
    """What can be pressed on a page, and what can be filled in."""

    text: str

    def __post_init__(self):
        super().__init__()
        self.forms, self.buttons, self.links, self.labels, self.names = [], [], [], {}, {}
        self.form, self.words, self.meanwhile, self.select = None, None, {}, None
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or "" for name, value in attrs}
        getattr(self, f"begin_{tag}", lambda _attrs: None)(attrs)

    def handle_endtag(self, tag):
        getattr(self, f"end_{tag}", lambda: None)()

    def handle_data(self, data):
        if self.words is not None:
            self.words += data

    def begin_form(self, attrs):
        self.form = Form(attrs.get("action", ""), attrs.get("method", "get"), attrs.get("id", ""))
        self.forms.append(self.form)

    def end_form(self):
        self.form = None

    def begin_input(self, attrs):
        kind, name = attrs.get("type", "text"), attrs.get("name")
        self.names[attrs.get("id")] = name
        is_off = kind in ("checkbox", "radio") and "checked" not in attrs
        if self.form and name and not is_off and kind != "submit":
            self.form.values.append((name, attrs.get("value", "on" if kind == "checkbox" else "")))

    def begin_select(self, attrs):
        self.select, self.names[attrs.get("id")] = attrs.get("name"), attrs.get("name")

    def begin_option(self, attrs):
        self.words, self.meanwhile = "", attrs
        if self.form and self.select and "selected" in attrs:
            self.form.values.append((self.select, attrs.get("value", "")))

    def end_option(self):
        if self.form and self.select:
            self.form.options.setdefault(self.select, {})[self.said()] = self.meanwhile.get("value", "")

    def begin_textarea(self, attrs):
        self.words, self.meanwhile, self.names[attrs.get("id")] = "", attrs, attrs.get("name")

    def end_textarea(self):
        if self.form and self.meanwhile.get("name"):
            self.form.values.append((self.meanwhile["name"], self.said()))

    def begin_label(self, attrs):
        self.words, self.meanwhile = "", attrs

    def end_label(self):
        self.labels[self.said().rstrip(":")] = self.meanwhile.get("for")

    def begin_button(self, attrs):
        self.words, self.meanwhile = "", attrs

    def end_button(self):
        if self.meanwhile.get("type") != "button":
            self.buttons.append((self.said(), self.meanwhile, self.form))

    def begin_a(self, attrs):
        self.words, self.meanwhile = "", attrs

    def end_a(self):
        self.links.append((self.said(), self.meanwhile.get("href", "")))

    def said(self):
        words, self.words = " ".join((self.words or "").split()), None
        return words


class Console:
    """A coordinator at the console."""

    def __init__(self, platform, address, secret):
        self.session = requests.Session()
        self.address = f"{platform.url}/admin/login/"
        self.open(self.address)
        self.fill = {"username": address, "password": secret}
        self.submit(next(form for form in self.page.forms if form.method == "post"))
        assert "/login" not in self.address, self.page.text[:2000]

    def open(self, address):
        self.show(self.session.get(urljoin(self.address, address), timeout=20))

    def show(self, answer):
        assert answer.ok, f"{answer.url}: {answer.status_code} {answer.text[:2000]}"
        self.address, self.page, self.fill = answer.url, Page(answer.text), {}

    def choose(self, label, words):
        """Fill in the field with this label; an option by its words."""
        name = self.page.names[self.page.labels[label]]
        options = next((form.options[name] for form in self.page.forms if name in form.options), {})
        self.fill[name] = options.get(words, words)

    def press(self, words):
        """Press the button, or follow the link, with these words."""
        for said, attrs, form in self.page.buttons:
            named = next((other for other in self.page.forms if other.id and other.id == attrs.get("form")), form)
            if said == words and named is not None:
                return self.submit(named)
        targets = [href for said, href in self.page.links if said == words]
        assert targets, f"nothing says {words!r} at {self.address}"
        return self.open(targets[0])

    def submit(self, form):
        values = [(name, value) for name, value in form.values if name not in self.fill] + list(self.fill.items())
        headers = {"Referer": self.address}
        address = urljoin(self.address, form.action)
        self.show(self.session.post(address, data=values, headers=headers, timeout=20))
