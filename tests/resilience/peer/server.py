"""An account server that is not ours: django-oauth-toolkit at the vendor's paths, with Django's own login form.

Usage: server.py DATA_DIR GRACE_SECONDS CLIENT_ID REDIRECT_URI...

Opens a free port on 127.0.0.1, prints one JSON line {"url": ...} when it answers, and ends when its stdin does.
Nothing of the protocol is written here: only settings, routes, one person and one public client.
"""

import json
import os
import sys
import threading
from pathlib import Path

import django
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.http import JsonResponse

USERNAME = "ines"
PASSWORD = "a-password-of-this-test-alone"


class Handler(WSGIRequestHandler):
    """Says nothing of each request: its line would hold the code of a callback."""

    def log_message(self, *_):
        pass


def configure(data: Path, origin: str, grace: int) -> None:
    settings.configure(
        DEBUG=False,
        SECRET_KEY=os.urandom(32).hex(),
        ALLOWED_HOSTS=["127.0.0.1", "localhost"],
        ROOT_URLCONF=sys.modules["__main__"],
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.staticfiles",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        # Its price is for the strength of real passwords.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [Path(__file__).parent / "templates"],
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                    ]
                },
            }
        ],
        STATIC_URL="/static/",
        LOGIN_URL="/accounts/login/",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(data / "peer.sqlite3"),
                # One writer at a time, and the others wait their turn.
                "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE"},
            }
        },
        OAUTH2_PROVIDER={
            "SCOPES": {
                "printing": "See and change users, groups and print settings",
                "printing.printers.readonly": "See printers",
                "reporting": "See reports",
            },
            "DEFAULT_SCOPES": ["printing"],
            "PKCE_REQUIRED": True,
            "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
            "REFRESH_TOKEN_EXPIRE_SECONDS": 3600,
            "ROTATE_REFRESH_TOKEN": True,
            "REFRESH_TOKEN_REUSE_PROTECTION": True,
            "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": grace,
            # RFC 9700 as strictly as it can: no plain challenge, no implicit grant, and RFC 9207's iss.
            "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
            "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
            "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
            "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
            "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
            # Tokens at rest as hashes alone; a grace needs them readable.
            "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": grace == 0,
            "OIDC_ISS_ENDPOINT": origin,
        },
    )
    django.setup()


def populate(client_id: str, redirects: list) -> None:
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from oauth2_provider.models import get_application_model

    call_command("migrate", verbosity=0, interactive=False)
    get_user_model().objects.create_user(USERNAME, password=PASSWORD)
    application = get_application_model()
    application.objects.create(
        name="Pressroom",
        client_id=client_id,
        client_type=application.CLIENT_PUBLIC,
        client_secret="",
        authorization_grant_type=application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=" ".join(redirects),
    )


def routes() -> list:
    from django.contrib.auth.views import LoginView
    from django.urls import path
    from oauth2_provider import views
    from oauth2_provider.views.generic import ProtectedResourceView

    class Me(ProtectedResourceView):
        """Stands for the API: who a token speaks for."""

        def get(self, request):
            return JsonResponse({"username": request.resource_owner.username})

    return [
        path("accounts/login/", LoginView.as_view()),
        path("oauth/authorize/", views.AuthorizationView.as_view()),
        path("oauth/access_token/", views.TokenView.as_view()),
        path("oauth/revoke/", views.RevokeTokenView.as_view()),
        path("v1/users/me/", Me.as_view()),
    ]


def main() -> None:
    data, grace, client_id, *redirects = sys.argv[1:]
    server = ThreadedWSGIServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    origin = f"http://127.0.0.1:{server.server_port}"
    configure(Path(data), origin, int(grace))
    populate(client_id, redirects)
    sys.modules["__main__"].urlpatterns = routes()

    from django.core.wsgi import get_wsgi_application

    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"url": origin}), flush=True)
    sys.stdin.read()


main()
