"""Projects of many shapes for uv, each with edits after which its lock is stale, and some after which it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.lock.locked import LockOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

HEAD = '[project]\nname = "{name}"\nversion = "1"\nrequires-python = ">=3.10"\n'
BACKEND = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
PROGRAM = """\
import pathlib, re

def text():
    static = re.search(r"^dependencies = \\[(.*)\\]", pathlib.Path("pyproject.toml").read_text(), re.MULTILINE)
    lines = [line.strip(' "') for line in (static[1].split(",") if static else ())]
    lines += pathlib.Path("deps.txt").read_text().splitlines()
    extras = dict.fromkeys(line.split("'")[1] for line in lines if "extra ==" in line)
    rows = [*(f"Provides-Extra: {extra}" for extra in extras), *(f"Requires-Dist: {line}" for line in lines)]
    name = pathlib.Path.cwd().name
    return "\\n".join(["Metadata-Version: 2.1", f"Name: {name}", "Version: 1", "Requires-Python: >=3.10", *rows, ""])

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    info = pathlib.Path(folder, f"{pathlib.Path.cwd().name}-1.dist-info")
    info.mkdir()
    (info / "METADATA").write_text(text())
    return info.name

prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel

def build_wheel(folder, config_settings=None, metadata_directory=None):
    raise SystemExit("this backend builds no wheel")

build_editable = build_wheel
"""


class Edit(NamedTuple):
    """A text of a file and another one in its place."""

    path: str
    old: str
    new: str


class Beyond(NamedTuple):
    """An edit that uv calls stale and this library does not, with the reason."""

    edit: Edit
    reason: str


class Shape(NamedTuple):
    """A project and its edits; the folder `shop` is built."""

    files: Mapping[str, str]
    stale: tuple[Edit, ...]
    fresh: tuple[Edit, ...] = ()
    beyond: tuple[Beyond, ...] = ()
    options: LockOptions = LockOptions()
    entry: str = "shop"
    then: str = ""
    """The error of a build after the lock was made again; empty for none."""


def toml(name: str, dependencies: str = '"aa"', tail: str = "") -> str:
    return f"{HEAD.format(name=name)}dependencies = [{dependencies}]\n{tail}"


def one(text: str) -> dict[str, str]:
    return {"shop/pyproject.toml": text}


def edit(old: str, new: str, path: str = "shop/pyproject.toml") -> Edit:
    return Edit(path, old, new)


def dynamic(name: str, keys: str = '"dependencies"', tail: str = "") -> dict[str, str]:
    return {
        f"{name}/pyproject.toml": f"{HEAD.format(name=name)}dynamic = [{keys}]\n{tail}{BACKEND}",
        f"{name}/backend.py": PROGRAM,
        f"{name}/deps.txt": "aa\n",
    }


def extras(*names: str) -> LockOptions:
    return LockOptions(extras=names)


def groups(*names: str) -> LockOptions:
    return LockOptions(groups=names)


UV_BUILD = '[build-system]\nrequires = ["uv_build>=0.9"]\nbuild-backend = "uv_build"\n'
LIB = toml("lib", '"bb"', f'[project.optional-dependencies]\nfast = ["cc"]\nslow = ["cc"]\n{UV_BUILD}')
TO_LIB = '[tool.uv.sources]\nlib = { path = "../lib" }\n'
NOT_CHOSEN = "not chosen for the layer"
OTHER_TARGET = "does not concern the target"
MEMBERS = '[tool.uv.workspace]\nmembers = ["*"]\n'
EXTRAS = '[project.optional-dependencies]\nFast_One = ["bb"]\nother = ["cc"]\n'
NESTED = '[project.optional-dependencies]\na = ["bb"]\nb = ["shop[a]"]\nall = ["shop[b]"]\n'
GROUPS = '[dependency-groups]\nMy_Group = ["bb"]\nother = ["cc"]\n'

SHAPES = {
    "plain": Shape(
        one(toml("shop", '"aa<2", "bb"')),
        (
            edit("aa<2", "aa"),
            edit('"bb"', ""),
            edit('"bb"', '"bb", "cc"'),
            edit('"bb"', '"bb[fast]"'),
            edit('"shop"', '"store"'),
        ),
        (edit('"aa<2", "bb"', '"BB" , "Aa <2"'), edit("[project]", "# a comment\n[project]")),
        (
            Beyond(edit('"bb"', '"bb", "cc; sys_platform == \'win32\'"'), OTHER_TARGET),
            Beyond(edit(">=3.10", ">=3.11"), OTHER_TARGET),
            Beyond(edit('version = "1"', 'version = "2"'), "the project itself is not in its layer"),
        ),
    ),
    "markers": Shape(
        one(toml("shop", "\"aa; python_version >= '3.12'\", \"bb; sys_platform == 'linux'\"")),
        (edit("== 'linux'", "!= 'linux'"), edit(">= '3.12'", "> '3.12'")),
        (edit("; python_version >= '3.12'", " ; python_version>='3.12'"),),
        (Beyond(edit(">= '3.12'", ">= '3.11'"), OTHER_TARGET),),
    ),
    "extra": Shape(
        one(toml("shop", tail=EXTRAS)),
        (edit('["bb"]', '["bb>=1"]'), edit('["bb"]', '["bb", "dd"]'), edit('"aa"', '"aa", "dd"')),
        (edit("Fast_One", "FAST-one"),),
        (
            Beyond(edit('["cc"]', '["dd"]'), NOT_CHOSEN),
            Beyond(edit('other = ["cc"]', 'other = ["cc"]\nnew = ["dd"]'), NOT_CHOSEN),
        ),
        extras("fast-one"),
    ),
    "extra-as-written": Shape(
        one(toml("shop", tail=EXTRAS)), (edit('["bb"]', "[]"),), options=extras("Fast_One")
    ),
    "extra-of-extras": Shape(
        one(toml("shop", tail=NESTED)),
        (
            edit('a = ["bb"]', 'a = ["bb", "dd"]'),
            edit('["shop[b]"]', '["shop[b]", "dd"]'),
            edit("[b]", "[a]"),
        ),
        options=extras("all"),
    ),
    "group": Shape(
        one(toml("shop", tail=GROUPS)),
        (edit('["bb"]', '["bb<2"]'), edit('"aa"', '"aa", "dd"')),
        (edit("My_Group", "MY-group"),),
        (Beyond(edit('["cc"]', '["dd"]'), NOT_CHOSEN),),
        groups("my-group"),
    ),
    "group-as-written": Shape(
        one(toml("shop", tail=GROUPS)), (edit('["bb"]', '["dd"]'),), options=groups("My_Group")
    ),
    "group-of-groups": Shape(
        one(
            toml(
                "shop",
                tail='[dependency-groups]\nmain = [{ include-group = "Other_One" }]\nother-one = ["bb"]\n',
            )
        ),
        (edit('["bb"]', '["dd"]'), edit("[{ include", '["cc", { include')),
        (edit("Other_One", "OTHER.one"),),
        options=groups("main"),
    ),
    "group-with-own-extra": Shape(
        one(toml("shop", tail=f'{NESTED}[dependency-groups]\nweb = ["shop[b]", "cc"]\n')),
        (edit('a = ["bb"]', 'a = ["dd"]'), edit('"cc"]', '"dd"]'), edit('["aa"]', '["aa", "dd"]')),
        options=groups("web"),
    ),
    "only-group": Shape(
        one(toml("shop", tail=GROUPS)),
        (edit('["bb"]', '["dd"]'),),
        beyond=(Beyond(edit('["aa"]', '["dd"]'), NOT_CHOSEN),),
        options=LockOptions(only_groups=("my-group",)),
    ),
    "only-group-with-own-extra": Shape(
        one(toml("shop", tail=f'{EXTRAS}[dependency-groups]\nweb = ["shop[fast-one]"]\n')),
        (edit('["bb"]', '["dd"]'), edit('["aa"]', '["dd"]')),
        options=LockOptions(only_groups=("web",)),
    ),
    "group-of-old-uv": Shape(
        one(toml("shop", tail='[tool.uv]\ndev-dependencies = ["bb"]\n')),
        (edit('["bb"]', '["dd"]'),),
        options=groups("dev"),
    ),
    "path": Shape(
        {**one(toml("shop", '"lib"', TO_LIB)), "lib/pyproject.toml": LIB, "other/pyproject.toml": LIB},
        (
            edit('"bb"', '"bb", "dd"', "lib/pyproject.toml"),
            edit("../lib", "../other"),
            edit(TO_LIB, ""),
        ),
        (edit("../lib", "./../lib/"), edit(">=3.10", ">=3.11", "lib/pyproject.toml")),
        (Beyond(edit('fast = ["cc"]', 'fast = ["dd"]', "lib/pyproject.toml"), NOT_CHOSEN),),
    ),
    "path-with-extra": Shape(
        {**one(toml("shop", '"lib[fast]"', TO_LIB)), "lib/pyproject.toml": LIB},
        (edit('fast = ["cc"]', 'fast = ["dd"]', "lib/pyproject.toml"), edit("[fast]", "[slow]")),
        beyond=(Beyond(edit('slow = ["cc"]', 'slow = ["dd"]', "lib/pyproject.toml"), NOT_CHOSEN),),
    ),
    "path-of-an-extra": Shape(
        {
            **one(toml("shop", tail=f'[project.optional-dependencies]\nmore = ["lib"]\n{TO_LIB}')),
            "lib/pyproject.toml": LIB,
        },
        (edit('"bb"', '"dd"', "lib/pyproject.toml"),),
        options=extras("more"),
    ),
    "path-of-another-group": Shape(
        {
            **one(toml("shop", tail=f'[dependency-groups]\ntest = ["lib"]\n{TO_LIB}')),
            "lib/pyproject.toml": LIB,
        },
        (edit('"aa"', '"dd"'),),
        beyond=(Beyond(edit('"bb"', '"dd"', "lib/pyproject.toml"), NOT_CHOSEN),),
    ),
    "path-editable": Shape(
        {**one(toml("shop", '"lib"', TO_LIB.replace("}", ", editable = true }"))), "lib/pyproject.toml": LIB},
        (edit('"bb"', '"dd"', "lib/pyproject.toml"),),
        beyond=(Beyond(edit(", editable = true", ""), "a layer holds nothing editable"),),
    ),
    "path-of-a-path": Shape(
        {
            **one(toml("shop", '"lib"', TO_LIB)),
            "lib/pyproject.toml": toml(
                "lib", '"sub"', f'[tool.uv.sources]\nsub = {{ path = "../sub" }}\n{UV_BUILD}'
            ),
            "sub/pyproject.toml": toml("sub", '"bb"', UV_BUILD),
        },
        (
            edit('"bb"', '"bb", "dd"', "sub/pyproject.toml"),
            edit('"sub"', '"sub", "dd"', "lib/pyproject.toml"),
        ),
    ),
    "path-that-is-no-package": Shape(
        {
            **one(toml("shop", '"aa", "lib"', TO_LIB)),
            "lib/pyproject.toml": toml("lib", '"bb"', "[tool.uv]\npackage = false\n"),
        },
        (edit('"bb"', '"dd"', "lib/pyproject.toml"),),
    ),
    "path-by-requirement": Shape(
        {**one(toml("shop", '"lib @ file://{root}/lib"')), "lib/pyproject.toml": LIB},
        (edit('"bb"', '"dd"', "lib/pyproject.toml"), edit("/lib", "/lib2")),
    ),
    "path-of-a-wheel": Shape(
        one(
            toml(
                "shop",
                '"aa", "bb"',
                '[tool.uv.sources]\nbb = { path = "../wheels/bb-1.0-py3-none-any.whl" }\n',
            )
        ),
        (edit("../wheels/bb", "../wheels/x/bb"), edit("[tool.uv.sources]\nbb", "[tool.uv.sources]\nzz")),
    ),
    "address": Shape(
        one(toml("shop", '"aa @ {files}/aa-1.0-py3-none-any.whl"')),
        (edit("aa-1.0", "aa-2.0"), edit("aa @ {files}/aa-1.0-py3-none-any.whl", "aa==1.0")),
        (edit("py3-none-any.whl", "py3-none-any.whl#a"),),
    ),
    "source-by-marker": Shape(
        {
            **one(
                toml(
                    "shop",
                    '"aa", "bb"',
                    '[tool.uv.sources]\nbb = { path = "../bb", marker = "sys_platform == \'linux\'" }\n',
                )
            ),
            "bb/pyproject.toml": toml("bb", '"cc"', UV_BUILD),
        },
        (edit("== 'linux'", "== 'win32'"), edit('"cc"', '"dd"', "bb/pyproject.toml")),
    ),
    "source-by-extra": Shape(
        {
            **one(
                toml(
                    "shop",
                    tail='[project.optional-dependencies]\ncpu = ["bb"]\ngpu = ["bb>=1"]\n'
                    '[tool.uv]\nconflicts = [[{ extra = "cpu" }, { extra = "gpu" }]]\n'
                    '[tool.uv.sources]\nbb = { path = "../bb", extra = "cpu" }\n',
                )
            ),
            "bb/pyproject.toml": toml("bb", '"cc"', UV_BUILD),
        },
        (edit('"bb>=1"', '"bb>=1", "dd"'), edit('extra = "cpu" }\n', 'extra = "gpu" }\n')),
        options=extras("gpu"),
    ),
    "source-by-group": Shape(
        {
            **one(
                toml(
                    "shop",
                    '"aa"',
                    '[project.optional-dependencies]\nprod = ["bb>=1"]\n[dependency-groups]\ndev = ["bb"]\n'
                    '[tool.uv]\nconflicts = [[{ extra = "prod" }, { group = "dev" }]]\n'
                    '[tool.uv.sources]\nbb = { path = "../bb", group = "dev" }\n',
                )
            ),
            "bb/pyproject.toml": toml("bb", '"cc"', UV_BUILD),
        },
        (edit('"bb>=1"', '"bb>=2"'), edit(', group = "dev" }\n', " }\n")),
        options=extras("prod"),
    ),
    "source-of-an-index": Shape(
        one(
            toml(
                "shop",
                tail='[tool.uv.sources]\naa = { index = "corp" }\n[[tool.uv.index]]\nname = "corp"\nurl = "{simple}"\n'
                '[[tool.uv.index]]\nname = "other"\nurl = "{simple}/"\n',
            )
        ),
        (
            edit('[tool.uv.sources]\naa = { index = "corp" }\n', ""),
            edit('url = "{simple}"', 'url = "{other}"'),
        ),
        beyond=(Beyond(edit('index = "corp"', 'index = "other"'), "a slash at the end is no other index"),),
    ),
    "workspace-root": Shape(
        {
            **one(toml("shop", '"aa"', MEMBERS)),
            "shop/lib/pyproject.toml": LIB,
        },
        (edit('"aa"', '"dd"'),),
        beyond=(Beyond(edit('"bb"', '"dd"', "shop/lib/pyproject.toml"), NOT_CHOSEN),),
    ),
    "workspace-member": Shape(
        {
            **one(toml("shop", '"aa"', MEMBERS)),
            "shop/app/pyproject.toml": toml(
                "app", '"cc", "lib"', f"[tool.uv.sources]\nlib = {{ workspace = true }}\n{UV_BUILD}"
            ),
            "shop/lib/pyproject.toml": LIB,
        },
        (
            edit('"cc"', '"dd"', "shop/app/pyproject.toml"),
            edit('"bb"', '"dd"', "shop/lib/pyproject.toml"),
            edit('"lib"', '"lib[fast]"', "shop/app/pyproject.toml"),
        ),
        beyond=(Beyond(edit('"aa"', '"dd"'), NOT_CHOSEN),),
        entry="shop/app",
    ),
    "workspace-without-project": Shape(
        {
            **one(f'{MEMBERS}[dependency-groups]\nops = ["dd"]\n'),
            "shop/lib/pyproject.toml": LIB,
        },
        (edit('["dd"]', '["cc"]'), edit('"bb"', '"dd"', "shop/lib/pyproject.toml")),
        options=groups("ops"),
    ),
    "workspace-sources": Shape(
        {
            **one(f'{MEMBERS}[tool.uv.sources]\nplain = {{ path = "../plain" }}\n'),
            "shop/app/pyproject.toml": toml("app", '"plain"', UV_BUILD),
            "plain/pyproject.toml": toml("plain", '"bb"', UV_BUILD),
        },
        (
            edit('"bb"', '"dd"', "plain/pyproject.toml"),
            edit('"../plain"', '"../plain2"'),
        ),
        entry="shop/app",
    ),
    "constraints": Shape(
        one(toml("shop", '"bb"', '[tool.uv]\nconstraint-dependencies = ["aa<2", "bb<2"]\n')),
        (edit("aa<2", "aa<1.5"), edit('"aa<2", ', ""), edit("bb<2", "bb<3")),
        (edit("aa<2", "aa <2"), edit('"aa<2"', '"aa<2", "cc<9"')),
    ),
    "overrides": Shape(
        one(
            toml(
                "shop",
                '"aa"',
                '[tool.uv]\noverride-dependencies = ["bb==1.0", { package = { name = "aa" }, dependencies = ["cc"] }]\n',
            )
        ),
        (edit("bb==1.0", "bb==2"), edit('["cc"]', '["dd"]'), edit('"bb==1.0", ', "")),
    ),
    "excluded": Shape(
        one(toml("shop", '"aa", "bb"', '[tool.uv]\nexclude-dependencies = ["cc"]\n')),
        (edit('["cc"]', '["dd"]'), edit('["cc"]', "[]")),
    ),
    "given-metadata": Shape(
        one(
            toml(
                "shop",
                tail='[[tool.uv.dependency-metadata]]\nname = "aa"\nversion = "2.0"\nrequires-dist = ["bb"]\n',
            )
        ),
        (edit('["bb"]', '["dd"]'), edit('["bb"]', "[]")),
    ),
    "environments": Shape(
        one(toml("shop", tail="[tool.uv]\nenvironments = [\"sys_platform == 'linux'\"]\n")),
        (edit("== 'linux'", "== 'darwin'"),),
        beyond=(Beyond(edit("environments = [\"sys_platform == 'linux'\"]", ""), OTHER_TARGET),),
        then="lock-unfit",
    ),
    "conflicts": Shape(
        one(
            toml(
                "shop",
                tail=f'{EXTRAS}[tool.uv]\nconflicts = [[{{ extra = "fast-one" }}, {{ extra = "other" }}]]\n',
            )
        ),
        (edit('conflicts = [[{ extra = "fast-one" }, { extra = "other" }]]', ""),),
        (edit('{ extra = "fast-one" }', '{ package = "shop", extra = "Fast_One" }'),),
        options=extras("other"),
    ),
    "options": Shape(
        one(toml("shop", '"aa"', '[tool.uv]\nresolution = "lowest"\n')),
        (
            edit("lowest", "lowest-direct"),
            edit('"lowest"', '"lowest"\nprerelease = "allow"'),
            edit('"lowest"', '"lowest"\nprerelease = "explicit"'),
        ),
        (
            edit('"lowest"', '"lowest"\nprerelease = "if-necessary"'),
            edit('"lowest"', '"lowest"\nprerelease = "if-necessary-or-explicit"'),
        ),
        beyond=(
            Beyond(
                edit('resolution = "lowest"', ""),
                "an option in the lock alone may come from a variable or an argument of `uv lock`",
            ),
        ),
    ),
    "python": Shape(one(toml("shop")), (edit(">=3.10", ">=3.10,<3.12"),), then="python-not-allowed"),
    "python-of-a-workspace": Shape(
        {**one(toml("shop", '"aa"', MEMBERS)), "shop/lib/pyproject.toml": LIB},
        (edit(">=3.10", ">=3.10,<3.12", "shop/lib/pyproject.toml"),),
        then="python-not-allowed",
    ),
    "python-patch": Shape(
        one(toml("shop").replace(">=3.10", ">=3.10.2")),
        (edit('"aa"', '"dd"'),),
        beyond=(Beyond(edit(">=3.10.2", ">=3.10.1"), OTHER_TARGET),),
    ),
    "dynamic": Shape(
        dynamic("shop", tail=GROUPS),
        (
            edit("aa", "dd", "shop/deps.txt"),
            edit("aa", "aa\nbb>=1", "shop/deps.txt"),
            edit('["bb"]', '["dd"]'),
        ),
        (edit("aa", "AA", "shop/deps.txt"),),
        options=groups("my-group"),
    ),
    "dynamic-extras": Shape(
        {
            **dynamic("shop"),
            "shop/deps.txt": "bb; extra == 'web'\ncc; extra == 'api'\n",
            "shop/pyproject.toml": toml("shop", '"aa"', f'dynamic = ["optional-dependencies"]\n{BACKEND}'),
        },
        (
            edit("bb;", "dd;", "shop/deps.txt"),
            edit("extra == 'api'", "extra == 'web'", "shop/deps.txt"),
        ),
        beyond=(Beyond(edit("cc;", "dd;", "shop/deps.txt"), NOT_CHOSEN),),
        options=extras("web"),
    ),
    "dynamic-version": Shape(
        {
            **dynamic("shop"),
            "shop/pyproject.toml": (
                f'[project]\nname = "shop"\nrequires-python = ">=3.10"\ndependencies = ["aa"]\n'
                f'dynamic = ["version"]\n{BACKEND}'
            ),
            "shop/deps.txt": "",
        },
        (edit('["aa"]', '["dd"]'),),
    ),
    "dynamic-path": Shape(
        {**one(toml("shop", '"lib"', TO_LIB)), **dynamic("lib")},
        (edit("aa", "dd", "lib/deps.txt"),),
        (edit("aa", "Aa", "lib/deps.txt"),),
    ),
    "dynamic-member": Shape(
        {
            **one(toml("shop", '"lib"', f"{MEMBERS}[tool.uv.sources]\nlib = {{ workspace = true }}\n")),
            **{f"shop/{path}": text for path, text in dynamic("lib").items()},
        },
        (edit("aa", "dd", "shop/lib/deps.txt"),),
    ),
    "path-without-project": Shape(
        {
            **one(toml("shop", '"lib"', TO_LIB)),
            **dynamic("lib"),
            "lib/pyproject.toml": f'[tool.poetry]\nname = "lib"\nversion = "1"\n{BACKEND}',
        },
        (edit("aa", "dd", "lib/deps.txt"),),
    ),
    "poetry-beside-project": Shape(
        {
            **dynamic("shop"),
            "shop/pyproject.toml": f'{HEAD.format(name="shop")}[tool.poetry.dependencies]\naa = "*"\n{BACKEND}',
        },
        (edit("aa", "dd", "shop/deps.txt"),),
        (edit('aa = "*"', "aa = '*'"),),
    ),
}
