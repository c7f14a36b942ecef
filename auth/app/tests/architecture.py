"""Reads source files and reports where they break a rule; test_architecture.py holds the rules."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLIENT = ROOT.parent / "clients" / "python"

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40


@dataclass(frozen=True, kw_only=True)
class Source:
    """One module: its dotted name, where it stands, what it says."""

    module: str
    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self.path))

    @property
    def package(self) -> str:
        """What a relative import in this module starts from."""
        return self.module if self.path.name == "__init__.py" else self.module.rpartition(".")[0]


def read_sources(package: str, *, tests: bool = False, root: Path = ROOT) -> list[Source]:
    """Read every module of a package, without its tests unless they are asked for."""
    paths = [path.relative_to(root) for path in sorted((root / package).rglob("*.py"))]
    return [
        Source(module=_module_name(path), path=path, text=(root / path).read_text(encoding="utf-8"))
        for path in paths
        if tests or "tests" not in path.parts
    ]


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def names_used(source: Source) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) for each import, and for each name that an import made reachable."""
    tree = source.tree
    imported = list(_imports(source, tree))
    origins = {local: origin for _, local, origin in imported}
    for line, _, origin in imported:
        yield line, origin
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (name := _dotted(node, origins)):
            yield node.lineno, name


def _imports(source: Source, tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Yield (line, local name, dotted origin)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.asname or alias.name, alias.name
                top = alias.name.partition(".")[0]
                if not alias.asname:  # `import a.b` makes `a` known, not `a.b`
                    yield node.lineno, top, top
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, alias.asname or alias.name, f"{_origin(source, node)}.{alias.name}"


def _origin(source: Source, node: ast.ImportFrom) -> str:
    """The absolute name of the module that `from … import` reads."""
    if not node.level:
        return node.module or ""
    parents = source.package.split(".")
    return ".".join(filter(None, [*parents[: len(parents) - node.level + 1], node.module]))


def _dotted(node: ast.expr, origins: dict[str, str]) -> str | None:
    match node:
        case ast.Name(id=name):
            return origins.get(name)
        case ast.Attribute(value=value, attr=attribute):
            start = _dotted(value, origins)
            return start and f"{start}.{attribute}"
    return None


def uses(
    sources: Sequence[Source],
    names: Sequence[str],
    *,
    allowed: Sequence[str] = (),
    checked: Sequence[str] = ("*",),
) -> list[str]:
    """Report where modules that match `checked`, but none of `allowed`, use one of the dotted names."""
    return sorted(
        {
            f"{source.path}:{line} uses {name}"
            for source in sources
            if _matches(source.module, checked) and not _matches(source.module, allowed)
            for line, used in names_used(source)
            for name in names
            if f"{used}.".startswith(f"{name}.")
        }
    )


def _matches(module: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(module, pattern) for pattern in patterns)


def package(*names: str) -> list[str]:
    """Patterns for the named modules and everything inside them."""
    return [pattern for name in names for pattern in (name, f"{name}.*")]


def long_files(sources: Sequence[Source]) -> list[str]:
    lengths = {source.path: len(source.text.splitlines()) for source in sources}
    return [f"{path} has {length} lines" for path, length in lengths.items() if length > MAX_FILE_LINES]


def long_functions(sources: Sequence[Source]) -> list[str]:
    return [
        f"{source.path}:{node.lineno} {node.name} has {length} lines"
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION_LINES
    ]


def transactions_that_cannot_run_again(sources: Sequence[Source]) -> list[str]:
    """Report functions whose transaction is not repeated when another one is in the way, or could not be."""
    return [
        f"{source.path}:{node.lineno} {node.name}: {problem}"
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.AsyncFunctionDef)
        for problem in _problems_of_transaction(node)
    ]


def _problems_of_transaction(function: ast.AsyncFunctionDef) -> Iterator[str]:
    own = list(_walk_without_inner_functions(function))
    blocks = [node for node in own if isinstance(node, ast.AsyncWith) and any(map(_opens_transaction, node.items))]
    if not blocks:
        return
    decorators = {each.id for each in function.decorator_list if isinstance(each, ast.Name)}
    if not decorators & {"rerun_on_conflict", "asynccontextmanager"}:  # the latter passes it on to whoever uses it
        yield "is not decorated with rerun_on_conflict"
    if len(blocks) > 1:
        yield "holds more than one transaction"
    if any(isinstance(node, ast.Await) and node.lineno < blocks[0].lineno for node in own):
        yield "waits for something before its transaction"


def _walk_without_inner_functions(function: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(function):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _walk_without_inner_functions(child)


def _opens_transaction(item: ast.withitem) -> bool:
    match item.context_expr:
        case ast.Call(func=ast.Attribute(attr="transaction" | "reading") | ast.Name(id="begin")):
            return True
    return False
