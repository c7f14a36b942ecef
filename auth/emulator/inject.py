"""Faults at work: from the endpoint's answer to what goes over the wire."""

import asyncio
import json
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from emulator.effects import (
    Answer,
    Delay,
    Effect,
    FlipErrorStatus,
    Hang,
    HugeBody,
    Merge,
    Reset,
    SlowBody,
    Truncate,
)
from emulator.reply import Reply, json_bytes
from emulator.world import Effects, World

_BLOCK = 64 * 1024


async def deliver(
    request: web.Request, world: World, effects: Effects, answer: Callable[[], Reply]
) -> web.StreamResponse:
    """Let the faults happen in the order of a real exchange: wait, work, distort, send."""
    await _hold(world, effects)
    cut = next((effect for effect in effects if isinstance(effect, Reset)), None)
    if cut is not None and not cut.handled:
        return _cut(request)
    reply = _reply(effects, answer)
    if cut is not None:
        return _cut(request)
    for effect in effects:
        reply = reshape(effect, reply)
    return await _send(request, reply, effects)


async def _hold(world: World, effects: Effects) -> None:
    for effect in effects:
        if isinstance(effect, Delay):
            await asyncio.sleep(effect.seconds)
        if isinstance(effect, Hang):
            await world.gate.wait()


def _reply(effects: Effects, answer: Callable[[], Reply]) -> Reply:
    for effect in effects:
        if isinstance(effect, Answer):
            if effect.handled:
                answer()
            return effect.reply
    return answer()


def _cut(request: web.Request) -> web.StreamResponse:
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        # Without lingering, closing sends RST instead of an orderly FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


def reshape(effect: Effect, reply: Reply) -> Reply:
    """Change an answer that was given honestly."""
    match effect:
        case Merge():
            document = _object(reply)
            if document is None or "error" in document:
                return reply
            return _with_json(reply, _without(_merged(document, effect.values), effect.remove))
        case FlipErrorStatus():
            document = _object(reply)
            if document is None or "error" not in document:
                return reply
            return replace(reply, status=400 if reply.status == 200 else 200)
        case Truncate():
            return replace(reply, body=reply.body[: effect.keep])
        case _:
            return reply


def _object(reply: Reply) -> dict[str, Any] | None:
    if not reply.content_type.startswith("application/json"):
        return None
    document = json.loads(reply.body)
    return document if isinstance(document, dict) else None


def _with_json(reply: Reply, document: object) -> Reply:
    return replace(reply, body=json_bytes(document))


def _merged(document: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(document)
    for name, value in values.items():
        known = merged.get(name)
        nested = isinstance(known, dict) and isinstance(value, Mapping)
        merged[name] = _merged(merged[name], value) if nested else value
    return merged


def _without(document: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Remove fields; `user.email` means a field of a nested object."""
    for name in names:
        outer, dot, inner = name.partition(".")
        nested = document.get(outer)
        if dot and isinstance(nested, dict):
            document[outer] = _without(dict(nested), (inner,))
        else:
            document.pop(name, None)
    return document


async def _send(request: web.Request, reply: Reply, effects: Effects) -> web.StreamResponse:
    for effect in effects:
        if isinstance(effect, HugeBody):
            return await _send_huge(request, reply, effect)
        if isinstance(effect, SlowBody):
            return await _send_slowly(request, reply, effect)
    response = web.Response(status=reply.status, body=reply.body, headers=reply.headers)
    response.headers["Content-Type"] = reply.content_type
    return response


def _stream(reply: Reply) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers=reply.headers)
    response.headers["Content-Type"] = reply.content_type
    return response


async def _send_slowly(request: web.Request, reply: Reply, effect: SlowBody) -> web.StreamResponse:
    response = _stream(reply)
    response.content_length = len(reply.body)
    await response.prepare(request)
    for start in range(0, len(reply.body), effect.piece):
        await asyncio.sleep(effect.seconds)
        await response.write(reply.body[start : start + effect.piece])
    return response


async def _send_huge(request: web.Request, reply: Reply, effect: HugeBody) -> web.StreamResponse:
    response = _stream(replace(reply, content_type="application/json"))
    if not effect.chunked:
        response.content_length = effect.size
    await response.prepare(request)
    await response.write(b'"')
    left = effect.size - 2
    while left > 0:
        block = min(left, _BLOCK)
        await response.write(b"a" * block)
        left -= block
    await response.write(b'"')
    return response
