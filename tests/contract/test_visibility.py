"""Who sees which rows: every model has its rule, every door asks it, and a table says what comes of it.

Two tests are not passed by forgetting: a new model is without a rule until it has one, and a door that reaches rows
past the rule is found in its source.
"""

import ast
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db.models import ForeignKey

from medivoy.admin import OF_LIBRARIES, ModelAdmin, VisibleRows, visible_rows
from tests.contract.household import WHOSE, add_what_is_missing
from tests.contract.world import ANYBODY, CALLERS, taken_back

ROOT = Path(settings.BASE_DIR)
TABLE = tomllib.loads((Path(__file__).parent / "visibility.toml").read_text())["rows"]

# Models without a rule: no list and no page of the API shows their rows, and here is why none needs to.
MACHINE_ONLY = {
    "accounts.EmailChange": "the digest of a mailed secret; found by the secret alone",
    "accounts.EmailVerification": "the digest of a mailed secret; found by the secret alone",
    "accounts.Invitation": "the digest of a mailed secret; found by the secret alone",
    "accounts.PasswordReset": "the digest of a mailed secret; found by the secret alone",
    "accounts.RecoveryCode": "the digest of a code; found through its owner alone",
    "accounts.Totp": "an encrypted secret; found through its owner alone",
    "admin.LogEntry": "Django's own history; shown to nobody, the audit trail is in its place",
    "api.IdempotencyKey": "answers kept for a day; found by their owner's key alone",
    "api.LimitCounter": "counts under hashed keys",
    "auth.Group": "unused: rights come from the table of roles",
    "auth.Permission": "unused: rights come from the table of roles",
    "billing.SandboxCheckout": "what a payment provider keeps on its side; found by the secret of its address",
    "billing.SandboxDelivery": "what a payment provider keeps on its side",
    "billing.SandboxRefund": "what a payment provider keeps on its side",
    "contenttypes.ContentType": "the names of tables",
    "core.Counter": "the last numbers given out",
    "core.TaskRun": "when tasks ran; shown beside the tasks, by permission",
    "sessions.Session": "found by the secret of a cookie alone",
}

# Where a door reaches rows past `visible_to`, and why it may: the file, then how its line begins.
PAST_THE_RULE = {
    ("apps/accounts/admin/second_factor.py", "User.objects"): "one's own row, read again",
    ("apps/accounts/api/profiles.py", "type(row).objects"): "the asker's own account and profile, locked",
    ("apps/bookings/admin/bulk.py", "User.objects.coordinators()"): "names of colleagues, for those who see users",
    ("apps/clinical/api/access_viewsets.py", "EmergencyAccess.objects.in_force().of(user)"): "the asker's own",
    ("medivoy/admin.py", "db_field.remote_field.model._default_manager.using(db)"): "narrowed in the next line",
    ("medivoy/api/conditional.py", "type(row)._base_manager"): "a row that was found visible, locked",
    ("medivoy/api/idempotency.py", "IdempotencyKey.objects"): "by the asker's own id",
    ("medivoy/api/matrix.py", "model._default_manager.all()"): "reads the rule itself, and no row",
    ("medivoy/api/tasks.py", "IdempotencyKey.objects.expired()"): "removes what is too old, whoever's it is",
    ("medivoy/api/tasks.py", "LimitCounter.objects.expired(clock.now())"): "removes what is too old",
    ("medivoy/api/viewsets.py", "self.model._default_manager.all()"): "narrowed in the next line",
    ("medivoy/api/viewsets.py", "self.within._default_manager.all()"): "narrowed in the next line",
}

# A proxy is there for a trigger or a page; its rows are those of its model.
OURS = [model for model in apps.get_models() if model._meta.app_label not in OF_LIBRARIES and not model._meta.proxy]
RULED = [model for model in OURS if hasattr(model._default_manager.all(), "visible_to")]
MANAGERS = {"objects", "_default_manager", "_base_manager"}
RULES = {"visible_to", "outbox_visible_to"}
PUBLIC = {"Hospital", "Doctor", "HospitalDoctor", "Treatment", "HospitalTreatment", "Package", "Review"}


def name(model):
    return model._meta.object_name


# --- every model has a rule --------------------------------------------------------------------------------------


def test_t16_every_model_says_who_sees_its_rows():
    """T16: a new model is refused here until it has `visible_to`, or a reason why it needs none."""
    without = {model._meta.label for model in set(OURS) - set(RULED)}

    assert without - set(MACHINE_ONLY) == set(), "these models have neither visible_to nor a reason"
    assert set(MACHINE_ONLY) - without == set(), "these have a rule by now, or are gone"


def test_no_rule_says_nothing():
    for model in RULED:
        rule = type(model._default_manager.all()).visible_to
        owner = next(kind for kind in type(model._default_manager.all()).__mro__ if "visible_to" in vars(kind))
        assert rule.__doc__ or owner.__doc__, f"who sees the rows of {name(model)} is not said in words"


def test_every_page_of_the_console_asks_it():
    """T15, T16: its list, its inlines, its choices."""
    for page in admin.site._registry.values():
        assert isinstance(page, ModelAdmin), page
        for inline in page.inlines:
            assert issubclass(inline, VisibleRows), inline


# --- every door asks it ------------------------------------------------------------------------------------------


def doors():
    for top in ("apps", "medivoy"):
        for file in sorted((ROOT / top).rglob("*.py")):
            path = file.relative_to(ROOT)
            if {"api", "admin"} & set(path.parts) or path.name in ("admin.py", "console.py"):
                yield str(path), file.read_text()


def chain_of(node, parents):
    """The whole expression that a manager begins, and the names of what is called along it."""
    called = set()
    while True:
        above = parents[node]
        if isinstance(above, ast.Attribute) and above.value is node:
            called.add(above.attr)
        elif not (isinstance(above, ast.Call) and above.func is node):
            return node, called
        node = above


def is_asked_by_the_caller(node, parents):
    """Whether it is handed to what asks the rule itself: a scoped reference, a row above."""
    call = parents[node]
    if not isinstance(call, ast.Call):
        return False
    callee = getattr(call.func, "id", getattr(call.func, "attr", ""))
    is_scoped = not any(given.arg == "scoped" for given in call.keywords)
    return callee in ("row_above", "visible_rows") or (callee == "ReferenceField" and is_scoped)


def past_the_rule(source):
    """Yield the expressions that reach rows past `visible_to`.

    Rows that are matched with a row outside of them (OuterRef) are those of rows that were asked for already.
    """
    tree = ast.parse(source)
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("get_object_or_404", "get_list_or_404"):
            if isinstance(node.args[0], ast.Name):
                yield ast.unparse(node)
        elif isinstance(node, ast.Attribute) and node.attr in MANAGERS:
            whole, called = chain_of(node, parents)
            of_another = any(isinstance(part, ast.Name) and part.id == "OuterRef" for part in ast.walk(whole))
            if not (called & (RULES | {"none"}) or of_another or is_asked_by_the_caller(whole, parents)):
                yield ast.unparse(whole)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("Booking.objects.filter(pk=1)", True),
        ("get_object_or_404(Booking, pk=1)", True),
        ("rows = Booking._default_manager.all()", True),
        ("ReferenceField(Booking.objects, scoped=False)", True),
        ("ReferenceField(Booking.objects, source='booking')", False),
        ("Booking.objects.visible_to(user).filter(pk=1).first()", False),
        ("Booking.objects.filter(pk=1).visible_to(user)", False),
        ("Exists(Payment.objects.filter(booking=OuterRef('pk')))", False),
        ("self.row_above(Booking.objects.for_detail())", False),
    ],
)
def test_a_way_past_the_rule_is_found(source, found):
    """The control of the next test."""
    assert bool(list(past_the_rule(source))) == found


def test_t16_no_door_reaches_rows_past_their_rule():
    """T16: whoever writes `.objects.` in a door asks `visible_to`, or says here why not."""
    found = {(file, way) for file, source in doors() for way in past_the_rule(source)}
    explained = {(file, way) for file, way in found for known in PAST_THE_RULE if _is(file, way, known)}

    assert found - explained == set(), "these reach rows past visible_to"
    unused = [known for known in PAST_THE_RULE if not any(_is(file, way, known) for file, way in found)]
    assert unused == []


def _is(file, way, known):
    return file == known[0] and way.startswith(known[1])


# --- what comes of it --------------------------------------------------------------------------------------------


def cell_of(model, rows, user):
    """How many of the rows somebody sees: all, some, none; x where nobody is asked who is not signed in."""
    if not user.is_authenticated and name(model) not in PUBLIC:
        return "x"
    seen = visible_rows(model._default_manager.filter(pk__in=rows), user).count()
    return "all" if seen == len(rows) else "some" if seen else "none"


def test_the_table_has_every_model():
    assert set(TABLE) == {name(model) for model in RULED}
    assert set(WHOSE) == set(TABLE), "say in household.py which of the world's rows are meant"


@pytest.mark.django_db
@pytest.mark.parametrize("model", RULED, ids=name)
def test_each_caller_sees_what_the_table_says(model, world):
    """T16, T17, T18: a rule that is widened or narrowed is a line of the table that is changed."""
    with taken_back():
        add_what_is_missing(world)
        rows = list(model._default_manager.filter(WHOSE[name(model)](world)).values_list("pk", flat=True))
        assert rows, "the world has no such row"
        askers = {caller: world.users.get(caller, AnonymousUser()) for caller in CALLERS}
        found = {caller: cell_of(model, rows, asker) for caller, asker in askers.items()}
    line = " ".join(found.values())
    assert TABLE.get(name(model), "").split() == line.split(), f'the line found is\n{name(model)} = "{line}"'


@pytest.mark.django_db
@pytest.mark.parametrize("caller", [caller for caller in CALLERS if caller != ANYBODY])
def test_a_row_is_no_wider_than_what_it_hangs_on(caller, world):
    """T16: whoever sees a line, a receipt, an event sees the booking that it belongs to."""
    user = world.users[caller]
    with taken_back():
        add_what_is_missing(world)
        for model in RULED:
            for field in model._meta.get_fields():
                if isinstance(field, ForeignKey) and field.name in ("booking", "payment", "invoice", "quotation"):
                    seen = visible_rows(model._default_manager.exclude(**{field.name: None}), user)
                    above = visible_rows(field.related_model._default_manager.all(), user)
                    beyond = seen.filter(WHOSE[name(model)](world)).exclude(**{f"{field.name}__in": above})
                    allowed = name(model) in ("Review", "MedicalRecord", "Consent", "QuotationAcceptance")
                    assert allowed or not beyond.exists(), f"{name(model)} is seen, its {field.name} is not"
