import gettext

from medivoy.messages import compile_messages

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


def test_catalogues_are_compiled_when_they_changed(tmp_path):
    folder = tmp_path / "ar" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "django.po"
    source.write_text(f'{HEADER}msgid "Hospital"\nmsgstr "مستشفى"\n\n#, fuzzy\nmsgid "Doctor"\nmsgstr "?"\n')
    assert compile_messages(tmp_path) == 1
    with (folder / "django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    assert catalogue.gettext("Hospital") == "مستشفى"
    assert catalogue.gettext("Doctor") == "Doctor"
    assert compile_messages(tmp_path) == 0
