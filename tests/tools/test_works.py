"""What works in a page is one script, and does what its modules do."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from tools.works import bundle, join

SCRIPTS = Path(__file__).resolve().parents[2] / "docs" / "assets" / "js"


def write(folder: Path, **modules: str) -> None:
    for name, source in modules.items():
        file = folder / f"{name.replace('_', '/')}.js"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)


def run(node: str, script: Path) -> object:
    done = subprocess.run(
        [node, "--input-type=module", "-e", f'import "{script.as_uri()}";'],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_modules_keep_their_local_names_and_are_made_once(node: str, tmp_path: Path) -> None:
    write(
        tmp_path,
        shared='const seen = ["made"];\nexport const note = (text) => seen.push(text);\n'
        "export function all() {\n  return seen;\n}\n",
        a_main='import { note } from "../shared.js";\n'
        'import { name as other, Thing } from "./b.js";\n'
        'const seen = "of a";\nexport async function mount() {\n'
        '  const { late } = await import("./late.js");\n  note(other);\n  note(seen);\n'
        '  late(note);\n  console.log(JSON.stringify([...new Thing().all()]));\n}\nmount();\n',
        a_b='import {\n  all,\n} from "../shared.js";\nexport const name = "b";\n'
        "export class Thing {\n  all() {\n    return all();\n  }\n}\n",
        a_late='export const late = (told) => told("late");\n',
    )  # fmt: skip
    before = run(node, tmp_path / "a" / "main.js")
    assert before == ["made", "b", "of a", "late"]
    script, inside = bundle(tmp_path, "a/main.js")
    assert inside == ["shared.js", "a/b.js", "a/main.js"]
    join(tmp_path)
    assert (tmp_path / "a" / "main.js").read_text() == script
    (tmp_path / "shared.js").unlink()
    assert run(node, tmp_path / "a" / "main.js") == before


@pytest.mark.parametrize(
    "line",
    [
        'import all from "./b.js";',
        'import * as b from "./b.js";',
        "export default 1;",
        "export { x };",
        "const b = await import(`./${x}.js`);",
        'const b = await import("../b.js");',
    ],
)
def test_what_is_written_otherwise_is_refused(tmp_path: Path, line: str) -> None:
    write(tmp_path, a_main=f"const x = 1;\n{line}\n", a_b="export const name = 1;\n")
    with pytest.raises(ValueError, match=r"a/main\.js: cannot be put into one script"):
        bundle(tmp_path, "a/main.js")


def test_a_module_of_another_folder_asks_for_nothing_later(tmp_path: Path) -> None:
    main = 'import { go } from "../shared.js";\ngo();\n'
    shared = 'export const go = () => import("./b.js");\n'
    write(tmp_path, a_main=main, shared=shared, b="export const name = 1;\n")
    with pytest.raises(ValueError, match=r"shared\.js: cannot be put into one script"):
        bundle(tmp_path, "a/main.js")


def test_the_explorer_is_whole_but_for_the_graph() -> None:
    own = {file.relative_to(SCRIPTS).as_posix() for file in (SCRIPTS / "explorer").glob("*.js")}
    _, inside = bundle(SCRIPTS, "explorer/main.js")
    assert own - set(inside) == {"explorer/graph.js"}
