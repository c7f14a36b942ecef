"""The Auth service goes away, and comes back: other services go on, and miss nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.settings import Secret
from app.tests.support.clock import ManualClock
from app.tests.support.people import signed_in
from app.tests.support.postgresql import PostgreSql
from app.tests.support.proxy import Proxy
from app.tests.support.service import Service, serving
from app.tests.support.viewer import Viewer
from app.tests.verifier.checking import A_SECOND, checking, opens, refresh, refreshed
from cinema_auth import Unavailable, Verifier


@asynccontextmanager
async def on_the_way_to(service: Service) -> AsyncIterator[Proxy]:
    async with Proxy.before(("127.0.0.1", urlsplit(service.url).port or 0)) as proxy:
        yield proxy


async def refreshed_in_vain(verifier: Verifier) -> bool:
    try:
        await refresh(verifier)
    except Unavailable:
        return True
    return False


async def test_tokens_are_judged_while_the_service_is_down(tmp_path: Path, clock: ManualClock) -> None:
    """Both ways: what was good stays good, what had ended stays ended."""
    async with (
        serving(tmp_path / "data", clock) as service,
        signed_in(service, "anna@example.ru") as anna,
        signed_in(service, "boris@example.ru") as boris,
    ):
        await boris.post("/logout")
        verifier = await refreshed(service)

    failed = await refreshed_in_vain(verifier)
    clock.advance(timedelta(minutes=2))

    assert failed
    assert (opens(verifier, anna.access_token), opens(verifier, boris.access_token)) == (True, False)
    assert verifier.revocations_age == timedelta(minutes=2)


@pytest.mark.parametrize("fault", ["refuse", "black_hole", "lose_answers"])
async def test_what_ended_meanwhile_is_known_when_the_way_is_open_again(
    fault: str, service: Service, anna: Viewer
) -> None:
    async with on_the_way_to(service) as way, signed_in(service, "boris@example.ru") as boris:
        base_url = f"http://127.0.0.1:{way.port}"
        verifier = await refreshed(service, base_url=base_url, timeout=timedelta(seconds=2))
        getattr(way, fault)()
        await anna.post("/logout")
        service.clock.advance(timedelta(minutes=4))
        failed = await refreshed_in_vain(verifier)
        meanwhile = opens(verifier, anna.access_token)

        await way.heal()
        await refresh(verifier)

        assert (failed, meanwhile) == (True, True)
        assert (opens(verifier, anna.access_token), opens(verifier, boris.access_token)) == (False, True)
        assert verifier.revocations_age == timedelta(0)


async def test_a_connection_that_was_cut_costs_no_round(service: Service, anna: Viewer) -> None:
    """Servers and balancers close what has been idle."""
    async with on_the_way_to(service) as way:
        verifier = await refreshed(service, base_url=f"http://127.0.0.1:{way.port}")
        way.cut()

        await refresh(verifier)

        assert way.accepted == 2


async def test_a_restarted_service_is_followed(tmp_path: Path, clock: ManualClock) -> None:
    """With nothing but its data: the cursor of one process is good for the next."""
    fixed = {"public_url": "http://auth.localhost"}
    async with (
        serving(tmp_path / "data", clock, **fixed) as service,
        signed_in(service, "anna@example.ru") as anna,
        on_the_way_to(service) as way,
    ):
        verifier = await refreshed(service, base_url=f"http://127.0.0.1:{way.port}")
        await anna.post("/logout")
        clock.advance(timedelta(seconds=40))
        way.cut()
        async with serving(tmp_path / "data", clock, **fixed) as next_one:
            way.lead_to(("127.0.0.1", urlsplit(next_one.url).port or 0))
            await refresh(verifier)

    assert not opens(verifier, anna.access_token)


async def test_nothing_is_judged_before_the_first_news(service: Service, anna: Viewer) -> None:
    """A service that starts during an outage knows neither keys nor ends; nor does one with wrong credentials."""
    fresh, stranger = await checking(service), await checking(service, client_secret="wrong")
    failed = await refreshed_in_vain(stranger)

    for verifier in (fresh, stranger):
        with pytest.raises(Unavailable):
            verifier.verify(anna.access_token)
    assert failed
    assert fresh.revocations_age is None


async def test_a_limit_of_silence_closes(service: Service, anna: Viewer) -> None:
    verifier = await refreshed(service, max_silence=timedelta(seconds=30))
    service.clock.advance(timedelta(seconds=30))
    just_in_time = opens(verifier, anna.access_token)
    service.clock.advance(A_SECOND)

    with pytest.raises(Unavailable):
        verifier.verify(anna.access_token)
    await refresh(verifier)
    assert (just_in_time, opens(verifier, anna.access_token)) == (True, True)


async def test_keys_are_kept_for_a_day(service: Service, anna: Viewer, verifier: Verifier) -> None:
    service.clock.advance(timedelta(hours=23))
    assert not opens(verifier, anna.access_token)  # expired, which is judged

    service.clock.advance(timedelta(hours=1))
    with pytest.raises(Unavailable):
        verifier.verify(anna.access_token)


async def test_the_service_says_so_while_its_database_is_away(
    postgresql: PostgreSql, tmp_path: Path, clock: ManualClock
) -> None:
    """Nothing can end meanwhile either, as an end is written there first."""
    database = postgresql.fresh_database()
    async with Proxy.before(postgresql.socket) as way:
        url = Secret(PostgreSql.by_proxy(database, way.port))
        async with (
            serving(tmp_path / "data", clock, database_url=url) as service,
            signed_in(service, "anna@example.ru") as anna,
        ):
            verifier = await refreshed(service)
            way.refuse()
            clock.advance(A_SECOND)
            failed = await refreshed_in_vain(verifier)
            taken = opens(verifier, anna.access_token)

            await way.heal()
            clock.advance(A_SECOND)
            await anna.post("/logout")
            clock.advance(A_SECOND)
            await refresh(verifier)

            assert (failed, taken, opens(verifier, anna.access_token)) == (True, True, False)


async def test_a_closed_verifier_judges_nothing(anna: Viewer, verifier: Verifier) -> None:
    verifier.close()

    with pytest.raises(Unavailable):
        verifier.verify(anna.access_token)
