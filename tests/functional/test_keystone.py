"""Logging in at a real Keystone, and what a real Placement then lets which role do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from keystoneauth1.identity.base import BaseIdentityPlugin
from keystoneauth1.identity.v3 import Auth
from support import answers
from support.cloud import CARD, PLAIN, VFS, configure, name
from support.command import Run
from support.daemons import PATIENCE
from support.keystone import (
    ASTRAY,
    BARE,
    DOWN,
    EMPTY,
    INSIDE,
    OUTSIDE,
    REGION,
    SECURE,
    Cloud,
    password,
)
from support.placements import ROOT

from pci_placement.errors import ReshapeForbidden
from pci_placement.placement import Client
from pci_placement.placement.causes import NO_LISTENER

pytestmark = pytest.mark.usefixtures("nowhere", "logs", "node")

OURS = [name(PLAIN), name(CARD), name(VFS)]
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    """It takes seven seconds to start, so that one must do for all."""
    with Cloud(tmp_path_factory.mktemp("cloud") / "of") as cloud:
        yield cloud


@pytest.fixture
def node(cloud):
    return cloud.bare_node()


@pytest.fixture
def run(call, sysfs, tmp_path):
    """Call the program with a section [placement]."""

    def run(line: str, section: str) -> Run:
        return call(
            "--sysfs", sysfs, "--config-file", configure(tmp_path, placement=section), *line.split()
        )

    return run


def below(node) -> list[str]:
    """The names of what stands below the compute node."""
    listed = node.send("GET", "/resource_providers")["resource_providers"]
    return [provider["name"] for provider in listed if provider["uuid"] != ROOT.uuid]


def refused(done: Run, *parts: str) -> None:
    """One line that says all of this, and exit 1."""
    assert (done.code, [part for part in parts if part not in done.error]) == (1, []), done.err


# --- who may do what


def test_the_role_service_suffices_for_a_whole_pass(run, cloud, node):
    section = cloud.section("service")
    assert run("plan --detailed-exitcode", section).code == 3
    assert run("sync", section).code == 0
    assert sorted(below(node)) == sorted(OURS)
    done = run("sync", section)
    assert (done.code, done.err.splitlines()[0]) == (
        0,
        "nothing to do: Placement is true to this host (1 request)",
    )


def test_the_role_admin_will_do_too(run, cloud, node):
    assert run("sync", cloud.section("admin")).code == 0
    assert sorted(below(node)) == sorted(OURS)


def reshape(client: Client, node) -> None:
    """Ask for a reshape that changes nothing."""
    root = node.send("GET", f"/resource_providers/{ROOT.uuid}/inventories")
    client.send("POST", "/reshaper", {"inventories": {ROOT.uuid: root}, "allocations": {}})


def test_only_the_role_service_may_reshape(cloud, node):
    reshape(cloud.client("service"), node)
    for user in ("admin", "member", "reader"):
        with pytest.raises(ReshapeForbidden) as caught:
            reshape(cloud.client(user), node)
        assert "answered 403 to POST" in str(caught.value)
        assert "placement:reshaper:reshape" in str(caught.value)


def test_placement_still_forbids_it_in_the_words_that_were_recorded(cloud):
    assert telling(answers.ask_reshaper(cloud)) == telling(answers.read("reshape_forbidden"))


def telling(content: dict) -> dict:
    """An answer without what differs each time."""
    content["headers"].pop("x-openstack-request-id")
    (error,) = content["body"]["errors"]
    return content | {"body": {**error, "request_id": ""}}


@pytest.mark.parametrize("line", ["sync", "plan"])
@pytest.mark.parametrize("user", ["member", "reader"])
def test_with_another_role_nothing_is_read_and_nothing_written(run, cloud, node, user, line):
    refused(run(line, cloud.section(user)), "answered 403", "needs the role service (or admin)")
    assert below(node) == []


@pytest.mark.parametrize(
    ("user", "code", "role", "reshaper"),
    [("service", 0, "ok", "ok"), ("admin", 0, "ok", "warning"), ("member", 1, None, None)],
)
def test_doctor_says_what_the_user_may_do(run, cloud, node, user, code, role, reshaper):
    done = run("doctor -f json", cloud.section(user))
    states = {row["check"]: row["state"] for row in done.json}
    assert (done.code, states.get("role"), states.get("reshaper")) == (code, role, reshaper)
    assert states["login"] == ("problem" if role is None else "ok")
    assert below(node) == []


# --- who does not get in


WRONG = {
    "a wrong password": ({"password": "0pen-wrong"}, "Keystone refuses the credentials"),
    "no password": ({"password": None}, "password is a required attribute"),
    "an unknown user": ({"username": "nobody"}, "Keystone refuses the credentials"),
    "an unknown project": ({"project_name": "other"}, "Keystone refuses the credentials"),
    "no domain": ({"user_domain_name": None}, "Expecting to find domain in user"),
    "no project": ({"project_name": None, "project_domain_name": None}, "set project_name"),
    "no Placement in the catalog": ({"project_name": BARE}, "in the service catalog"),
    "no Placement in the region": ({"region_name": EMPTY}, f"in {EMPTY} region not found"),
    "an unknown region": ({"region_name": "Nowhere"}, "in Nowhere region not found"),
    "an unknown interface": ({"valid_interfaces": "admin"}, "['admin'] endpoint for placement"),
}


@pytest.mark.parametrize(("other", "part"), WRONG.values(), ids=WRONG)
def test_whoever_does_not_get_in_hears_why_in_one_line(run, cloud, node, other, part):
    done = run("sync", cloud.section("service", **other))
    refused(done, part)
    assert "0pen" not in done.err
    assert below(node) == []


def test_what_wants_a_token_before_it_tells_its_versions_is_not_keystone(run, cloud):
    # keystoneauth waits for ever then, if one lets it
    section = cloud.section("service", auth_url=f"{cloud.placement.url}/v3")
    refused(run("plan", section), "check auth_url")


def test_a_keystone_that_is_down_may_come_back(run, cloud):
    for auth_url in (cloud.down, f"{cloud.down}/v3"):
        done = run("sync", cloud.section("service", auth_url=auth_url))
        assert done.code == 75
        assert "no answer: " in done.error
        assert cloud.down in done.error
        assert done.error.endswith(": Connection refused; " + NO_LISTENER)
        assert "host=" not in done.error  # what urllib3 wraps it in


@pytest.mark.parametrize("region", [DOWN, OUTSIDE])
def test_a_placement_that_is_down_may_come_back(run, cloud, region):
    done = run("sync", cloud.section("service", region_name=region))
    assert done.code == 75
    assert f"no answer: Unable to establish connection to {cloud.down}" in done.error


def test_an_endpoint_that_is_not_placement_is_named(run, cloud):
    done = run("sync", cloud.section("service", region_name=ASTRAY))
    assert done.code == 75
    assert f"{cloud.auth_url}/ does not answer as Placement does" in done.error


# --- tokens that end in mid-pass


@pytest.fixture
def meanwhile(monkeypatch):
    """Let something happen before the first provider is written."""
    send = Client.send

    def meanwhile(happens) -> None:
        def interrupted(self, method, url, body=None, version=None):
            if method == "POST" and self.sent and not happened:
                happened.append(url)
                happens()
            return send(self, method, url, body, version)

        happened = []
        monkeypatch.setattr(Client, "send", interrupted)

    return meanwhile


@pytest.fixture
def logins(monkeypatch) -> list:
    """A line for each time that this process asks Keystone for a token."""
    get_auth_ref, logins = Auth.get_auth_ref, []

    def counted(self, *arguments, **options):
        logins.append(self.auth_url)
        return get_auth_ref(self, *arguments, **options)

    monkeypatch.setattr(Auth, "get_auth_ref", counted)
    return logins


def test_a_pass_needs_one_token(run, cloud, logins):
    assert run("sync", cloud.section("service")).code == 0
    assert len(logins) == 1


# --- the token of the last pass


def kept(tmp_path) -> Path:
    """The file in which the login is kept."""
    (file,) = (tmp_path / "state").glob("*.login")
    return file


def test_the_next_pass_uses_the_token_of_the_last_one(run, cloud, logins, tmp_path):
    for _ in range(3):
        done = run("sync", cloud.section("service"))
        assert done.code == 0
    assert len(logins) == 1
    assert "(1 request)" in done.err
    assert kept(tmp_path).stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("short_lives")
def test_it_is_kept_until_it_is_about_to_expire(run, cloud, logins):
    for _ in range(2):
        assert run("sync", cloud.section("service")).code == 0
    assert len(logins) > 1


def test_one_that_was_revoked_since_is_replaced(run, cloud, logins):
    before = set(cloud.tokens())
    assert run("sync", cloud.section("service")).code == 0
    cloud.revoke(set(cloud.tokens()) - before)
    assert run("sync", cloud.section("service")).code == 0
    assert len(logins) == 2


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[" * 100_000, b"\xff", b'{"whose": 1, "auth": 2, "version": 3}']
)
def test_one_that_is_damaged_is_as_if_there_were_none(run, cloud, logins, tmp_path, content):
    assert run("sync", cloud.section("service")).code == 0
    kept(tmp_path).write_bytes(content)
    assert run("sync", cloud.section("service")).code == 0
    assert len(logins) == 2


def test_it_is_for_the_same_user_and_password_only(run, cloud, logins, tmp_path):
    assert run("sync", cloud.section("service")).code == 0
    token = kept(tmp_path).read_bytes()
    wrong = cloud.section("service").replace(password("service"), "wr0ng")
    refused(run("sync", wrong), "Keystone refuses the credentials")
    assert not list((tmp_path / "state").glob("*.login"))  # it may have been the reason
    kept_before = next((tmp_path / "state").glob("*.root"))
    kept_before.with_suffix(".login").write_bytes(token)
    assert run("sync", cloud.section("admin")).code == 0
    assert len(logins) == 3


def test_after_a_pass_that_came_to_nothing_the_next_one_logs_in_anew(run, cloud, logins, tmp_path):
    assert run("sync", cloud.section("service")).code == 0
    content = json.loads(kept(tmp_path).read_text())
    content["auth"] = content["auth"].replace(cloud.placement.url, cloud.down)
    kept(tmp_path).write_text(json.dumps(content))
    assert run("sync", cloud.section("service")).code == 75
    assert run("sync", cloud.section("service")).code == 0
    assert len(logins) == 2


# --- tokens that end in mid-pass


def test_a_token_that_is_revoked_in_mid_pass_is_replaced(run, cloud, node, meanwhile, logins):
    before = set(cloud.tokens())
    meanwhile(lambda: cloud.revoke(set(cloud.tokens()) - before))
    done = run("sync -f json", cloud.section("service"))
    assert (done.code, len(logins)) == (0, 2), done.err
    assert {row["result"] for row in done.json} == {"done"}
    assert sorted(below(node)) == sorted(OURS)


@pytest.fixture
def short_lives(cloud):
    """Tokens that keystoneauth takes for about to expire, and that last for all of a test."""
    cloud.keystone.set("token", "expiration", BaseIdentityPlugin.MIN_TOKEN_LIFE_SECONDS - 10)
    yield
    cloud.keystone.set("token", "expiration", 3600)


@pytest.mark.usefixtures("short_lives")
def test_a_token_that_is_about_to_expire_is_replaced_before(run, cloud, node, logins):
    assert run("sync", cloud.section("service")).code == 0
    assert len(logins) > 2
    assert sorted(below(node)) == sorted(OURS)


@pytest.fixture
def later(cloud):
    """Let two hours pass for Keystone: twice as long as a token lasts."""
    yield lambda: cloud.keystone.put_clock_forward(7200)
    cloud.keystone.put_clock_forward(0)


def test_on_a_node_whose_clock_is_slow_a_token_expires_and_is_replaced(
    run, cloud, node, meanwhile, logins, later
):
    meanwhile(later)
    done = run("sync", cloud.section("service"))
    assert (done.code, len(logins)) == (0, 2), done.err
    assert sorted(below(node)) == sorted(OURS)


def test_a_user_who_is_locked_out_in_mid_pass_is_told_and_the_pass_stops(
    run, cloud, node, meanwhile
):
    def lock_out(enabled: bool = False) -> None:
        (user,) = cloud.identity.get("/users?name=admin").json()["users"]
        cloud.identity.patch(f"/users/{user['id']}", json={"user": {"enabled": enabled}})

    meanwhile(lock_out)
    try:
        done = run("sync -f json", cloud.section("admin"))
    finally:
        lock_out(enabled=True)
    assert done.code == 1
    assert "Keystone refuses the credentials" in done.err
    assert "Traceback" not in done.err
    assert {row["result"] for row in done.json} == {"done", "failed", "skipped"}
    assert below(node) == []


# --- regions, interfaces and endpoints by name


BY_NAME = {
    "by default the internal one": {"region_name": INSIDE},
    "the public one": {"region_name": OUTSIDE, "valid_interfaces": "public"},
    "the first of a list": {"region_name": INSIDE, "valid_interfaces": "internal,public"},
    "the first of a list that exists": {"region_name": OUTSIDE, "valid_interfaces": "admin,public"},
}


@pytest.mark.parametrize("other", BY_NAME.values(), ids=BY_NAME)
def test_the_endpoint_that_was_named_is_asked(run, cloud, other):
    assert run("plan", cloud.section("service", **other)).code == 0


def test_an_endpoint_may_be_chosen_in_place_of_the_catalog(run, cloud):
    section = cloud.section("service", region_name=DOWN, endpoint_override=cloud.placement.url)
    assert run("plan", section).code == 0


# --- clouds.yaml


INFLUX = pytest.mark.filterwarnings(  # openstacksdk says so to everybody
    "ignore:Support for InfluxDB requires the influxdb library"
)


@pytest.fixture
def by_cloud(call, sysfs, tmp_path, cloud, monkeypatch):
    """Call the program with a cloud of clouds.yaml; the section [placement] leads nowhere."""
    file = configure(tmp_path, placement="auth_type = nonsense")
    clouds = tmp_path / "clouds.yaml"
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(clouds))

    def by_cloud(line: str, user: str = "service", **other: object) -> Run:
        known = {"auth": cloud.options(user), **other}
        clouds.write_text(json.dumps({"clouds": {"lab": known}}))
        return call("--os-cloud", "lab", "--sysfs", sysfs, "--config-file", file, *line.split())

    return by_cloud


@INFLUX
@pytest.mark.parametrize(
    ("region", "interface", "code"),
    [(INSIDE, "internal", 0), (INSIDE, "public", 75), (OUTSIDE, "public", 0), (OUTSIDE, None, 0)],
)
def test_a_cloud_says_region_and_interface_too(by_cloud, region, interface, code):
    other = {"interface": interface} if interface else {}
    assert by_cloud("plan", region_name=region, **other).code == code


@INFLUX
def test_a_cloud_with_a_password_serves_for_a_whole_pass(by_cloud, node):
    assert by_cloud("sync", region_name=REGION).code == 0
    assert sorted(below(node)) == sorted(OURS)


@INFLUX
def test_a_cloud_names_its_authority_too(by_cloud, cloud):
    secure = {"region_name": SECURE, "interface": "internal"}
    assert by_cloud("plan", cacert=str(cloud.authority.file), **secure).code == 0
    refused(by_cloud("plan", **secure), "certificate is not trusted", "cacert in clouds.yaml")
    assert by_cloud("plan", verify=False, **secure).code == 0


# --- TLS with a private authority


def secured(cloud) -> dict[str, dict[str, str]]:
    """HTTPS at Keystone, at Placement, and at both."""
    keystone, placement = {"auth_url": cloud.secure_auth_url}, {"region_name": SECURE}
    bare = {"auth_url": cloud.keystone.secure_url, **placement}
    return {
        "keystone": keystone,
        "placement": placement,
        "both": {**keystone, **placement},
        "without a version in auth_url": bare,
    }


SECURED = ["keystone", "placement", "both", "without a version in auth_url"]


@pytest.mark.parametrize("where", SECURED)
def test_a_certificate_of_a_known_authority_is_trusted(run, cloud, where):
    cafile = str(cloud.authority.file)
    assert run("plan", cloud.section("service", cafile=cafile, **secured(cloud)[where])).code == 0


@pytest.mark.parametrize("where", SECURED)
@pytest.mark.parametrize("cafile", ["none", "other"])
def test_a_certificate_of_an_unknown_authority_is_not(run, cloud, node, where, cafile):
    named = {"cafile": str(cloud.other_authority.file)} if cafile == "other" else {}
    done = run("sync", cloud.section("service", **named, **secured(cloud)[where]))
    refused(done, "certificate is not trusted", "cafile in [placement]", "https://127.0.0.1:")
    assert "unable to get local issuer certificate" in done.error
    assert below(node) == []


@pytest.mark.parametrize("where", SECURED)
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_that_is_none_of_an_authority_is_refused(run, cloud, tmp_path, where, content):
    file = tmp_path / "authority.pem"
    if content:
        file.write_text(content)
    done = run("plan", cloud.section("service", cafile=str(file), **secured(cloud)[where]))
    refused(done, "cafile")
    assert content or str(file) in done.error


@pytest.mark.parametrize("where", SECURED)
def test_nobody_is_checked_if_so_wished_and_that_is_said_once(run, cloud, where):
    done = run("plan", cloud.section("service", insecure="true", **secured(cloud)[where]))
    (told,) = [line for line in done.err.splitlines() if "certificates" in line]
    assert done.code == 0
    assert told.startswith("warning: certificates are not checked")


# --- processes of their own, at their most talkative


def process(program: str, *line: object, **environment: str) -> Run:
    """What a program says without our environment."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    done = subprocess.run(
        [BIN / program, *line],
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def secrets_in(cloud, *texts: str) -> list[str]:
    """Every token of this cloud, and how all passwords begin, where a text has it."""
    return [s for s in ("0pen-", *cloud.tokens()) if any(s in text for text in texts)]


TALKATIVE = {
    "a pass": ("service", {}, 0, "POST call to placement"),
    "a forbidden one": ("member", {}, 1, "needs the role service"),
    "a wrong password": ("service", {"password": "0pen-wrong"}, 1, "refuses the credentials"),
}


@pytest.mark.parametrize(("user", "other", "code", "part"), TALKATIVE.values(), ids=TALKATIVE)
def test_no_secret_is_ever_told(cloud, tmp_path, sysfs, user, other, code, part):
    log = tmp_path / "a.log"
    here = ["--sysfs", sysfs, "--config-file"]
    here.append(configure(tmp_path, placement=cloud.section(user, **other)))
    before = len(cloud.tokens())
    done = process("pci-placement", "-vv", "--debug", "--log-file", log, *here, "sync")
    assert (done.code, part in done.err) == (code, True), done.err
    assert "/v3/auth/tokens" in done.err
    assert (len(cloud.tokens()) > before) == ("password" not in other)
    files = {path.suffix: path.read_text() for path in (tmp_path / "state").iterdir()}
    login = files.pop(".login", "")  # it is for the token, and for nobody but the owner
    assert secrets_in(cloud, done.out, done.err, log.read_text(), *files.values()) == []
    assert "0pen-" not in login


def test_openstackclient_logs_in_with_a_password_as_well(cloud, node, tmp_path, sysfs):
    options = cloud.options("service", region_name=REGION)
    given = {f"OS_{name.upper()}": value for name, value in options.items()}
    here = ["--debug", "--pci-sysfs", sysfs, "--pci-config-file", configure(tmp_path)]
    done = process("openstack", *here, *"pci plan -f json".split(), **given)
    assert done.code == 0, done.err
    created = [row["provider"] for row in done.json if row["action"] == "create_provider"]
    assert (created, below(node)) == (OURS, [])
    assert secrets_in(cloud, done.out, done.err) == []
