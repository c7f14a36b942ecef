"""Checks the access tokens of Cinema Auth in another service of the cinema."""

from cinema_auth.bearer import bearer_token
from cinema_auth.claims import Claims
from cinema_auth.errors import CinemaAuthError, TokenInvalid, Unavailable
from cinema_auth.verifier import Verifier

__all__ = ["CinemaAuthError", "Claims", "TokenInvalid", "Unavailable", "Verifier", "bearer_token"]
