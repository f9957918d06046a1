"""Solutions to start from: list them, read one, take one into the workspace."""

from __future__ import annotations

from typing import Annotated

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.render import print_json, print_table, say
from surefoot.cli.workspace import open_space
from surefoot.core.errors import ConfigError

presets = typer.Typer(help="Start from a measured solution.", no_args_is_help=True)
app.add_typer(presets, name="preset")


@command(presets, "list")
def list_presets(options: Options) -> None:
    """List the solutions that come with surefoot.

    Example: surefoot preset list
    """
    from surefoot.config.presets import preset_line, preset_names

    rows = [(name, preset_line(name)) for name in preset_names()]
    if options.json:
        print_json([{"name": name, "for": line} for name, line in rows])
    else:
        print_table(("preset", "what it is for"), rows)


@command(presets, "show")
def show_preset(
    options: Options, name: Annotated[str, typer.Argument(help="The preset, such as balanced.")]
) -> None:
    """Print the file of a preset.

    Example: surefoot preset show balanced
    """
    from surefoot.config.presets import preset_text

    text = preset_text(name)
    if options.json:
        print_json({"name": name, "solution": text})
    else:
        typer.echo(text, nl=False)


@command(presets, "take")
def take_preset(
    options: Options,
    name: Annotated[str, typer.Argument(help="The preset, such as balanced.")],
) -> None:
    """Write a preset into solutions/, over the workspace's own documents and endpoints, beside the solution in force.

    Example: surefoot preset take multi-hop && surefoot sync --solution multi-hop
    """
    from surefoot.config.presets import over_documents, preset_text

    text = preset_text(name)
    with open_space(options) as space:
        written = space.written_settings()
        file = space.root / "solutions" / f"{name}.toml"
    if file.exists() and not options.yes:
        raise ConfigError(
            "is there already", where=str(file), hint="--yes writes over it, or rename yours first"
        )
    file.parent.mkdir(exist_ok=True)
    file.write_text(over_documents(text, written), encoding="utf-8")
    if options.json:
        print_json({"solution": str(file)})
    else:
        typer.echo(str(file))
        say(f"next: surefoot sync --solution {name}", quiet=options.quiet)


@command(app)
def promote(
    options: Options,
    name: Annotated[str, typer.Argument(help="A solution of solutions/, such as balanced.")],
) -> None:
    """Make a solution of solutions/ the workspace's own; its index must be complete. The former one is kept there.

    Example: surefoot promote balanced
    """
    from surefoot.optimize.spaces.winner import promote as put_in_force

    with open_space(options) as space:
        former = put_in_force(space, name)
    if options.json:
        print_json({"solution": name, "former": str(former)})
    else:
        say(f"{name} answers now; the former solution is {former}", quiet=options.quiet)
