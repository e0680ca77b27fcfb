"""An account server that is not ours: django-oauth-toolkit at the vendor's paths, with Django's own login form.

Usage: server.py DATA_DIR GRACE_SECONDS CLIENT_ID REDIRECT_URI
       server.py --make-tables

Opens a free port on 127.0.0.1, prints one JSON line {"url": ...} when it answers, and ends when its stdin does. The
empty tables, which take seconds to make, are made once for a Python environment (--make-tables) and copied.
Nothing of the protocol is written here: only settings, routes, one person and one public client, and the vendor's
switch_organization, which is the toolkit's own refresh with a note of what was asked for. The tokens are the toolkit's: they say nothing.
"""

import json
import os
import shutil
import sys
import threading
from pathlib import Path

import django
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.http import JsonResponse

# The person's organizations: Private, where a sign-in and each refresh begin, and two that they administer.
PRIVATE = "private-1"
ORGANIZATIONS = {PRIVATE: "Private", "first-1": "First", "second-1": "Second"}
PERSON = "ines-1"

TABLES = Path(sys.prefix) / "tables.sqlite3"

USERNAME = "ines"
PASSWORD = "a-password-of-this-test-alone"


class Handler(WSGIRequestHandler):
    """Says nothing of each request: its line would hold the code of a callback."""

    def log_message(self, *_):
        pass


def configure(database: Path, origin: str, grace: int) -> None:
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
                "NAME": str(database),
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


def make_tables() -> None:
    from django.core.management import call_command

    new = TABLES.with_suffix(".new")
    new.unlink(missing_ok=True)
    configure(new, "http://127.0.0.1", 0)
    call_command("migrate", verbosity=0, interactive=False)
    new.replace(TABLES)


def populate(client_id: str, redirect: str) -> None:
    from django.contrib.auth import get_user_model
    from oauth2_provider.models import get_application_model

    get_user_model().objects.create_user(USERNAME, password=PASSWORD)
    application = get_application_model()
    application.objects.create(
        name="Pressroom",
        client_id=client_id,
        client_type=application.CLIENT_PUBLIC,
        client_secret="",
        authorization_grant_type=application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=redirect,
    )


def routes() -> list:
    from django.contrib.auth.views import LoginView
    from django.urls import path
    from oauth2_provider import views
    from oauth2_provider.views.generic import ProtectedResourceView

    speaks_for = {}

    class Token(views.TokenView):
        """The toolkit's, and a note of which organization each token that it gives speaks for."""

        def post(self, request, *args, **kwargs):
            form = request.POST.copy()
            organization = PRIVATE
            if form.get("grant_type") == "switch_organization":
                organization = form.get("organization_id")
                if organization not in ORGANIZATIONS:
                    return JsonResponse({"error": "invalid_request"}, status=400)
                form["grant_type"] = "refresh_token"
                request.POST = form
            reply = super().post(request, *args, **kwargs)
            if reply.status_code == 200:
                speaks_for[json.loads(reply.content)["access_token"]] = organization
            return reply

    def organization_of(request) -> str:
        return speaks_for[request.headers["Authorization"].removeprefix("Bearer ")]

    def account() -> dict:
        return {"id": PERSON, "email": "ines@example.org", "first_name": "Ines", "last_name": "Vogt", "roles": ["admin"]}

    class Me(ProtectedResourceView):
        """Stands for the API: who a token speaks for."""

        def get(self, request):
            return JsonResponse(account())

    class Listing(ProtectedResourceView):
        """Stands for the API: a list of the organization that a token speaks for."""

        def get(self, request):
            items = self.items(organization_of(request))
            offset, limit = int(request.GET.get("offset", 0)), int(request.GET.get("limit", 20))
            page = items[offset : offset + limit]
            return JsonResponse({"count": len(items), "next": None, "previous": None, "results": page})

    class Organizations(Listing):
        def items(self, organization):
            return [{"id": id, "name": name, "roles": ["admin"]} for id, name in ORGANIZATIONS.items()]

    class Accounts(Listing):
        def items(self, organization):
            return [account()]

    def group(organization: str) -> dict:
        return {
            "id": f"group-of-{organization}",
            "name": f"Group of {ORGANIZATIONS[organization]}",
            "origin": {"provider": "Ezeep"},
            "organization_id": organization,
            "num_members": 1,
            "num_printers": 0,
        }

    class Groups(Listing):
        def items(self, organization):
            return [] if organization == PRIVATE else [group(organization)]

    class PrintUsers(Listing):
        def items(self, organization):
            groups = [{"group_id": group["id"]} for group in Groups().items(organization)]
            return [{"id": PERSON, "groups": groups}]

    class PrintUser(ProtectedResourceView):
        def get(self, request, id):
            return JsonResponse(PrintUsers().items(organization_of(request))[0])

    class Account(ProtectedResourceView):
        def get(self, request, id):
            return JsonResponse(account())

    return [
        path("accounts/login/", LoginView.as_view()),
        path("oauth/authorize/", views.AuthorizationView.as_view()),
        path("oauth/access_token/", Token.as_view()),
        path("oauth/revoke/", views.RevokeTokenView.as_view()),
        path("v1/users/me/", Me.as_view()),
        path("v1/users/", Accounts.as_view()),
        path("v1/users/<str:id>/", Account.as_view()),
        path("v1/organizations/", Organizations.as_view()),
        path("printing/v1/groups/", Groups.as_view()),
        path("printing/v1/users/", PrintUsers.as_view()),
        path("printing/v1/users/<str:id>/", PrintUser.as_view()),
    ]


def main() -> None:
    if sys.argv[1:] == ["--make-tables"]:
        make_tables()
        return
    data, grace, client_id, redirect = sys.argv[1:]
    database = Path(data) / "peer.sqlite3"
    shutil.copyfile(TABLES, database)
    server = ThreadedWSGIServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    origin = f"http://127.0.0.1:{server.server_port}"
    configure(database, origin, int(grace))
    populate(client_id, redirect)
    sys.modules["__main__"].urlpatterns = routes()

    from django.core.wsgi import get_wsgi_application

    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"url": origin}), flush=True)
    sys.stdin.read()


main()
