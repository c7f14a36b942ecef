"""One spelling per mailbox: the canonical form of an e-mail address."""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from app.errors import InvalidInput

LONGEST_SHOWN = 40
MAX_LENGTH = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets


@dataclass(frozen=True, kw_only=True)
class EmailAddress:
    """A syntactically valid address.

    Attributes:
        display: as its owner writes it, in Unicode normal form C.
        key: what identifies the mailbox: both parts in lower case, the domain in its ASCII form.
            Dots and plus-tags stay: whether they matter is the mail provider's business.
    """

    display: str
    key: str


def parse_email(text: str, *, pointer: str = "/email") -> EmailAddress:
    """Read an address typed by a person or told by a provider.

    Raises:
        InvalidInput: not an address of the public internet.
    """
    address = find_email(text)
    if address is None:
        raise InvalidInput("not an e-mail address", pointer=pointer)
    return address


def find_email(text: str) -> EmailAddress | None:
    """The same, where anything else counts as no address."""
    text = text.strip()
    if len(text) > MAX_LENGTH:  # cut to the limit it could be somebody else's address
        return None
    try:
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    domain = (found.ascii_domain or found.domain).lower()
    return EmailAddress(display=found.normalized, key=f"{found.local_part.lower()}@{domain}")


def mask_email(text: str) -> str:
    """An address as somebody who knows it recognises it: for mails to where it may be nobody's business."""
    local, _, domain = text.rpartition("@")
    return f"{local[:1]}***@{domain if len(domain) <= LONGEST_SHOWN else domain[:LONGEST_SHOWN] + '…'}"


def mask_email_wholly(text: str) -> str:
    """An address as only somebody who knows it recognises it: for whoever may be a stranger."""
    local, _, domain = text.rpartition("@")
    name, _, top = domain.rpartition(".")
    return f"{local[:1]}***@{name[:1]}***.{top}"
