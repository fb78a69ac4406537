"""A connection that drops at the wrong moment: what was asked was done, and nobody heard of it."""

import requests
from keystoneauth1 import session, token_endpoint

from pci_placement.placement import Client, of_session


class Losing(requests.adapters.HTTPAdapter):
    """Loses the first answers to one kind of request, though the server did what they ask."""

    def __init__(self, method: str, path: str, times: int) -> None:
        super().__init__()
        self.what, self.left = (method, path), times

    def send(self, request, **options):
        response = super().send(request, **options)
        if (request.method, request.path_url.rpartition("/")[2]) == self.what and self.left:
            self.left -= 1
            response.close()
            raise requests.ConnectionError("Connection aborted.")
        return response


def losing(placement, method: str, path: str, times: int) -> Client:
    """A client that loses so many answers to a method, by the last part of the path."""
    http = requests.Session()
    http.mount("http://", Losing(method, path, times))
    auth = token_endpoint.Token(placement.url, "admin")
    adapter = of_session(session.Session(auth, session=http), None, None)
    adapter.connect_retry_delay = 0.01
    return Client(adapter)
