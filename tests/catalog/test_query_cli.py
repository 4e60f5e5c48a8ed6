"""The command as a person runs it."""

import json
import os
import subprocess
import sys

import pytest
import small_catalog
from click.testing import CliRunner

import diffatlas
from diffatlas.cli import cli, main


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return str(small_catalog.write(tmp_path_factory.mktemp("catalog")))


@pytest.fixture
def ask(folder, capsys):
    """Status, stdout and stderr of the command on the small catalog."""

    def run(*args):
        status = main([args[0], "--catalog", folder, *args[1:]])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def command(*args, **more):
    return subprocess.run(
        [sys.executable, "-m", "diffatlas", *args], capture_output=True, text=True, **more
    )


def test_find_prints_in_the_order_of_the_frame(ask, folder):
    atlas = diffatlas.load(folder)
    for text in ("", "year:2021", "task:restoration,generation -has:code"):
        status, out, _ = ask("find", "--format", "ids", text)
        assert status == 0 and out.split() == atlas.find(text)["id"].tolist()
    ids = small_catalog.ORDER
    assert [row["id"] for row in json.loads(ask("find", "-f", "json", "")[1])] == ids
    for style in ("csv", "bibtex", "markdown", "latex", "table"):
        out = ask("find", "-f", style, "")[1]
        places = [out.index(own) for own in ids]
        assert places == sorted(places)


def test_find_as_latex_and_markdown_leave_the_ids_usable(ask):
    assert "song2019generative & 2019 & " in ask("find", "-f", "latex", "year:2019")[1]
    assert ask("find", "-f", "markdown", "year:2019")[1].count("\n") == 3


def test_a_title_is_no_markup_in_markdown(tmp_path):
    path = small_catalog.write(tmp_path) / "papers" / "2020" / "ho2020denoising.yaml"
    text = path.read_text().replace("title: Denoising", "title: <b>[x](javascript:y) $q$ Denoising")
    path.write_text(text)
    done = command("find", "--catalog", str(tmp_path), "-f", "markdown", "year:2020")
    assert r"\<b\>\[x\](javascript:y) \$q\$ Denoising" in done.stdout


def test_a_filter_without_quotes_and_with_a_minus(ask):
    assert ask("find", "-f", "ids", "task:generation", "year:2020")[1] == "ho2020denoising\n"
    assert "ho2020denoising" not in ask("find", "-f", "ids", "--", "-has:code")[1]


def test_the_table_fits_the_terminal(ask, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    status, out, err = ask("find", "")
    assert status == 0 and max(map(len, out.splitlines())) <= 60
    assert err == "5 papers of 5\n"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("find", "task:inpaintin"), "did you mean inpainting"),
        (("find", "--format", "xml", ""), "'xml' is not one of"),
        (("show", "nothing-like-it"), "there is no 'nothing-like-it'"),
        (("compare", "ddpm"), "two to four"),
        (("crosstab", "task", "colour"), "cannot be counted by 'colour'"),
        (("export", "/dev/null/x"), "cannot write /dev/null/x"),
    ],
)
def test_mistakes_exit_with_2_and_a_message_without_a_traceback(ask, args, says):
    status, out, err = ask(*args)
    assert status == 2 and out == "" and says in err and "Traceback" not in err


def test_unknown_commands_are_guessed(capsys):
    assert main(["fnd"]) == 2
    assert "did you mean find?" in capsys.readouterr().err


def test_show(ask):
    status, out, _ = ask("show", "rombach2021high")
    assert status == 0 and "paper rombach2021high" in out and "Björn Ommer" in out
    assert "builds_on: ho2020denoising" in out and "recall: memory" in out
    out = ask("show", "tasks/restoration")[1]
    assert "narrower" in out and '2 papers (diffatlas find "task:restoration")' in out
    assert (
        "cifar-10 fid 3.17  DDPM (resolution 32, nfe 1000, unconditional)"
        in (ask("show", "ho2020denoising")[1])
    )
    assert "fid <= 25.32  NCSN" in ask("show", "results/cifar-10")[1]
    assert json.loads(ask("show", "ddpm", "--format", "json")[1])["kind"] == "frameworks"


def test_compare_and_crosstab(ask, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    out = ask("compare", "ddpm", "ncsn")[1]
    assert out.splitlines()[0].split() == ["field", "ddpm", "ncsn"]
    assert any(line.startswith("name") and "*" in line for line in out.splitlines())
    assert ask("compare", "-f", "latex", "ddpm", "ddim")[1].startswith("\\begin{tabular}")
    assert "| field |  | ddpm | ncsn |" in ask("compare", "-f", "markdown", "ddpm", "ncsn")[1]
    rows = json.loads(ask("compare", "-f", "json", "--differing", "ddpm", "ncsn")[1])
    assert rows and all(row["differs"] for row in rows)
    out = ask("crosstab", "framework", "task", "-f", "csv", "--rollup")[1]
    assert out.splitlines()[2] == "ddpm,1,0,0,1"
    assert "framework \\ year" in ask("crosstab", "framework", "year")[1]


def test_export(ask, tmp_path):
    status, out, _ = ask("export", str(tmp_path), "-f", "bibtex", "-f", "sqlite")
    assert status == 0 and sorted(os.listdir(tmp_path)) == ["atlas.sqlite", "papers.bib"]
    assert "papers.bib" in out
    status, _, err = ask("export", str(tmp_path), "-f", "bibtex")
    assert status == 2 and "papers.bib already" in err and "--force" in err
    assert ask("export", str(tmp_path), "-f", "bibtex", "--force")[0] == 0
    assert ask("export", "")[0] == 2


def test_help_is_there_for_every_query_command():
    for name in ("find", "show", "compare", "crosstab", "export"):
        done = CliRunner().invoke(cli, [name, "--help"])
        assert done.exit_code == 0 and "Usage" in done.output


def test_a_new_process_a_closed_pipe_and_a_full_disk(folder):
    done = command("find", "--catalog", folder, "-f", "ids", "year:2020")
    assert (done.returncode, done.stdout, done.stderr) == (0, "ho2020denoising\n", "")
    assert command("--version").stdout == f"diffatlas {diffatlas.__version__}\n"
    assert command("find", "--catalog", folder, "-f", "ids", "x:y").returncode == 2
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "diffatlas", "find", "--catalog", folder, ""],
            stdout=full, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "no space left" in done.stderr.lower()
    reader = subprocess.Popen(
        [sys.executable, "-m", "diffatlas", "find", "--catalog", folder, "-f", "json", ""],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert reader.stdout is not None and reader.stderr is not None
    reader.stdout.close()
    assert reader.wait(30) == 141 and reader.stderr.read() == ""
    reader.stderr.close()


def test_output_survives_a_narrow_encoding(folder):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = command("find", "--catalog", folder, "author:ommer", "-f", "json", env=environment)
    assert done.returncode == 0 and "Björn Ommer" in json.loads(done.stdout)[0]["authors"]
    environment |= {"PYTHONIOENCODING": "latin-1", "COLUMNS": "60"}
    args = ("find", "--catalog", folder, "--", "-year:2020")
    done = command(*args, env=environment, encoding="latin-1")
    assert done.returncode == 0 and "Über" in done.stdout and "\\u2026" in done.stdout
