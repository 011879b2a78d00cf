"""All settings. The environment is read once, here at the top; everything below is derived.

``BACKOFFICE_MODE`` is ``production`` (default), ``demo`` (what ``make run`` sets: known accounts, mail
on the console) or ``test``. Production refuses to start with debug on, without a secret key of its own
or with insecure cookies (spec: users-and-roles 1.4).
"""

import os
import secrets
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from backoffice.database import database_settings

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("BACKOFFICE_VAR", BASE_DIR / "var"))

MODE = os.environ.get("BACKOFFICE_MODE", "production")
DEBUG = os.environ.get("DEBUG", "") in {"1", "true", "yes"}
SECRET_KEY = os.environ.get("SECRET_KEY", "")
DATABASE_URL = os.environ.get("DATABASE_URL", "")
ALLOWED_HOSTS = [h for h in os.environ.get("ALLOWED_HOSTS", "").split(",") if h]
TRUSTED_ORIGINS = [o for o in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if o]
TRUSTED_PROXIES = int(os.environ.get("TRUSTED_PROXIES", "0"))
INSECURE_COOKIES = os.environ.get("INSECURE_COOKIES", "") in {"1", "true", "yes"}
EMAIL_URL_HOST = os.environ.get("EMAIL_HOST", "")
IMAGE_HOSTS = [h for h in os.environ.get("IMAGE_HOSTS", "").split(",") if h]
IMAGE_BASE_URL = os.environ.get("IMAGE_BASE_URL", "")
IMAGE_MAX_BYTES = int(os.environ.get("IMAGE_MAX_BYTES", str(8 * 2**20)))
IMAGE_MAX_PIXELS = int(os.environ.get("IMAGE_MAX_PIXELS", "50000000"))
BRAND_NAME = os.environ.get("BRAND_NAME", "Harlund Supply")

if MODE not in {"production", "demo", "test"}:
    raise ImproperlyConfigured("BACKOFFICE_MODE is production, demo or test.")
DEMO = MODE == "demo"
PRODUCTION = MODE == "production"

if PRODUCTION:
    if DEBUG:
        raise ImproperlyConfigured("Production does not start with DEBUG. Unset DEBUG.")
    if len(SECRET_KEY) < 32 or SECRET_KEY.startswith("django-insecure-"):
        raise ImproperlyConfigured(
            "Production needs its own SECRET_KEY of 32 characters or more "
            "(for a trial set BACKOFFICE_MODE=demo, as `make run` does)."
        )
    if INSECURE_COOKIES:
        raise ImproperlyConfigured("Production does not start with INSECURE_COOKIES.")
elif not SECRET_KEY:
    if MODE == "test":
        SECRET_KEY = "test-only-key-" + "0" * 36
    else:
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        key_file = VAR_DIR / "secret-key"
        if not key_file.exists():
            key_file.write_text(secrets.token_urlsafe(48))
            key_file.chmod(0o600)
        SECRET_KEY = key_file.read_text().strip()
if not PRODUCTION and not ALLOWED_HOSTS:
    ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]

# --- the project ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    "backoffice.console",
    "backoffice.accounts",
    "backoffice.history",
    "backoffice.transfer",
    "catalog.stores",
    "catalog.urls",
    "catalog.images",
    "catalog.attributes",
    "catalog.buyers",
    "catalog.taxes",
    "catalog.categories",
    "catalog.products",
    "catalog.packaging",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "guardian",
    "import_export",
    "treebeard",
    "axes",
    "csp",
    "django_tasks",
    "django_tasks_db",
]

if MODE == "test":
    INSTALLED_APPS += ["tests.scoped"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "backoffice.actor.ActorMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "backoffice.accounts.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "backoffice.urls"
WSGI_APPLICATION = "backoffice.wsgi.application"
APPEND_SLASH = True

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
                "backoffice.console.frame.frame",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = database_settings(DATABASE_URL, VAR_DIR)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people --------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "backoffice.accounts.backends.RoleBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "admin:login"
PASSWORD_RESET_TIMEOUT = 60 * 60
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "first_name", "last_name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "backoffice.accounts.passwords.NotThePreviousValidator"},
]
if MODE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

SESSION_IDLE_SECONDS = 8 * 60 * 60
SESSION_ABSOLUTE_SECONDS = 7 * 24 * 60 * 60
SESSION_COOKIE_AGE = SESSION_IDLE_SECONDS
SESSION_COOKIE_NAME = "bo_session"
CSRF_COOKIE_NAME = "bo_csrf"
CSRF_FAILURE_VIEW = "backoffice.console.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = TRUSTED_ORIGINS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
LANGUAGE_COOKIE_NAME = "bo_language"

# Lock-out: users-and-roles 9.1. One account name, or one address; the higher limit is scaled in the handler.
LOCKOUT_ACCOUNT_FAILURES = 9
LOCKOUT_ADDRESS_FAILURES = 50
LOCKOUT_MINUTES = 15

SECURITY_LOG_DAYS = 400
UNDO_DAYS = 30
CODE_ATTRIBUTES = ("ean", "gtin", "upc", "upcs", "isbn", "mpn")

# --- security headers ----------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": [
            "'self'",
            "data:",
            *IMAGE_HOSTS,
            *filter(None, ["/".join(IMAGE_BASE_URL.split("/")[:3])]),
        ],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- languages -----------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
DEFAULT_CONTENT_LOCALE = "en_US"
URLS_WITH_FULL_LOCALE = os.environ.get("URLS_WITH_FULL_LOCALE", "") in {"1", "true", "yes"}
TIME_ZONE = "UTC"
USE_TZ = True

# --- files, mail, jobs ---------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
if not PRODUCTION:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
PRIVATE_ROOT = VAR_DIR / "private"
MEDIA_ROOT = VAR_DIR / "media"
SAMPLE_MEDIA = None if PRODUCTION else BASE_DIR / "fixtures" / "sample-media"
"""The pictures of the demo catalogue, which its files name as /sample-media/…; a shop serves its own."""
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_URL_HOST
    else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST = EMAIL_URL_HOST or "localhost"
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "backoffice@localhost")

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# --- library settings that are unsafe by default -------------------------------------------------

IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

AXES_HANDLER = "backoffice.accounts.lockout.LockoutHandler"
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_FAILURE_LIMIT = LOCKOUT_ACCOUNT_FAILURES
AXES_COOLOFF_TIME = LOCKOUT_MINUTES / 60
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "backoffice.accounts.lockout.account_name"
AXES_CLIENT_IP_CALLABLE = "backoffice.accounts.lockout.address_of"
AXES_LOCKOUT_CALLABLE = "backoffice.accounts.lockout.locked_response"
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS = ["axes.W006"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "%(levelname)s %(name)s %(message)s"},
        "bare": {"format": "%(message)s"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain"},
        "security": {"class": "logging.StreamHandler", "stream": sys.stdout, "formatter": "bare"},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "security": {"handlers": ["security"] if MODE != "test" else [], "level": "INFO", "propagate": False},
        "axes": {"level": "ERROR"},
        # Refusals are in the security log, missing pages are nobody's fault.
        "django.request": {"level": "ERROR"},
    },
}
