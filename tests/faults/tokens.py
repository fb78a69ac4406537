"""Tokens that can be had anew, as Keystone's can."""

from keystoneauth1 import token_endpoint

FIRST = "admin:first"
"""The embedded Placement takes what stands before the colon for the user."""


class Renewable(token_endpoint.Token):
    """A login that gets another token once the server has refused the one it had."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(endpoint, FIRST)

    def invalidate(self) -> bool:
        self.token = "admin:renewed"
        return True
