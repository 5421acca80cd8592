"""The sandbox's page: what the payer does there, and what the sandbox then has to say."""

from datetime import timedelta

import pytest

from apps.billing.models import Payment, SandboxCheckout, SandboxDelivery
from tests.factories.billing import begin, deliver, owing

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(booking):
    return begin(booking)


def path_of(payment):
    return payment.client_data["checkout_url"].partition("/api/v1")[2]


def press(api, payment, **form):
    body = "&".join(f"{key}={value}" for key, value in form.items()).encode()
    return api.generic("POST", path_of(payment), body, content_type="application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    ("language", "word", "direction"),
    [("en", "Sandbox", "ltr"), ("ar", "", "rtl"), ("hi", "", "ltr"), ("es", "", "ltr"), ("fr", "", "ltr")],
)
def test_it_speaks_five_languages(api, payment, language, word, direction):
    answer = api.get(f"{path_of(payment)}?lang={language}")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == language
    assert f'lang="{language}" dir="{direction}"' in page
    assert "200.00" in page.replace("\u066b", ".").replace(",", ".")
    assert word in page


def test_it_opens_in_the_payers_language(api):
    booking = owing()
    booking.patient.user.preferred_language = "ar"
    booking.patient.user.save()
    assert 'lang="ar"' in api.get(path_of(begin(booking))).content.decode()


def test_it_runs_no_script_and_is_framed_by_nobody(api, payment):
    answer = api.get(path_of(payment))
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script" not in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("outcome", "status"), [("approve", "captured"), ("decline", "failed"), ("abandon", "open")])
def test_the_payer_decides(api, payment, outcome, status):
    answer = press(api, payment, outcome=outcome, delivery="never")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(path_of(payment))
    assert SandboxCheckout.objects.get().status == status
    # Nothing of ours has changed: the sandbox is another house.
    assert Payment.objects.get().status == "pending"


@pytest.mark.parametrize(("delivery", "times"), [("once", 1), ("twice", 2), ("late", 1), ("never", 0)])
def test_the_news_travel_as_asked(api, payment, delivery, times):
    press(api, payment, outcome="approve", delivery=delivery)
    rows = list(SandboxDelivery.objects.all())
    assert len(rows) == times
    assert len({row.event_id for row in rows}) == min(times, 1)
    waits = [row.due_at - row.created_at for row in rows]
    expected = timedelta(seconds=30) if delivery == "late" else timedelta()
    assert all(abs(wait - expected) < timedelta(seconds=1) for wait in waits)


def test_without_a_word_on_delivery_the_news_come_once(api, payment):
    press(api, payment, outcome="approve")
    assert SandboxDelivery.objects.count() == 1


def test_a_decision_is_made_once(api, payment):
    press(api, payment, outcome="decline", delivery="once")
    assert press(api, payment, outcome="approve", delivery="once").status_code == 303
    assert SandboxCheckout.objects.get().status == "failed"
    assert SandboxDelivery.objects.count() == 1


def test_who_leaves_may_come_back_and_pay(api, payment):
    press(api, payment, outcome="abandon")
    press(api, payment, outcome="approve", delivery="once")
    deliver(api)
    assert Payment.objects.get().status == "completed"


@pytest.mark.parametrize(
    "form", [{}, {"outcome": "steal"}, {"outcome": "approve", "delivery": "thrice"}, {"delivery": "once"}]
)
def test_what_is_no_choice_is_refused(api, payment, form):
    assert press(api, payment, **form).status_code == 400
    assert SandboxCheckout.objects.get().status == "open"


def test_json_is_not_what_a_page_sends(api, payment):
    assert api.post(path_of(payment), {"outcome": "approve"}).status_code == 415


@pytest.mark.parametrize("token", ["x", "0" * 43, "..%2f.."])
def test_a_wrong_token_is_not_found(api, payment, token):
    assert api.get(f"/sandbox/checkout/{token}").status_code == 404
    assert api.generic("POST", f"/sandbox/checkout/{token}", b"outcome=approve").status_code == 404


def test_where_the_sandbox_is_off_there_is_no_page(api, payment, settings):
    settings.SANDBOX_GATEWAY = False
    assert api.get(path_of(payment)).status_code == 404


def test_the_language_stays_after_the_decision(api, payment):
    answer = api.generic(
        "POST",
        f"{path_of(payment)}?lang=ar",
        b"outcome=approve&delivery=never",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.headers["Location"].endswith("?lang=ar")


def test_the_page_says_how_it_ended(api, payment):
    press(api, payment, outcome="approve", delivery="never")
    page = api.get(f"{path_of(payment)}?lang=en").content.decode()
    assert "Paid." in page
    assert "<form" not in page
