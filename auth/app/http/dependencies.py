"""What every route may ask for by name; `main` provides it."""

from litestar.di import NamedDependency

from app.http.client import Client
from app.http.limits import RateLimits
from app.http.pace import Pace
from app.http.principal import Authenticate, Principal

FromClient = NamedDependency[Client]
FromLimits = NamedDependency[RateLimits]
FromPace = NamedDependency[Pace]
FromPrincipal = NamedDependency[Principal]
FromAuthenticate = NamedDependency[Authenticate]
