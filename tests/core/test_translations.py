"""The four catalogues: whole, current, and sound; tests/console/test_languages.py looks at what people see."""

import re
from collections import Counter
from functools import cache

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.test import RequestFactory
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, override

from apps.accounts.audit_columns import word_of
from apps.accounts.audit_words import audited_models, kinds
from medivoy import catalogues
from medivoy.catalogues import PLURALS, catalogue_path, read_catalogue, render, untranslated, update
from medivoy.core.audit import UNTOLD
from tests.factories.accounts import UserFactory

LANGUAGES = list(PLURALS)
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sdr%]|\{\w*(?::\w+)?\}")
HTML = re.compile(r"<[^>]+>")


def ids(message):
    return message.id if isinstance(message.id, tuple) else (message.id,)


def strings(message):
    return message.string if isinstance(message.string, tuple) else (message.string,)


@cache
def messages(language):
    return [message for message in read_catalogue(language) if message.id]


@pytest.mark.parametrize("language", LANGUAGES)
class TestCatalogue:
    def test_it_is_what_make_messages_would_write(self, language):
        """Nothing new in the code, nothing that nobody shows any more."""
        assert catalogue_path(language).read_text() == render(update(language), language)

    def test_everything_is_translated(self, language):
        assert untranslated(read_catalogue(language)) == []

    def test_nothing_is_fuzzy(self, language):
        assert [message.id for message in messages(language) if message.fuzzy] == []

    def test_each_plural_has_the_forms_of_the_language(self, language):
        catalogue = read_catalogue(language)
        wanted = int(re.search(r"nplurals=(\d)", PLURALS[language])[1])
        assert catalogue.num_plurals == wanted
        wrong = [m.id for m in messages(language) if len(ids(m)) == 2 and len(strings(m)) != wanted]
        assert wrong == []

    def test_placeholders_are_kept(self, language):
        """Arabic says one and two in words, so those forms may leave the number out; no form may invent anything."""
        wrong = []
        for message in messages(language):
            asked = [Counter(PLACEHOLDER.findall(text)) for text in ids(message)]
            for form, text in enumerate(strings(message)):
                has = Counter(PLACEHOLDER.findall(text))
                in_words = language == "ar" and len(asked) == 2 and form < 3 and has <= asked[-1]
                if has not in asked and not in_words:
                    wrong.append((message.id, text))
        assert wrong == []

    def test_markup_is_kept(self, language):
        wrong = [m.id for m in messages(language) if HTML.findall(ids(m)[0]) != HTML.findall(strings(m)[0])]
        assert wrong == []

    def test_sentences_end_as_sentences(self, language):
        ends = {"hi": "।"}.get(language, ".")
        wrong = [
            m.id
            for m in messages(language)
            if isinstance(m.id, str) and re.search(r"\w\.$", m.id) and " " in m.id and m.string[-1] not in (ends, ".")
        ]
        assert wrong == []

    def test_no_sentence_stays_english(self, language):
        """Words may be the same in two languages; three in a row are not."""
        same = [
            m.id for m in messages(language) if m.string == m.id and len(re.findall(r"[A-Za-z]{2,}", ids(m)[0])) > 2
        ]
        assert same == []

    def test_it_is_written_in_its_script(self, language):
        script = {"ar": r"[\u0600-\u06ff]", "hi": r"[\u0900-\u097f]"}.get(language, r"[A-Za-z]")
        wrong = [
            (m.id, text)
            for m in messages(language)
            for text in strings(m)
            if re.search(r"[A-Za-z]{3,}", PLACEHOLDER.sub("", ids(m)[0]))
            and not re.search(script, text)
            and text not in ("IPv4", "IPv6")
        ]
        assert wrong == []


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 يوم"), (1, "يوم واحد"), (2, "يومان"), (5, "5 أيام"), (40, "40 يومًا"), (100, "100 يوم")]
)
def test_arabic_counts_in_six_ways(number, words):
    with override("ar"):
        assert ngettext("%(n)d day", "%(n)d days", number) % {"n": number} == words


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_in_use(language):
    with override(language):
        assert gettext("Quotation sent") == read_catalogue(language).get("Quotation sent").string


def test_countries_are_named_as_unicode_names_them():
    assert catalogues.country_names("hi")["Jordan"] == "जॉर्डन"
    assert catalogues.country_names("ar")["France"] == "فرنسا"


def test_our_apps_and_tables_have_names_to_translate():
    ours = [config for config in apps.get_app_configs() if config.name.startswith("apps.")]
    names = [(config.label, config.verbose_name) for config in ours]
    names += [(m._meta.label, name) for m in tables() for name in (m._meta.verbose_name, m._meta.verbose_name_plural)]
    assert [label for label, name in names if not isinstance(name, Promise)] == []


def test_whatever_the_audit_trail_tells_of_has_a_name_to_translate():
    columns = [(entity, f) for entity, model in audited_models().items() for f in model._meta.concrete_fields]
    told = [(entity, f) for entity, f in columns if not f.primary_key and f.column not in UNTOLD]
    names = [*kinds().items(), *((f"{entity}.{f.column}", word_of(f, f.column)) for entity, f in told)]
    assert len(told) > 100
    assert [name for name, word in names if not isinstance(word, Promise)] == []


def tables():
    return [model for model in admin.site._registry if model._meta.app_config.name.startswith("apps.")]


def shown_fields(page, request):
    """The fields that a page of the console shows, in its list, its form and its tables of lines."""
    names = [(page.model, name) for name in page.get_list_display(request)]
    for form in [page, *page.get_inline_instances(request)]:
        for _title, options in form.get_fieldsets(request):
            for name in options["fields"]:
                names += [(form.model, one) for one in (name if isinstance(name, list | tuple) else [name])]
    for model, name in names:
        try:
            yield model, model._meta.get_field(name)
        except (FieldDoesNotExist, TypeError):
            continue


@pytest.mark.django_db
def test_every_field_that_the_console_shows_has_a_name_to_translate():
    request = RequestFactory().get("/admin/")
    request.user = UserFactory(admin=True)
    shown = [pair for model in tables() for pair in shown_fields(admin.site._registry[model], request)]
    assert len(shown) > 100
    assert {f"{m._meta.label}.{f.name}" for m, f in shown if not isinstance(f.verbose_name, Promise)} == set()
