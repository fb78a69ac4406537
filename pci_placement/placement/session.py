"""How we log in: the options of keystoneauth in `[placement]`, or a cloud of clouds.yaml."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from keystoneauth1 import exceptions as ks
from keystoneauth1 import loading
from keystoneauth1.adapter import Adapter
from keystoneauth1.session import Session
from oslo_config import cfg

from pci_placement.errors import AuthError, PciPlacementError, Unreachable

from .causes import NO_TLS, causes, first_said, is_no_url, reason, speaks_no_tls

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion

SERVICE_TYPE = "placement"
GROUP = "placement"
# Source: placement/rest_api_version_history.rst, 1.30; placement/microversion.py, VERSIONS.
OLDEST, NEWEST = (1, 30), (1, 39)
Version = tuple[int, int]
RETRIED_STATUS = (429, 502, 503, 504)

NOT_CONFIGURED = (
    "it is not said how to reach Placement; write the section [placement] (auth_type, auth_url, "
    "username, …; nova.conf has one; with zun.conf, auth_section = keystone_auth); or use "
    "--os-cloud"
)
NO_PROJECT = (
    "Keystone gave a token for no project, and so no service catalog: set project_name and "
    "project_domain_name"
)
WHICH_PLUGIN = "check auth_type: with a user and a password it is password"
WHOSE_CERTIFICATE = (
    "name a file with the certificate of the authority that signed it: cafile in [placement], "
    "cacert in clouds.yaml, --os-cacert in openstackclient"
)
WANTS_LOGIN = (
    "who answers there wants a token before it tells its versions, which neither Keystone nor "
    "Placement does: check auth_url, and the endpoint of Placement"
)

NO_SENSE = (
    "{}: what answers is neither a sound Keystone nor a sound Placement ({}): check auth_url and "
    "the endpoint of Placement"
)


def connect(conf: cfg.ConfigOpts, os_cloud: str | None = None) -> Adapter:
    """Open a session to Placement; nothing is sent yet.

    Raises AuthError where the options for it are missing or wrong.
    """
    with errors_of_keystoneauth(""):
        adapter = _from_cloud(os_cloud) if os_cloud else _from_conf(conf)
    if not adapter.session.verify:  # as was asked for; urllib3 would say so at every request
        warnings.filterwarnings("ignore", message="Unverified HTTPS request")
    return adapter


def of_session(session: Session, region_name: str | None, interface: str | None) -> Adapter:
    """Use a session that somebody else opened."""
    return Adapter(session, service_type=SERVICE_TYPE, region_name=region_name, interface=interface)


def _from_cloud(name: str) -> Adapter:
    # it takes half as long to import as all the rest of us: only who names a cloud waits for it
    from openstack import exceptions as sdk
    from openstack.config import OpenStackConfig

    try:
        return _of_cloud(OpenStackConfig().get_one(name))
    except sdk.SDKException as error:
        raise _translated(error, "") from error


def _of_cloud(cloud: CloudRegion) -> Adapter:
    return Adapter(
        cloud.get_session(),
        service_type=SERVICE_TYPE,
        region_name=cloud.get_region_name(SERVICE_TYPE),
        interface=cloud.get_interface(SERVICE_TYPE),
        endpoint_override=cloud.get_endpoint(SERVICE_TYPE),
    )


def _from_conf(conf: cfg.ConfigOpts) -> Adapter:
    loading.register_auth_conf_options(conf, GROUP)
    loading.register_session_conf_options(conf, GROUP)
    loading.register_adapter_conf_options(conf, GROUP)
    auth = loading.load_auth_from_conf_options(conf, GROUP)
    if auth is None:
        raise AuthError(NOT_CONFIGURED)
    session = loading.load_session_from_conf_options(conf, GROUP, auth=auth)
    conf.set_default("service_type", SERVICE_TYPE, group=GROUP)
    conf.set_default("valid_interfaces", ["internal", "public"], group=GROUP)
    return loading.load_adapter_from_conf_options(conf, GROUP, session=session, auth=auth)


def negotiate(adapter: Adapter) -> tuple[int, int]:
    """Agree on the newest microversion that both sides know.

    Raises Unreachable, AuthError, or PciPlacementError for a server that is too old.
    """
    with errors_of_answers(str(adapter.endpoint_override or "")):
        found = adapter.get_endpoint_data()
    if found is None:
        raise AuthError(
            f"no endpoint of {adapter.service_type}: the service catalog has none (region "
            f"{adapter.region_name or 'any'}, interface {adapter.interface or 'public'}), and "
            "with auth_type = admin_token the option endpoint must name it"
        )
    if found.max_microversion is None or found.max_microversion[0] != 1:
        raise _no_placement(adapter, str(found.url))
    newest = (int(found.max_microversion[0]), int(found.max_microversion[1]))
    if newest < OLDEST:
        raise PciPlacementError(
            f"Placement at {found.url} speaks microversions up to {_dotted(newest)}; "
            f"{_dotted(OLDEST)} (Rocky) or newer is needed"
        )
    agreed = min(NEWEST, newest)
    adapter.default_microversion = _dotted(agreed)
    return agreed


def _no_placement(adapter: Adapter, url: str) -> PciPlacementError:
    """Ask once more for the versions: keystoneauth keeps to itself why it did not get them.

    Source: keystoneauth1/discover.py, EndpointData._run_discovery.
    """
    try:
        with errors_of_answers(f"GET {url}"):
            adapter.session.get(url, authenticated=False, raise_exc=False)
    except PciPlacementError as error:
        return error
    return Unreachable(f"{url} does not answer as Placement does")


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


@contextlib.contextmanager
def errors_of_keystoneauth(what: str) -> Iterator[None]:
    """Turn the exceptions of keystoneauth into ours; `what` was asked for."""
    try:
        yield
    except (ks.ClientException, cfg.Error, OSError) as error:
        raise _translated(error, what) from error
    except Exception as error:
        if type(error) is not Exception:
            raise
        # so keystoneauth complains of a password that is missing
        raise AuthError(f"cannot log in to Placement: {error}") from error


@contextlib.contextmanager
def errors_of_answers(what: str) -> Iterator[None]:
    """As above, and what keystoneauth does not expect in an answer is told as that."""
    try:
        with errors_of_keystoneauth(what):
            yield
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as e:
        raise Unreachable(NO_SENSE.format(what or "asked for versions", type(e).__name__)) from e


def _translated(error: Exception, what: str) -> PciPlacementError:
    prefix = f"{what}: " if what and what.split("?")[0].split()[-1] not in str(error) else ""
    for cause in causes(error):
        if isinstance(cause, ks.SSLError) and speaks_no_tls(cause):
            return AuthError(prefix + NO_TLS.format(reason(cause)))
        if isinstance(cause, ks.SSLError):
            told = f"{prefix}the server's certificate is not trusted: {reason(cause)}"
            return AuthError(f"{told}; {WHOSE_CERTIFICATE}")
    if _is_passing(error):
        return Unreachable(f"{prefix}no answer: {reason(error)}")
    return AuthError(_refusal(error))


def _refusal(error: Exception) -> str:
    """What the operator has to look at before the next try."""
    if isinstance(error, ks.Unauthorized):
        return f"Keystone refuses the credentials: {error}"
    if isinstance(error, ks.EmptyCatalog):
        return NO_PROJECT
    if isinstance(error, ks.EndpointNotFound):
        return f"no endpoint of Placement in the service catalog: {error}"
    if isinstance(error, ks.MissingAuthPlugin):
        return f"cannot log in to Placement: {WANTS_LOGIN}"
    if isinstance(error, ks.NoMatchingPlugin):
        return f"cannot log in to Placement: {error}; {WHICH_PLUGIN}"
    if is_no_url(error):
        return f"the endpoint of Placement is no URL: {first_said(error)}"
    if isinstance(error, OSError) and error.errno is None:  # requests misses one of these files
        return f"cannot log in to Placement: {error}: check cafile, certfile and keyfile"
    return f"cannot log in to Placement: {error}"


def _is_passing(error: Exception) -> bool:
    """Whether the same may succeed later.

    Where a service does not answer at all, keystoneauth says that it has no version document.
    """
    if is_no_url(error):
        return False
    if isinstance(error, ks.HttpError):
        return error.http_status >= 500 or error.http_status in RETRIED_STATUS
    # an UnknownConnectionError is, for example, a connection that broke off in mid-answer
    passing = (ks.RetriableConnectionFailure, ks.DiscoveryFailure, ks.UnknownConnectionError)
    return any(isinstance(cause, passing) for cause in causes(error))
