"""One settings file. Everything a house may change comes from the environment; see README, "Settings"."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environs import Env, validate

from hospitality import addresses, embedded, keys, outward

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = embedded.var_dir()
DEBUG = env.bool("LATCHKEY_DEBUG", False)
HTTPS = env.bool("LATCHKEY_HTTPS", False)
"""True behind a proxy that ends TLS: cookies become Secure, plain HTTP is redirected, HSTS is sent."""

SECRETS = keys.load(VAR_DIR / "secrets.json")
SECRET_KEY = SECRETS.secret_key
VAULT_KEYS = SECRETS.vault_keys
VAULT_INDEX_KEY = SECRETS.index_key

HOST = env.str("LATCHKEY_HOST", "127.0.0.1")
PORT = env.int("LATCHKEY_PORT", 8000, validate=validate.Range(1, 65535))
SIMULATOR_PORT = env.int("LATCHKEY_SIMULATOR_PORT", 8010, validate=validate.Range(1, 65535))
ALLOWED_HOSTS = env.list("LATCHKEY_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
URL = env.str(
    "LATCHKEY_URL",
    addresses.own_url(HOST, PORT, ALLOWED_HOSTS, https=HTTPS),
    validate=validate.URL(require_tld=False, schemes={"http", "https"}),
).rstrip("/")
"""Where guests find the house: what stands before the address of a guest's own page."""
CSRF_TRUSTED_ORIGINS = env.list("LATCHKEY_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "hospitality",
    "locks",
    "reservations",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "heroicons",
    "django_q",
    "ninja",
]
MIDDLEWARE = [
    "hospitality.security.ContentSecurityPolicy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "hospitality.urls"
ASGI_APPLICATION = "hospitality.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "template_partials.templatetags.partials",
                "heroicons.templatetags.heroicons",
                "hospitality.templatetags.desk",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "locks.simulated.mark",
            ],
        },
    }
]

DATABASES = {
    "default": env.dj_db_url("DATABASE_URL", embedded.database_url())
    | {"CONN_MAX_AGE": 0, "ATOMIC_REQUESTS": False}
}
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured(
        "DATABASE_URL names no PostgreSQL. Set it to postgresql://USER:PASSWORD@HOST:PORT/NAME, "
        "or unset it for the embedded one."
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français")]
"""What the pages speak: each person's choice, else what the browser asks for. Guests are written to in many more."""
LOCALE_PATHS = [BASE_DIR / "hospitality" / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Few files and no build step: WhiteNoise reads them where they lie.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_AGE = 12 * 3600  # a long shift
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20

# One sweep of the locks claims while at most two others wait for slow locks, one task sends webhooks while at most one
# other waits for slow targets, one sends messages and one reads the portals' calendars: the eighth worker is always free
# for the canary. django-q2 on the ORM broker: enqueueing is part of the caller's transaction. `retry` counts from
# prefetch, so it stands well above `timeout` and the queue is as short as there are workers; nothing of
# a finished task is kept (`save_limit`), and a failed one is not run again by the queue: due times live
# in our own rows.
Q_CLUSTER = {
    "name": "latchkey",
    "orm": "default",
    "workers": 8,
    "queue_limit": 8,
    "bulk": 1,
    "poll": 0.2,
    "timeout": 120,
    "retry": 600,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
}

# E-mail goes to a mail server or to a hosted service; with neither set none is sent (Django's own default would be a
# mail server on this machine).
MAIL_SERVICE = env.str("LATCHKEY_MAIL_SERVICE", "")
ANYMAIL = env.json("LATCHKEY_MAIL_SERVICE_KEYS", {})
_mail = env.dj_email_url("EMAIL_URL", "smtp://localhost")
EMAIL_READY = bool(MAIL_SERVICE or env.str("EMAIL_URL", ""))
EMAIL_BACKEND = (
    f"anymail.backends.{MAIL_SERVICE}.EmailBackend" if MAIL_SERVICE else _mail.get("EMAIL_BACKEND", "")
)
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["EMAIL_USE_TLS"], _mail["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = _mail["EMAIL_TIMEOUT"] or 20
DEFAULT_FROM_EMAIL = env.str("LATCHKEY_MAIL_FROM", "latchkey@localhost", validate=validate.Email())

FEEDS_FROM_OWN_NETWORK = env.bool("LATCHKEY_FEEDS_FROM_OWN_NETWORK", False)
"""Whether calendars may be read from this machine and its own network: nobody outside should be able to ask there."""
try:
    WEBHOOKS_TO = outward.Permitted.read(env.list("LATCHKEY_WEBHOOKS_TO", []))
except ValueError as problem:
    raise ImproperlyConfigured(
        f"LATCHKEY_WEBHOOKS_TO: {problem}. Write hosts and networks with commas between them: "
        "127.0.0.1,10.0.0.0/8,build.local."
    ) from None
"""Hosts and networks of one's own that webhooks may be sent to, for development; the internet needs no mention."""

API_CALLS_PER_MINUTE = env.int("LATCHKEY_API_CALLS_PER_MINUTE", 600, validate=validate.Range(1, 1_000_000))
"""How often each key may call, at each web process."""

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOG_LEVEL = env.str("LATCHKEY_LOG_LEVEL", "INFO", validate=validate.OneOf(LOG_LEVELS))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"without_links": {"()": "hospitality.log.WithoutLinks"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_links"]},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django-q": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "urllib3": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        # It logs what it sends, digits and all; `reservations.messages.channels` listens to it and nobody else.
        "apprise": {"handlers": ["nowhere"], "level": "CRITICAL", "propagate": False},
    },
}
