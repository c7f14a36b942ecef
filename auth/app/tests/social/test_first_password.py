"""A password for an account that was made by a social sign-in."""

from datetime import timedelta

from app.tests.social.scene import Scene

NEW = {"new_password": "seven quiet blue boats"}


async def test_the_first_password_of_a_social_account_needs_a_recent_sign_in(scene: Scene) -> None:
    """LK-25, LK-29: a stolen access token alone sets no password; the owner is told of a first one, too."""
    async with scene.browser() as viewer:
        address = f"{scene.arrives('yandex')}@yandex.ru"
        await viewer.sign_in_with("yandex")
        scene.clock.advance(timedelta(minutes=4))
        viewer.keep(await viewer.refresh())
        scene.clock.advance(timedelta(minutes=4))
        viewer.keep(await viewer.refresh())
        scene.clock.advance(timedelta(minutes=3))

        late = await viewer.call("PUT", "/me/password", json=NEW)
        await viewer.sign_in_with("yandex")
        in_time = await viewer.call("PUT", "/me/password", json=NEW)

        assert (late.code, in_time.status) == ("recent-sign-in-needed", 200)
        viewer.keep(in_time)
        assert (await viewer.get("/me")).json["has_password"]
        assert "Пароль" in (await scene.service.mails(address))[0].subject
