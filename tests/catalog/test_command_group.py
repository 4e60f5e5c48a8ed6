"""What the command does when things go wrong around it."""

import sys
from types import ModuleType

import click
import pytest

from diffatlas import cli


@pytest.fixture
def command(monkeypatch):
    """Run a stand-in for `find` whose body is the given function."""

    def run(body):
        module = ModuleType("stand_in")
        module.find = click.command("find")(body)
        monkeypatch.setitem(sys.modules, "stand_in", module)
        monkeypatch.setitem(cli.COMMANDS, "find", ("stand_in", "help"))
        return cli.main(["find"])

    return run


def raises(error):
    def body():
        raise error

    return body


def test_exit_status_of_what_a_command_returns(command):
    assert command(lambda: None) == 0
    assert command(lambda: 1) == 1
    assert command(lambda: click.get_current_context().exit(1)) == 1


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (click.Abort(), 130, "interrupted"),
        (PermissionError(13, "Permission denied", "/x"), 2, "/x: Permission denied"),
        (cli.CatalogError("the catalog is odd"), 2, "diffatlas: the catalog is odd"),
        (click.UsageError("not so"), 2, "not so"),
    ],
)
def test_errors_become_a_message(command, capsys, error, status, told):
    assert command(raises(error)) == status
    assert told in capsys.readouterr().err


def test_a_bug_keeps_its_traceback(command):
    with pytest.raises(ZeroDivisionError):
        command(raises(ZeroDivisionError()))


def test_a_missing_extra_says_how_to_install_it(monkeypatch, capsys, tmp_path):
    (tmp_path / "needs_torch.py").write_text("import torch.nothing_of_this_name\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setitem(cli.COMMANDS, "run", ("needs_torch", "help"))
    assert cli.main(["run"]) == 2
    assert 'pip install "diffatlas[diffusion]"' in capsys.readouterr().err
