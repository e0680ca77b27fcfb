"""Runs a simulated cloud and holds it to openapi.yaml: first the replies of a whole sign-in, then schemathesis on both servers.

Called by check.sh, with the path of the program and of the contract. Everything is seeded: the same program gives the same answer.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests
import schemathesis

CLIENT = "78KYzeX5wS8r0FYz9KdvNt9xHMRA61PJK80IHwNj"
PASSWORD_CLIENT = "pW4nVtXz0QkRb2sYdLhC8eUJg6mAfT1oNiE7KrSv"
SERVICE_CLIENT = ("uMp7sGq2ZrVw9BxHnK4dLtYc1EoJf6TaRi0SvPbX", "simulated-secret-of-the-service-client")
MAIN_ORGANIZATION = "54e3a324-cc89-4722-8338-c285d26bef15"
SCOPE = "printing printing.printers.readonly"
REDIRECT = "http://localhost:8080/oauth/callback"
EXAMPLES = "15"
SEED = "20261101"

# Requests of a right shape that the state refuses: a name that is taken, a synced group, an id that names nothing, a grant whose
# token is unknown. The contract's `default` reply covers their 400, which schemathesis can't know. Everywhere else a 400 for a
# valid request fails the check.
REFUSED_BY_STATE = [
    "POST /groups/",
    "PATCH /groups/{id}/",
    "DELETE /groups/{id}/",
    "PATCH /users/{id}/",
    "PUT /users/{id}/",
    "PUT /assignments/{id}/",
    "PATCH /v1/users/{id}/",
    "POST /v1/users/userinvitations/",
    "PATCH /v1/userinvitations/{id}/",
    "POST /oauth/access_token/",
    "POST /oauth/pair/",
]

# The contract lists only the success of these two; their errors are those of RFC 6749 section 5.2 and RFC 7009 section 2.2.1.
SUCCESS_ONLY = ["POST /oauth/pair/", "POST /oauth/revoke/"]

# Not run at all:
# - GET /oauth/authorize/ is a page for a person; the contract knows only the redirect at its end. Its rules have tests of their own.
RUNS = [
    ("printing server", "api", r"^/(groups|users|assignments)/", "bearer"),
    ("account server", "account", r"^/v1/", "bearer"),
    ("token endpoints", "account", r"^/oauth/(access_token|pair|revoke)/", "basic"),
]


class Sim:
    """The program, for as long as the `with` lasts."""

    def __init__(self, program):
        self.process = subprocess.Popen(
            [program, "--people", "300", "--groups", "40"], stdout=subprocess.PIPE, text=True
        )
        self.urls = {}
        for line in self.process.stdout:
            name, _, value = line.strip().partition(": ")
            self.urls[name] = value
            if name == "client-id":
                break
        if "client-id" not in self.urls:
            raise SystemExit("contract: the simulated cloud did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Checked:
    """Requests whose replies are held to the contract's schema of that operation."""

    def __init__(self, sim, contract):
        self.sim = sim
        self.schema = schemathesis.openapi.from_path(contract)
        self.count = 0

    def call(self, server, method, path, expect, *, at=None, **options):
        url = self.sim.urls[server] + (at or path)
        reply = requests.request(method, url, timeout=10, allow_redirects=False, **options)
        if reply.status_code not in expect:
            raise AssertionError(f"{method} {at or path}: {reply.status_code} {reply.text[:300]}")
        self.schema[path][method].validate_response(reply)
        self.count += 1
        return reply

    def token(self, auth, expect=(200,), **form):
        return self.call("account", "POST", "/oauth/access_token/", expect, auth=auth, data=form).json()


def sign_in(checked):
    """Every grant once, and the reads and writes an admin makes; gives an access token and ids for the runs."""
    public = (PASSWORD_CLIENT, "")
    first = checked.token(
        public, grant_type="password", username="ines.vogt@nordhafen.example", password="simulated-password", scope=SCOPE
    )
    second = checked.token(public, grant_type="refresh_token", refresh_token=first["refresh_token"], scope=SCOPE)
    third = checked.token(
        public,
        grant_type="switch_organization",
        refresh_token=second["refresh_token"],
        organization_id=MAIN_ORGANIZATION,
        scope=SCOPE,
    )
    checked.token(SERVICE_CLIENT, grant_type="client_credentials", scope="printing")
    checked.token((CLIENT, ""), (400,), grant_type="authorization_code", code="x", redirect_uri=REDIRECT, scope="printing")
    checked.token(("nobody", ""), (401,), grant_type="client_credentials", scope="printing")
    pair = checked.call("account", "POST", "/oauth/pair/", (200,), auth=(CLIENT, ""), data={"mode": "user"}).json()
    checked.token((CLIENT, ""), (400,), grant_type="pairing_code", pairing_code=pair["pairing_code"])
    checked.call("account", "POST", "/oauth/revoke/", (200,), auth=(CLIENT, ""), data={"token": "unknown"})

    headers = {"Authorization": "Bearer " + third["access_token"]}

    def call(server, method, path, expect=(200,), **options):
        return checked.call(server, method, path, expect, headers=headers, **options)

    group = call(
        "api", "POST", "/groups/", (201,), json={"name": "Contract", "organization_id": MAIN_ORGANIZATION}
    ).json()
    at_group = f"/groups/{group['id']}/"
    call("api", "GET", "/groups/{id}/", at=at_group)
    call("api", "PATCH", "/groups/{id}/", at=at_group, json={"description": "Held to the contract"})
    users = call("api", "GET", "/users/", json={"groups": [{"group_id": "6e936a85-24fe-4d69-9b0c-505918b2a179"}]}).json()
    user = users["results"][0]
    at_user = f"/users/{user['id']}/"
    wanted = user["groups"] + [{"group_id": group["id"]}]
    call("api", "PATCH", "/users/{id}/", at=at_user, json={"groups": wanted})
    call("api", "PUT", "/users/{id}/", at=at_user, json={"groups": user["groups"]})
    call("api", "GET", "/users/{id}/", at=at_user)
    printer = call("api", "GET", "/assignments/").json()["results"][0]
    at_printer = f"/assignments/{printer['printer_id']}/"
    assignment = [{"groups": [{"group_id": group["id"]}]}]
    call("api", "PUT", "/assignments/{id}/", at=at_printer, json={"assignment": assignment})
    call("api", "DELETE", "/groups/{id}/", (204,), at=at_group)
    call("account", "GET", "/v1/organizations/")
    call("account", "GET", "/v1/users/me")
    call("account", "GET", "/v1/users/", params={"page": 2, "per_page": 7})
    call("account", "GET", "/v1/users/{id}/", at=f"/v1/users/{user['id']}/")
    call(
        "account",
        "POST",
        "/v1/users/userinvitations/",
        (201,),
        json={"email": "contract@nordhafen.example", "expire_date": "2033-01-01T00:00:00Z"},
    )
    listed = call("account", "GET", "/v1/users/userinvitations/").json()["results"]
    invitation = next(entry for entry in listed if entry["invitation_status"] == "OPEN")
    call("account", "PATCH", "/v1/userinvitations/{id}/", at=f"/v1/userinvitations/{invitation['id']}/")
    return third["access_token"], printer["printer_id"], invitation["id"]


def configuration(printer, invitation):
    """schemathesis.toml: ids it can't find out by itself, and the two exceptions above."""
    text = [f"seed = {SEED}", ""]
    for operation in REFUSED_BY_STATE:
        text += ["[[operations]]", f'include-name = "{operation}"']
        ids = {"PUT /assignments/{id}/": printer, "PATCH /v1/userinvitations/{id}/": invitation}
        if operation in ids:
            text.append(f'parameters = {{ "path.id" = "{ids[operation]}" }}')
        text.append('checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "401", "403", "404"]')
        if operation in SUCCESS_ONLY:
            text.append("checks.status_code_conformance.enabled = false")
        text.append("")
    for operation in SUCCESS_ONLY:
        if operation not in REFUSED_BY_STATE:
            text += ["[[operations]]", f'include-name = "{operation}"']
            text += ["checks.status_code_conformance.enabled = false", ""]
    return "\n".join(text)


def main():
    program, contract = sys.argv[1], sys.argv[2]
    started = time.monotonic()
    failed, cases = [], 0
    with Sim(program) as sim, tempfile.TemporaryDirectory() as folder:
        checked = Checked(sim, contract)
        bearer, printer, invitation = sign_in(checked)
        config = Path(folder, "schemathesis.toml")
        config.write_text(configuration(printer, invitation))
        cli = Path(sys.executable).with_name("schemathesis")
        for name, server, paths, way in RUNS:
            auth = ["--header", f"Authorization: Bearer {bearer}"] if way == "bearer" else ["--auth", f"{CLIENT}:"]
            command = [cli, "--config-file", config, "run", contract, "--url", sim.urls[server]]
            command += ["--include-path-regex", paths, "--max-examples", EXAMPLES, "--seed", SEED]
            command += ["--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--no-color", *auth]
            run = subprocess.run(
                command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env={**os.environ, "SCHEMATHESIS_HOOKS": ""}, check=False,
            )
            generated = re.search(r"(\d+) generated", run.stdout)
            cases += int(generated.group(1)) if generated else 0
            if run.returncode != 0 or not generated:
                failed.append(name)
                print(run.stdout)
    seconds = time.monotonic() - started
    verdict = f"FAILED on the {' and the '.join(failed)}" if failed else "ok"
    print(f"contract: {verdict}: {checked.count} replies of a whole sign-in, {cases} generated requests, {seconds:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
