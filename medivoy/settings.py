"""Settings of the platform: one file, read once from the environment, refused at start where they are unsafe.

Every variable is documented in .env.example. Where nothing is set the values suit `make run`; production sets
DEBUG=false (the default) and every secret.
"""

import base64
from datetime import timedelta
from pathlib import Path

import environ
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from medivoy import refusals

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if (BASE_DIR / ".env").exists():
    environ.Env.read_env(BASE_DIR / ".env")

# What the running platform writes: data of the local servers, files, mail that is not sent.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

# --- Where it runs ----------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
# Set by `manage.py up` and by the tests: the services, secrets and accounts of this process are throw-away ones.
EMBEDDED = env.bool("MEDIVOY_EMBEDDED", default=False)
# Set by `manage.py up`, which serves plain HTTP on this machine, also before databases that last.
LOCAL = env.bool("MEDIVOY_LOCAL", default=False)

# Every secret that was asked for, by name, with the length that it needs: medivoy/refusals.py judges them.
SECRETS: dict[str, tuple[str, int]] = {}


def secret(name: str, *, default: str = "", length: int = 32) -> str:
    """Return the secret `name`; DEBUG makes one up where none is set."""
    value = env.str(name, default=default) or (f"debug-only-{name}-{'x' * length}" if DEBUG else "")
    SECRETS[name] = (value, length)
    return value


SECRET_KEY = secret("SECRET_KEY", length=50)
# Signs access tokens; apart from SECRET_KEY so that one can be changed without the other.
TOKEN_KEY = secret("TOKEN_KEY")
# Fernet keys, newest first, comma-separated: encrypt at rest what must not be read from a copy of the database.
FIELD_KEYS = env.list("FIELD_KEYS", default=[base64.urlsafe_b64encode(bytes(32)).decode()] if DEBUG else [])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
# The address that patients reach; links in mails and the sandbox's webhooks start with it, never a request's Host.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
# How many proxies of ours stand before the application; the client's address is that far from the right of
# X-Forwarded-For. 0: the header is not believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# --- Applications -----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "modeltranslation",
    # Its default configuration would put a site of its own in place of ours.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "medivoy.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "corsheaders",
    "pgtrigger",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "medivoy.core",
    "medivoy.api",
    "apps.notifications",
    "apps.accounts",
    "apps.hospitals",
    "apps.clinical",
    "apps.bookings",
    "apps.billing",
    "medivoy.demo",
    "medivoy.embedded",
]

MIDDLEWARE = [
    "medivoy.api.middleware.RequestId",
    "medivoy.api.headers.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "medivoy.api.middleware.ApiSurroundings",
    "medivoy.api.middleware.BodyLimit",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "medivoy.urls"
WSGI_APPLICATION = "medivoy.wsgi.application"
ASGI_APPLICATION = "medivoy.asgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Stores -----------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default="postgres://postgres@127.0.0.1:5432/medivoy")}
DATABASES["default"].update(
    CONN_MAX_AGE=env.int("DATABASE_CONN_MAX_AGE", default=60),
    CONN_HEALTH_CHECKS=True,
    OPTIONS={
        "connect_timeout": 5,
        # The last one is how near a word must be in a search: 0.4 forgives a slip in a word of six letters.
        "options": "-c statement_timeout=30000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000"
        " -c pg_trgm.word_similarity_threshold=0.4",
    },
)

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
MONGODB_URL = env.str("MONGODB_URL", default="mongodb://127.0.0.1:27017/?directConnection=true")
MONGODB_NAME = env.str("MONGODB_NAME", default="medivoy")
# Where the heads of the audit trail are noted outside of the database; best a disk of its own (docs/audit.md).
AUDIT_HEADS_FILE = Path(env.str("AUDIT_HEADS_FILE", default=str(VAR_DIR / "audit" / "heads")))

CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": env.str("CACHE_PREFIX", default="medivoy"),
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 0.2, "SOCKET_TIMEOUT": 0.25},
    }
}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True

# --- Celery -----------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = env.str("CELERY_QUEUE", default="medivoy")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]

# --- People and sign-in -----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["apps.accounts.backends.RoleBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "first_name", "last_name", "phone")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "apps.accounts.validators.KnownWordsValidator"},
]
LOGIN_REDIRECT_URL = "admin:index"
# Whether the roles in roles.SECOND_FACTOR must sign in with one, at both doors.
STAFF_TOTP_REQUIRED = env.bool("STAFF_TOTP_REQUIRED", default=not (DEBUG or EMBEDDED))
ACCESS_TOKEN_LIFETIME = timedelta(minutes=env.int("ACCESS_TOKEN_MINUTES", default=15))
REFRESH_TOKEN_LIFETIME = timedelta(days=env.int("REFRESH_TOKEN_DAYS", default=7))
PASSWORD_RESET_LIFETIME = timedelta(minutes=30)
EMAIL_VERIFICATION_LIFETIME = timedelta(days=3)
EMAIL_CHANGE_LIFETIME = timedelta(days=1)
INVITATION_LIFETIME = timedelta(days=env.int("INVITATION_DAYS", default=7))

SESSION_ENGINE = "medivoy.core.session_store"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("SECURE_COOKIES", default=not (DEBUG or EMBEDDED))
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = SESSION_COOKIE_SECURE
if SESSION_COOKIE_SECURE:
    # Names that a browser takes over HTTPS alone, and from no neighbouring host.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = "__Host-session", "__Host-csrf", "__Host-language"
CSRF_FAILURE_VIEW = "medivoy.api.fallbacks.csrf_failure"
# What was said to a person stays on the server, beside their session.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not (DEBUG or EMBEDDED))
SECURE_REDIRECT_EXEMPT = [r"^api/v1/health"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0 if DEBUG or EMBEDDED else 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Languages and places ---------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "medivoy.formats"
LANGUAGES = [("en", _("English")), ("ar", _("Arabic")), ("hi", _("Hindi")), ("es", _("Spanish")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
MODELTRANSLATION_FALLBACK_LANGUAGES = ("en",)
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
PHONENUMBER_DB_FORMAT = "E164"

# --- Files ------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# On `make run` straight from the folders; elsewhere what collectstatic gathered.
WHITENOISE_USE_FINDERS = DEBUG or EMBEDDED
# Files are for pages of ours; whitenoise would let those of any origin read them.
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Private: never served by a URL of its own, only by views that ask who is asking.
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
UPLOAD_MAX_BYTES = 51 * 1024 * 1024
MEDICAL_RECORD_MAX_BYTES = 50 * 1024 * 1024
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
RECORD_LINK_LIFETIME = timedelta(minutes=5)
# Copies that people ask of all that is held on them: how many in 24 hours, how long the file lies ready, and how often
# a worker tries to make one.
EXPORTS_A_DAY = env.int("EXPORTS_A_DAY", default=3)
EXPORT_LIFETIME = timedelta(hours=env.int("EXPORT_HOURS", default=24))
EXPORT_MAX_ATTEMPTS = env.int("EXPORT_MAX_ATTEMPTS", default=4)
# What is decoded of an image: pixels of one page, pages, and pixels of all pages together.
RECORD_MAX_PIXELS = 60_000_000
RECORD_MAX_PAGES = 100
RECORD_MAX_PIXELS_IN_ALL = 150_000_000
# What one patient may hold.
RECORDS_MAX_COUNT = env.int("RECORDS_MAX_COUNT", default=2_000)
RECORDS_MAX_BYTES = env.int("RECORDS_MAX_BYTES", default=5 * 1024**3)
# Records of a treatment are kept so long after the last one, sealed, although their patient was erased.
CLINICAL_RETENTION = timedelta(days=round(365.25 * env.int("CLINICAL_RETENTION_YEARS", default=10)))
# clamd as host:port, or the path of its socket. Empty: files are not scanned.
CLAMD_ADDRESS = env.str("CLAMD_ADDRESS", default="")
CLAMD_TIMEOUT = env.float("CLAMD_TIMEOUT", default=30.0)

# --- The console ------------------------------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": "Medivoy",
    "SITE_HEADER": "Medivoy",
    "SITE_SUBHEADER": _("Coordinators' console"),
    "SITE_SYMBOL": "health_and_safety",
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "primary": {
            "50": "#ecfeff",
            "100": "#cffafe",
            "200": "#a5f3fc",
            "300": "#67e8f9",
            "400": "#22d3ee",
            "500": "#0891b2",
            "600": "#0e7490",
            "700": "#155e75",
            "800": "#164e63",
            "900": "#083344",
            "950": "#042f2e",
        }
    },
    "LOGIN": {"form": "apps.accounts.admin.sign_in.StaffSignIn"},
    "STYLES": [lambda request: static("console/console.css")],
    "SCRIPTS": [lambda request: static("console/console.js")],
    "ACCOUNT": {"navigation": [{"title": _("Two-step sign-in"), "link": reverse_lazy("admin:second_factor")}]},
    "DASHBOARD_CALLBACK": "apps.bookings.admin.my_day.context",
    "SIDEBAR": {"show_search": False, "navigation": "apps.bookings.admin.sidebar.navigation"},
}

# --- REST API ---------------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, object] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.accounts.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["medivoy.api.access.TablePermission"],
    "DEFAULT_PARSER_CLASSES": ["medivoy.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["medivoy.api.envelope.EnvelopeRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "medivoy.api.envelope.AlwaysJson",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_PAGINATION_CLASS": "medivoy.api.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": [
        "medivoy.api.filters.StrictFilters",
        "medivoy.api.filters.Search",
        "medivoy.api.filters.Ordering",
    ],
    "DEFAULT_SCHEMA_CLASS": "medivoy.api.schema.operations.ContractSchema",
    "EXCEPTION_HANDLER": "medivoy.api.exceptions.handle",
    "URL_FORMAT_OVERRIDE": None,
}

# What a browser's page from CORS_ALLOWED_ORIGINS may send and read beside what browsers always let through.
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = [
    "accept-language",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = [
    "ETag",
    "Retry-After",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "X-Request-ID",
]

SPECTACULAR_SETTINGS: dict[str, object] = {
    "TITLE": "Medivoy",
    "VERSION": "1",
    "DESCRIPTION": "A patient's journey to treatment abroad, from request to feedback. Every answer is an envelope; "
    "every refusal has a `code` that is never translated. Letters after *Who*: `*` anyone, `any` any signed-in user, "
    "P patient, D doctor, H hospital administrator, C coordinator, T translator, A admin.",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # A body and an answer of the same serializer are two things: defaults and server-owned fields differ.
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "medivoy.api.schema.components.add_components",
        "medivoy.api.schema.samples.add_samples",
    ],
    "TAGS": [
        {"name": name}
        for name in ("accounts", "hospitals", "clinical", "bookings", "billing", "notifications", "platform")
    ],
}

# --- Outside services: each with a base address, a time-out and its retries --------------------------------------

OUTBOX_DIR = VAR_DIR / "outbox"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Medivoy <care@medivoy.test>")
# Empty: mail goes to var/outbox as .eml files. smtp+tls://user:password@host:587 sends it.
EMAIL_URL = env.str("EMAIL_URL", default="")
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
NOTIFICATION_MAX_ATTEMPTS = env.int("NOTIFICATION_MAX_ATTEMPTS", default=10)
# A mail that a worker took and did not finish is taken by another after this long; more than one mail ever takes.
NOTIFICATION_LEASE = timedelta(seconds=env.int("NOTIFICATION_LEASE_SECONDS", default=300))
# Mails that are done with, and news that their readers removed, are deleted after this long.
NOTIFICATION_KEPT = timedelta(days=env.int("NOTIFICATION_KEPT_DAYS", default=180))
# The address of the patients' and hospitals' app, where links in mails lead; without one, the API's own.
APP_URL = env.str("APP_URL", default=f"{PUBLIC_URL}/api/v1").rstrip("/")
# Where a notification leads, by what it is about: patients and hospitals to the app, staff to the console.
NOTIFICATION_PAGES = {
    "app": (
        APP_URL,
        {
            "booking": "/bookings/{id}",
            "payment": "/payments/{id}",
            "invoice": "/invoices/{id}",
            "account_export": "/auth/exports/{id}",
        },
    ),
    "console": (
        f"{PUBLIC_URL}/admin/",
        {
            "booking": "bookings/booking/{id}/change/",
            "payment": "billing/payment/{id}/change/",
            "refund": "billing/refund/{id}/change/",
            "invoice": "billing/invoice/{id}/change/",
            "emergency_access": "clinical/emergencyaccess/{id}/change/",
        },
    ),
}
# What makes a document that a mail carries, by its kind: (id, language) -> Attachment.
NOTIFICATION_ATTACHMENTS = {
    "invoice": "apps.billing.documents.invoice.attach",
    "receipt": "apps.billing.documents.receipt.attach",
}

# The sandbox gateway plays a payment provider; never on where real money moves.
SANDBOX_GATEWAY = env.bool("SANDBOX_GATEWAY", default=DEBUG or EMBEDDED)
SANDBOX_WEBHOOK_SECRET = secret("SANDBOX_WEBHOOK_SECRET") if SANDBOX_GATEWAY else ""
SANDBOX_WEBHOOK_URL = env.str("SANDBOX_WEBHOOK_URL", default=f"{PUBLIC_URL}/api/v1/payments/webhook")
# A payment may need three calls; nobody waits longer than ten seconds for them.
GATEWAY_TIMEOUT = env.float("GATEWAY_TIMEOUT", default=3.0)
WEBHOOK_MAX_AGE = timedelta(minutes=env.int("WEBHOOK_MAX_AGE_MINUTES", default=5))

# --- House rules of money ---------------------------------------------------------------------------------------

# A bank transfer above this needs a second person; an adjustment above the other needs an admin. In USD; other
# currencies are compared at face value by way of LIMIT_FACTORS in apps/billing/limits.py.
BANK_TRANSFER_SECOND_PERSON_ABOVE = env.int("BANK_TRANSFER_SECOND_PERSON_ABOVE", default=10_000)
ADJUSTMENT_ADMIN_ABOVE = env.int("ADJUSTMENT_ADMIN_ABOVE", default=50)
# Days to pay an invoice that is issued while something is still owed.
INVOICE_DUE_DAYS = env.int("INVOICE_DUE_DAYS", default=14)
# Who issues the invoices of hospitals that have no issuer code of their own; the year turns in its time zone.
ISSUER = {
    "code": "MV",
    "name": env.str("ISSUER_NAME", default="Medivoy"),
    "address": env.str("ISSUER_ADDRESS", default=""),
    "city": env.str("ISSUER_CITY", default=""),
    "country": env.str("ISSUER_COUNTRY", default=""),
    "tax_number": env.str("ISSUER_TAX_NUMBER", default=""),
    "timezone": env.str("ISSUER_TIMEZONE", default="UTC"),
}
# Where bank transfers go, as the payer is told.
BANK_ACCOUNT = {
    "account_holder": env.str("BANK_ACCOUNT_HOLDER", default="Medivoy"),
    "iban": env.str("BANK_ACCOUNT_IBAN", default=""),
    "bic": env.str("BANK_ACCOUNT_BIC", default=""),
    "bank": env.str("BANK_ACCOUNT_BANK", default=""),
}

# --- Limits -----------------------------------------------------------------------------------------------------

# Requests in 15 minutes; `make run` widens the general ones a hundred times, never those on sign-in.
RATE_LIMIT_WIDTH = env.int("RATE_LIMIT_WIDTH", default=1)
LIMIT_PREFIX = f"{CACHES['default']['KEY_PREFIX']}:limit:"
RATE_LIMITS = {
    "anonymous": env.str("RATE_LIMIT_ANONYMOUS", default="100/15m"),
    "signed_in": env.str("RATE_LIMIT_SIGNED_IN", default="1000/15m"),
    # What anybody reads of the catalogue, by network: wide enough for a clinic, and apart from the first.
    "catalogue": env.str("RATE_LIMIT_CATALOGUE", default="3000/15m"),
    # By network: asking to sign in, at either of its two steps, apart from whatever else strangers ask.
    "login": env.str("RATE_LIMIT_LOGIN", default="300/15m"),
    # By network; sign_in also slows down by account, see medivoy/api/attempts.py.
    "sign_in": env.str("RATE_LIMIT_SIGN_IN", default="100/15m"),
    "register": env.str("RATE_LIMIT_REGISTER", default="60/h"),
    "refresh": env.str("RATE_LIMIT_REFRESH", default="600/15m"),
    # Asking for the link to a new password, giving back a token that was mailed, confirming with one's password.
    "password_reset": env.str("RATE_LIMIT_PASSWORD_RESET", default="30/h"),
    "mailed_secret": env.str("RATE_LIMIT_MAILED_SECRET", default="60/h"),
    "password": env.str("RATE_LIMIT_PASSWORD", default="60/h"),
    # Codes of a second factor; both slow down by account too.
    "second_factor": env.str("RATE_LIMIT_SECOND_FACTOR", default="100/15m"),
    "recovery_code": env.str("RATE_LIMIT_RECOVERY_CODE", default="30/15m"),
    # By account.
    "resend_verification": env.str("RATE_LIMIT_RESEND_VERIFICATION", default="10/h"),
    "email_change": env.str("RATE_LIMIT_EMAIL_CHANGE", default="10/h"),
    "phone_change": env.str("RATE_LIMIT_PHONE_CHANGE", default="10/h"),
    "emergency_access": env.str("RATE_LIMIT_EMERGENCY_ACCESS", default="5/h"),
}

# --- Logs -------------------------------------------------------------------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
# json: one object a line, for machines. line: for the eye. What neither of them holds: medivoy/api/logs.py.
LOG_FORMAT = env.str("LOG_FORMAT", default="line" if DEBUG or EMBEDDED or LOCAL else "json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "medivoy.api.logs.RequestIdFilter"}},
    "formatters": {
        "line": {
            "()": "medivoy.api.logs.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s",
        },
        "json": {"()": "medivoy.api.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["request_id"]}},
    # Django's own would write to the console once more, and mail whole requests to administrators.
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},
        # That a request was refused stands in its own line already.
        "django.request": {"level": "ERROR"},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
# Worker and clock log as the rest does.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

refusals.refuse_unsafe(globals())
