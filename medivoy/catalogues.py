"""Gathering what must be translated, and keeping the four catalogues with it: `make messages`.

Read are our code and templates, and of the libraries what our pages and answers show and what the library's own
catalogues leave in English in one of our languages. A catalogue holds no places and no dates, and is sorted: two
branches that add words touch different lines.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent

# The header of each catalogue but for its language: the plural forms are those that Unicode gives the language, in
# the order in which Django's own Arabic has them.
PLURALS = {
    "ar": "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : "
    "n%100>=11 && n%100<=99 ? 4 : 5;",
    "hi": "nplurals=2; plural=(n != 1);",
    "es": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
}
HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


@dataclass(frozen=True)
class Library:
    """A package and those of its files whose words people see.

    Django reads the catalogues of installed apps only; of a package that is none every word is ours to translate.
    """

    package: str
    patterns: tuple[str, ...]
    is_app: bool = True

    @property
    def root(self) -> Path:
        spec = find_spec(self.package)
        if spec is None or spec.origin is None:
            raise LookupError(self.package)
        return Path(spec.origin).parent


OURS = ("apps/**/*.py", "medivoy/**/*.py", "templates/**/*.html", "templates/**/*.txt")
UNSEEN_FOLDERS = {
    "migrations",
    "locale",
    "crispy",
    "import_export",
    "guardian",
    "simple_history",
    "constance",
    "hijack",
}
COUNTRIES = Library("django_countries", ("base.py", "data.py"), is_app=False)
NAMED_CODE = re.compile(r'"([A-Z]{2})": _\("(.+?)"\)')
LIBRARIES = (
    Library("unfold", ("*.py", "*/*.py", "contrib/filters/**/*.py", "**/templates/**/*.html")),
    Library("django_celery_beat", ("apps.py", "models.py")),
    Library("rest_framework", ("exceptions.py", "fields.py", "relations.py", "serializers.py", "validators.py")),
    Library("django_filters", ("fields.py", "exceptions.py")),
    COUNTRIES,
    Library("phonenumber_field", ("*.py",), is_app=False),
    Library("modeltranslation", ("widgets.py",)),
    Library("django.contrib.admin", ("*.py", "views/*.py", "templatetags/*.py")),
    Library("django.contrib.auth", ("apps.py", "forms.py", "models.py", "base_user.py", "password_validation.py")),
    Library("django.contrib.contenttypes", ("apps.py", "models.py")),
    Library("django.contrib.sessions", ("apps.py",)),
    Library("django.contrib.postgres", ("fields/*.py", "forms/*.py", "validators.py")),
    Library("django.core", ("validators.py", "paginator.py")),
    Library("django.db", ("models/base.py", "models/constraints.py", "models/fields/*.py")),
    Library("django.forms", ("**/*.py", "**/templates/**/*.html")),
    Library("django.utils", ("dates.py", "text.py", "timesince.py", "translation/template.py")),
)

DJANGO = tuple(
    (Library(f"django.{name}", ()).root / "locale")
    for name in (
        "conf",
        "contrib.admin",
        "contrib.auth",
        "contrib.contenttypes",
        "contrib.postgres",
        "contrib.sessions",
    )
)
Message = tuple[str | tuple[str, ...], str | None]


def extract_file(path: Path) -> Iterator[Message]:
    """Yield each message of the file, or its singular and plural, with its context.

    Django turns its templates into Python calls; they are put in parentheses, where Python does not ask for an
    indentation that a template does not have.
    """
    content = path.read_bytes()
    if path.suffix != ".py":
        content = f"({templatize(content.decode())})".encode()
    for _line, message, _comments, context in extract("python", BytesIO(content), KEYWORDS, (), {"encoding": "utf-8"}):
        yield message, context


def seen_messages(root: Path, patterns: tuple[str, ...]) -> set[Message]:
    """The messages of the files below `root` that fit a pattern."""
    paths = {path for pattern in patterns for path in root.glob(pattern)}
    shown = (path for path in paths if not UNSEEN_FOLDERS.intersection(path.relative_to(root).parts))
    return {message for path in shown for message in extract_file(path)}


def hashable(message: str | list[str] | tuple[str, ...]) -> str | tuple[str, ...]:
    return message if isinstance(message, str) else tuple(message)


def decoded(context: str | bytes | None) -> str | None:
    """Babel leaves the context of a compiled message as it was read."""
    return context.decode() if isinstance(context, bytes) else context


def translated_by(folders: list[Path], language: str) -> set[Message]:
    """What the libraries' own catalogues of `language` translate."""
    done = set()
    for folder in folders:
        for path in folder.glob(f"{language}/LC_MESSAGES/django.mo"):
            with path.open("rb") as file:
                done |= {(hashable(m.id), decoded(m.context)) for m in read_mo(file) if m.string}
    return done


@cache
def messages_of_libraries() -> dict[Library, frozenset[Message]]:
    return {library: frozenset(seen_messages(library.root, library.patterns)) for library in LIBRARIES}


def country_names(language: str) -> dict[str, str]:
    """The names of countries by their English ones: those of Unicode, which wrote them for every language."""
    names = Locale.parse(language).territories
    texts = [(COUNTRIES.root / name).read_text() for name in COUNTRIES.patterns]
    return {name: names[code] for text in texts for code, name in NAMED_CODE.findall(text) if code in names}


@cache
def our_messages() -> frozenset[Message]:
    return frozenset(seen_messages(ROOT, OURS))


def wanted(language: str) -> Catalog:
    """Everything that the catalogue of `language` must translate."""
    messages = set(our_messages())
    for library, found in messages_of_libraries().items():
        own = [library.root / "locale"] if library.is_app else []
        messages |= found - translated_by([*DJANGO, *own], language)
    template = Catalog(locale=language)
    for message, context in messages:
        template.add(message, context=context, flags=())
    return template


def read_catalogue(language: str) -> Catalog:
    """The translations of `language` as they stand; an empty catalogue where there is none."""
    path = catalogue_path(language)
    text = path.read_text() if path.exists() else header(language)
    return read_po(BytesIO(text.encode()), locale=language, abort_invalid=True)


def update(language: str) -> Catalog:
    """The catalogue of `language` with what is wanted now: translations stay, what nobody shows any more goes."""
    catalogue, names = Catalog(locale=language), country_names(language)
    old = read_catalogue(language)
    for message in wanted(language):
        if message.id:
            known = old.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
            string = known.string if known and known.id == message.id else names.get(str(message.id))
            catalogue.add(message.id, string, context=message.context)
    return catalogue


def header(language: str) -> str:
    return HEADER.format(language=language, plurals=PLURALS[language])


def catalogue_path(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def render(catalogue: Catalog, language: str) -> str:
    """The text of the .po file."""
    file = BytesIO()
    write_po(file, catalogue, width=120, no_location=True, omit_header=True, sort_output=True)
    return header(language) + file.getvalue().decode()


def untranslated(catalogue: Catalog) -> list[str]:
    """The messages that still lack a word."""
    lacking = (m for m in catalogue if m.id and not all(m.string if isinstance(m.string, tuple) else (m.string,)))
    return sorted(message.id if isinstance(message.id, str) else message.id[0] for message in lacking)


def main() -> int:
    """Write the catalogues, name what they lack, and say by the exit code whether anything does."""
    missing = 0
    for language in PLURALS:
        catalogue = update(language)
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(catalogue, language))
        for message in untranslated(catalogue):
            missing += 1
            print(f"{language}: {message!r} is not translated")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
