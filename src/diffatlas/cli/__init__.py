"""The command ``diffatlas``.

Every subcommand lives in a module of its own kind and is imported only when it is called, so that
``diffatlas --help`` is instant and ``diffatlas find`` never loads torch. A module offers its
subcommands simply by defining click commands of the names listed in ``COMMANDS``.

Exit status: 0 done, 1 the check found something, 2 the question was wrong (usage, unknown term,
unwritable file), 130 interrupted, 141 the reader of a pipe went away.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from diffatlas.errors import CatalogError, did_you_mean

__all__ = ["COMMANDS", "cli", "main"]

# name -> (module, one line of help). The help stands here so that --help imports no module.
COMMANDS: dict[str, tuple[str, str]] = {
    "find": ("diffatlas.cli.query", "List the papers that match a filter."),
    "show": ("diffatlas.cli.query", "Show all that is known about one entity."),
    "compare": ("diffatlas.cli.query", "Put two to four entities side by side."),
    "crosstab": ("diffatlas.cli.query", "Count papers over two facets."),
    "choose": ("diffatlas.cli.choose", "Which framework to use, for a few answers, and why."),
    "export": ("diffatlas.cli.query", "Write the catalog as CSV, JSON, Parquet, SQLite, BibTeX."),
    "check": ("diffatlas.cli.check", "Report every error of a catalog folder."),
    "new": ("diffatlas.cli.new", "Start an entry: diffatlas new paper 2112.10752."),
    "list": ("diffatlas.cli.run", "List the baselines that can be run."),
    "run": ("diffatlas.cli.run", "Train a baseline, with samples on the way."),
    "sample": ("diffatlas.cli.run", "Draw images from a baseline's stored weights."),
    "evaluate": ("diffatlas.cli.evaluate", "Measure how close samples are to a data set."),
}

# The modules whose absence means that an optional part is not installed.
_EXTRAS = {"torch": "diffusion", "sklearn": "diffusion", "safetensors": "diffusion"}


class LazyGroup(click.Group):
    """A click group that imports a subcommand's module when the subcommand is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        try:
            module = import_module(COMMANDS[cmd_name][0])
        except ModuleNotFoundError as error:
            extra = _EXTRAS.get((error.name or "").partition(".")[0])
            if extra is None:
                raise
            raise click.UsageError(
                f"`diffatlas {cmd_name}` needs {error.name}; "
                f'install it with: pip install "diffatlas[{extra}]"'
            ) from None
        for value in vars(module).values():
            if isinstance(value, click.Command) and value.name == cmd_name:
                return value
        raise RuntimeError(f"{module.__name__} defines no click command {cmd_name!r}")

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # Here and not in main: click would turn it into exit status 1, which is the check's.
            _silence_stdout()
            ctx.exit(141)  # what a shell reports for SIGPIPE: the reader had enough
        return result

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            ctx.fail(f"no such command {name!r}{did_you_mean(name, COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        import diffatlas

        click.echo(f"diffatlas {diffatlas.__version__}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and leave.",
)
def cli() -> None:
    """The atlas of diffusion models in vision: ask the catalog, run the baselines."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with ``argv`` (default: the process's arguments); return the exit status."""
    _make_streams_safe()
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        result: Any = cli.main(args=args, prog_name="diffatlas", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except CatalogError as error:
        click.echo(f"diffatlas: {error}", err=True)
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("diffatlas: interrupted", err=True)
        return 130
    except OSError as error:
        if error.errno == errno.ENOSPC:
            _silence_stdout()
        click.echo(f"diffatlas: {_os_message(error)}", err=True)
        return 2
    return result if isinstance(result, int) else 0


def _make_streams_safe() -> None:
    """Never die on a character that the terminal's encoding lacks (author names have many)."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _silence_stdout() -> None:
    # The interpreter flushes stdout once more at exit; give it somewhere harmless to write.
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        return


def _os_message(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"
