"""What a caller can react to. No message holds a token or a secret."""


class CinemaAuthError(Exception):
    """The base of the two below."""


class TokenInvalid(CinemaAuthError):
    """The token opens nothing; answer 401, and the client signs in or refreshes. Why is for logs, not for callers."""


class Unavailable(CinemaAuthError):
    """Too little is known at this moment to judge any token; answer 503, and the client comes back."""
