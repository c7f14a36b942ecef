"""Whether the process lives, and whether it can serve. For orchestrators, outside the base path."""

from collections.abc import Awaitable, Callable, Mapping

from litestar import Response, get
from litestar.di import NamedDependency

Probe = Callable[[], Awaitable[None]]
Probes = Mapping[str, Probe]


@get("/livez", include_in_schema=False)
async def livez() -> dict[str, str]:
    """Answers as long as the event loop turns; touches nothing else."""
    return {"status": "alive"}


@get("/readyz", include_in_schema=False)
async def readyz(probes: NamedDependency[Probes]) -> Response[dict[str, object]]:
    """Names the class of each dependency that fails, never its host or its error."""
    failing = []
    for name, probe in probes.items():
        try:
            await probe()
        except Exception:  # noqa: BLE001 - whatever it is, the dependency is not usable
            failing.append(name)
    status = "degraded" if failing else "ready"
    return Response({"status": status, "failing": failing}, status_code=503 if failing else 200)
