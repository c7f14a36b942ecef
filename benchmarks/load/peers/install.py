"""The peers' own environments in benchmarks/.peers, made at first use and again when what is pinned changes."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from load.peers.catalogue import Peer
from load.surroundings import HERE

APPS = HERE / "peers"
INSTALLED = HERE / ".peers"
INSTALL_SECONDS = 900
PINS = {"python": ("requirements.txt",), "node": ("package.json", "package-lock.json")}


class NotInstalled(Exception):
    """The peer is left out, for the reason that this tells."""


def install(peer: Peer) -> None:
    """Raises: NotInstalled."""
    for program in ("node", "npm") if peer.kind == "node" else ():
        if not shutil.which(program):
            raise NotInstalled(f"{program} is missing: apt install nodejs npm (Node 20 or newer)")
    folder, stamp = INSTALLED / peer.name, INSTALLED / f"{peer.name}.installed"
    pinned = "".join((APPS / peer.name / name).read_text(encoding="utf-8") for name in PINS[peer.kind])
    if stamp.exists() and stamp.read_text(encoding="utf-8") == pinned:
        return
    stamp.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if peer.kind == "node":
        _install_node(peer, folder)
    else:
        _install_python(peer, folder)
    stamp.write_text(pinned, encoding="utf-8")


def _install_python(peer: Peer, folder: Path) -> None:
    _run([sys.executable, "-m", "venv", str(folder)])
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--only-binary", ":all:", "-r", str(APPS / peer.name / "requirements.txt")])


def _install_node(peer: Peer, folder: Path) -> None:
    for name in (*PINS["node"], ".npmrc"):
        shutil.copy(APPS / peer.name / name, folder)
    # No script of a package is run: what they need is in their archives.
    _run(["npm", "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"], folder)


def _run(command: Iterable[str], folder: Path | None = None) -> None:
    arguments = list(command)
    try:
        done = subprocess.run(
            arguments, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotInstalled(f"{' '.join(arguments[:4])} … takes more than {INSTALL_SECONDS} s") from None
    if done.returncode:
        raise NotInstalled(f"{' '.join(arguments[:4])} …: {(done.stderr or done.stdout)[-800:]}")


def place(peer: Peer) -> Path:
    """The folder in which the peer's programs run; Node finds packages beside the files that ask for them only."""
    if peer.kind == "python":
        return APPS / peer.name
    for script in (APPS / peer.name).glob("*.mjs"):
        shutil.copy(script, INSTALLED / peer.name)
    return INSTALLED / peer.name


def command(peer: Peer, words: Iterable[str], **values: int) -> list[str]:
    """A command line of the peer's environment."""
    program, *arguments = [word.format(**values) for word in words]
    own = INSTALLED / peer.name / "bin" / program
    return [str(own) if peer.kind == "python" else program, *arguments]


def environment() -> dict[str, str]:
    """Ours without what is meant for our own interpreter."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AUTH_", "PYTHON", "VIRTUAL_"))}


def version_of(peer: Peer) -> str:
    """The peer's version, and what it runs on."""
    if peer.kind == "node":
        file = INSTALLED / peer.name / "node_modules" / peer.package / "package.json"
        version = json.loads(file.read_text(encoding="utf-8"))["version"]
        return f"{version} on Node {_told('node', '--version').removeprefix('v')}"
    python = str(INSTALLED / peer.name / "bin" / "python")
    version = _told(python, "-c", f"import importlib.metadata as it; print(it.version({peer.package!r}))")
    return f"{version} on {_told(python, '--version')}"


def _told(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
