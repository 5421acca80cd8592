"""T69: the production files publish no store, know no password, and hand over what the settings want."""

import re

import pytest
import yaml
from django.conf import settings

from tests.runtime.test_env_example import documented

FILE = settings.BASE_DIR / "docker/compose.yml"
TEXT = FILE.read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
APPLICATION = ("prepare", "web", "worker", "beat")
# What this file decides whatever .env says: what must not be on before real people, the stores and the proxy that it
# brings along, and where it mounts its volumes.
DECIDED = {
    "DEBUG", "MEDIVOY_EMBEDDED", "MEDIVOY_LOCAL", "DATABASE_URL", "REDIS_URL", "MONGODB_URL", "TRUSTED_PROXIES",
    "VAR_DIR", "MEDIA_ROOT", "AUDIT_HEADS_FILE",
}  # fmt: skip


def test_t69_only_the_front_door_is_published():
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "nginx": ["80:80", "443:443"]
    }
    assert not [name for name, service in SERVICES.items() if "network_mode" in service]


@pytest.mark.parametrize("store", ["postgres", "redis", "mongo"])
def test_t69_stores_have_no_way_out(store):
    assert SERVICES[store]["networks"] == ["stores"]
    assert COMPOSE["networks"]["stores"]["internal"] is True


def test_t69_no_secret_has_a_default():
    secrets = re.findall(r"\$\{(\w*(?:PASSWORD|KEY|SECRET)\w*)([^}]*)\}", TEXT)
    assert {name for name, _rest in secrets} >= {"SECRET_KEY", "TOKEN_KEY", "FIELD_KEYS", "POSTGRES_PASSWORD"}
    assert [name for name, rest in secrets if not rest.startswith(":?")] == []
    assert not re.search(r"(?i)password: *[\"']?[a-z0-9]", TEXT)


def test_the_application_may_write_nowhere_but_its_files():
    for name in APPLICATION:
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_it_sets_what_the_settings_read():
    assert set(SERVICES["web"]["environment"]) - set(documented()) == set()


@pytest.mark.parametrize("name", APPLICATION)
def test_every_setting_of_the_example_reaches_the_containers(name):
    service = SERVICES[name]
    (given,) = service["env_file"]
    assert (FILE.parent / given["path"]).resolve() == settings.BASE_DIR / ".env"
    assert given["required"] is False
    own = service["environment"]
    replaced = {name for name in documented() if name in own and f"${{{name}" not in str(own[name])}
    assert replaced == DECIDED


def test_no_dot_env_lies_in_the_image():
    """What reaches the containers is what compose hands them, not what lay beside the sources when they were built."""
    allowed = (settings.BASE_DIR / ".dockerignore").read_text().split()
    assert allowed[0] == "*"
    assert not [line for line in allowed if "env" in line]


def test_what_the_volumes_hold_is_where_the_settings_write():
    own = SERVICES["worker"]["environment"]
    mounted = {volume.partition(":")[2] for volume in SERVICES["worker"]["volumes"]}
    assert mounted == {own["MEDIA_ROOT"], f"{own['VAR_DIR']}/outbox", own["AUDIT_HEADS_FILE"].rpartition("/")[0]}


def test_one_command_prepares_the_database_everywhere():
    assert SERVICES["prepare"]["command"] == ["python", "manage.py", "prepare"]
    processes = dict(line.split(": ", 1) for line in (settings.BASE_DIR / "Procfile").read_text().splitlines())
    assert processes["release"] == "python manage.py prepare"
