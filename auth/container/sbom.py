"""Print what this image is made of, as CycloneDX (ECMA-424): Python, its packages, the system's packages."""

import json
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import distributions
from urllib.parse import quote


def component(name: str, version: str, purl: str, licence: str | None = None) -> dict[str, object]:
    """One entry; `purl` is its address as a package, without the version."""
    place, _, options = purl.partition("?")
    found: dict[str, object] = {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"{place}@{quote(version, safe=':~.-')}{options and '?' + options}",
    }
    return {**found, "licenses": [{"expression": licence}]} if licence else found


def python_packages() -> Iterator[dict[str, object]]:
    for each in distributions():
        name = each.metadata["Name"]
        canonical = re.sub(r"[-_.]+", "-", name).lower()
        yield component(name, each.version, f"pkg:pypi/{canonical}", each.metadata.get("License-Expression"))


def system_packages() -> Iterator[dict[str, object]]:
    if shutil.which("dpkg-query") is None:
        return
    command = ["dpkg-query", "--show", "--showformat=${Package} ${Version} ${Architecture}\n"]
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():  # noqa: S603
        name, version, architecture = line.split()
        yield component(name, version, f"pkg:deb/debian/{name}?arch={architecture}")


def main() -> None:
    python = component("python", platform.python_version(), "pkg:generic/python")
    components = [python, *python_packages(), *system_packages()]
    components.sort(key=lambda each: str(each["purl"]))  # the same image, the same document
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}
    print(json.dumps(document, indent=1))  # noqa: T201


main()
