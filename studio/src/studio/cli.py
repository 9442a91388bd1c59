"""The `studio` command."""

import asyncio
import os
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from studio.problems import Problem
from studio.settings import Settings, SettingsError

# What a command needs beyond this is imported in it: `studio --help` answers at once.

app = typer.Typer(
    help="A small studio for making a film with AI help. Without a command it serves.",
    epilog=(
        "Settings come from the environment: STUDIO_DATA_DIR (./studio-data), STUDIO_DATABASE_URL, STUDIO_HOST, "
        "STUDIO_PORT, STUDIO_PASSWORD, STUDIO_ALLOWED_HOSTS, STUDIO_MODEL, STUDIO_IMAGE_MODEL, STUDIO_IMAGE_CALLS, "
        "ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY, REDIS_URL. `studio doctor` says how they are understood."
    ),
    pretty_exceptions_enable=False,
    add_completion=False,
)

HostOption = Annotated[
    str | None,
    typer.Option("--host", help="Address to listen on. Any beyond this machine asks for STUDIO_PASSWORD."),
]
PortOption = Annotated[
    int | None,
    typer.Option(
        "--port", min=1, max=65535, help="Port to listen on; without it 8750, or the next free one."
    ),
]
NoBrowserOption = Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")]


class Format(StrEnum):
    """What a project can be exported as."""

    FOUNTAIN = "fountain"
    HTML = "html"
    JSON = "json"


def main() -> None:
    """Run the command that the arguments name."""
    app()


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    host: HostOption = None,
    port: PortOption = None,
    no_browser: NoBrowserOption = False,
) -> None:
    """A small studio for making a film with AI help. Without a command it serves."""
    if context.invoked_subcommand is None:
        serve(host, port, no_browser)
    elif host is not None or port is not None or no_browser:
        raise typer.BadParameter("write these options after `serve`")


@app.command()
def serve(host: HostOption = None, port: PortOption = None, no_browser: NoBrowserOption = False) -> None:
    """Serve Studio and open it in a browser."""
    with _for_people():
        settings = _settings(host, port)
        from studio.preparing import make_directories, prepare_database

        make_directories(settings)
        # NiceGUI reads this once, when it is imported.
        os.environ.setdefault("NICEGUI_STORAGE_PATH", str(settings.data_dir / "pages"))
        prepare_database(settings)
        _serve(settings, no_browser)


@app.command()
def worker() -> None:
    """Run jobs, beside any number of other workers; with REDIS_URL, as one of RQ's."""
    with _for_people():
        settings = Settings.from_environment()
        from studio.jobs.processes import run_worker
        from studio.preparing import make_directories, prepare_database

        make_directories(settings)
        prepare_database(settings)
        typer.echo("This Studio runs jobs (stop with Ctrl-C)")
        run_worker(settings, typer.echo)


@app.command()
def migrate() -> None:
    """Bring the database to the newest tables; on SQLite, `serve` does it by itself."""
    with _for_people():
        settings = Settings.from_environment()
        from studio.migrating import migrate as run
        from studio.preparing import make_directories

        make_directories(settings)
        before = run(settings.database_url)
    if before.is_newest:
        typer.echo(f"Nothing to do: the database is at revision {before.newest}, the newest.")
    else:
        typer.echo(
            f"The database is now at revision {before.newest}; before it was at {before.current or 'none'}."
        )


@app.command("import")
def import_files(
    files: Annotated[
        list[Path], typer.Argument(help="Screenplays (.fountain, .spmd, .txt) or projects (.json).")
    ],
) -> None:
    """Make a project of each file."""
    from studio.images import ImageStore
    from studio.projects.importing import import_file

    failed = False
    with _for_people(), _open_database() as (database, run):
        images = ImageStore(Settings.from_environment().data_dir / "images")
        for file in files:
            try:
                project = run(import_file(database, file.name, file.read_bytes(), images))
            except (Problem, OSError) as error:
                failed = True
                reason = error.strerror if isinstance(error, OSError) else error
                typer.echo(f"{file}: {reason}", err=True)
            else:
                typer.echo(f"{file}: {project.scene_count} scenes, project {project.id} “{project.title}”")
    raise typer.Exit(1 if failed else 0)


@app.command()
def export(
    project: Annotated[str, typer.Argument(help="The project's title or identifier.")],
    format: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.FOUNTAIN,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; without it, standard output.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Write a project's script as Fountain or as a page to print, or the whole project as JSON."""
    from studio.images import ImageStore
    from studio.projects.exporting import export_bytes
    from studio.projects.finding import find_by_name

    with _for_people(), _open_database() as (database, run):
        if output is not None and output.exists() and not force:
            raise SettingsError(
                f"{output} is there already. Choose another name, or add --force to replace it."
            )
        found = run(find_by_name(database, project))
        images = ImageStore(Settings.from_environment().data_dir / "images")
        data = run(export_bytes(database, found.id, format.value, images))
        if output is None:
            typer.get_binary_stream("stdout").write(data)
        else:
            _write_whole(output, data)
            typer.echo(f"Wrote “{found.title}” to {output}")


@app.command()
def doctor() -> None:
    """Check what Studio needs, one line each; exit code 1 when something is wrong."""
    from studio.doctor import examine

    findings = list(examine(os.environ))
    for finding in findings:
        typer.echo(f"{'ok ' if finding.good else 'BAD'}  {finding.name}: {finding.text}")
    raise typer.Exit(0 if all(finding.good for finding in findings) else 1)


def _settings(host: str | None, port: int | None) -> Settings:
    settings = Settings.from_environment()
    given: dict[str, Any] = {} if host is None else {"host": host}
    if port is not None:
        given |= {"port": port, "port_was_given": True}
    settings = settings.model_copy(update=given)
    if refusal := settings.refusal():
        raise SettingsError(refusal)
    return settings


def _serve(settings: Settings, no_browser: bool) -> None:
    from studio.app import create_app
    from studio.jobs.serving import GRACE_SECONDS
    from studio.jobs.stopping import PRESS_AGAIN
    from studio.serving import address_of, has_display, listen, open_browser
    from studio.serving import serve as run

    studio = create_app(settings)
    listener = listen(settings.host, settings.port, only_this_port=settings.port_was_given)
    address = address_of(listener)

    def announce() -> None:
        if listener.getsockname()[1] != settings.port:
            typer.echo(f"Port {settings.port} is in use; this Studio took the next free one.")
        typer.echo(f"Studio is at {address}  (data in {settings.data_dir}; stop with Ctrl-C)")
        if not no_browser and has_display():
            open_browser(address)

    def tell_what_runs() -> None:
        if waits := studio.state.context.running.describe():
            typer.echo(f"Waiting up to {GRACE_SECONDS:.0f} seconds for {waits}. {PRESS_AGAIN}")

    run(studio, listener, announce, tell_what_runs)


@contextmanager
def _open_database() -> Iterator[tuple[Any, Any]]:
    from studio.database import Database
    from studio.preparing import make_directories, prepare_database

    settings = Settings.from_environment()
    make_directories(settings)
    prepare_database(settings)
    database = Database(settings.database_url)
    with asyncio.Runner() as runner:

        def run(work: Coroutine[Any, Any, Any]) -> Any:
            return runner.run(work)

        try:
            yield database, run
        finally:
            runner.run(database.close())


def _write_whole(path: Path, data: bytes) -> None:
    # Beside it first: a full disk must not leave half a script under the name of the old one.
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _for_people() -> Iterator[None]:
    """End with a line for a person, and exit code 1, where the person can do something about it."""
    from studio.migrating import MigrationError

    try:
        yield
    except (Problem, SettingsError, MigrationError, OSError) as error:
        typer.echo(f"studio: {_reason(error)}", err=True)
        raise typer.Exit(1) from error


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
