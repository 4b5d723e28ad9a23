"""connectory backup create | verify | restore: beside a server, not through it."""

from pathlib import Path

import click

from connectory import settings
from connectory.app import backup as backups
from connectory.app.backup import Backup
from connectory.cli.pieces import GOOD, WARN, bold
from connectory.cli.session import Session
from connectory.cli.verbs import Noun
from connectory.kernel import clock

MEGABYTE = 1_000_000
FILE = click.Path(dir_okay=False, path_type=Path)
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group(cls=Noun)
def backup() -> None:
    r"""Back up a data directory while its server runs, and restore one.

    \b
    Example:
        connectory backup create --data /srv/connectory --to /backup/monday.tar.gz
    """


@backup.command()
@click.option("--data", type=FOLDER, help="Data directory.  [default: that of `up`]")
@click.option("--to", type=FILE, help="File to write.  [default: connectory-<time>.tar.gz]")
@click.option("--with-keys", is_flag=True, help="Put the key files in as well.")
@click.pass_obj
def create(session: Session, *, data: Path | None, to: Path | None, with_keys: bool) -> None:
    r"""Write database and packages as they are at one moment; the server goes on writing.

    Key files stay out unless --with-keys is given: with the key files, a backup opens every
    stored secret; without them, nobody ever opens one again, and signed checkpoints of the
    audit log no longer fit.

    \b
    Example:
        connectory backup create --to /backup/monday.tar.gz
    """
    chosen = settings.load(data=data)
    made = backups.create(chosen, to or _usual_name(), with_keys=with_keys)
    _show(session, "Backup", made.file, made)
    out = session.out
    if with_keys:
        out.say(WARN, " The key files are in it: whoever has this file can read every secret")
    else:
        out.say(
            WARN, f" The key files are not in it. Copy {chosen.data / 'keys'} to another place:"
        )
        out.say("  without them no stored secret can ever be opened again, and signed")
        out.say("  checkpoints of the audit log of a restored copy no longer fit")
    out.next(f"connectory backup verify {made.file}")


@backup.command()
@click.argument("file", type=EXISTING)
@click.pass_obj
def verify(session: Session, file: Path) -> None:
    r"""Read a backup to its end and check everything in it. Changes nothing.

    \b
    Example:
        connectory backup verify /backup/monday.tar.gz
    """
    _show(session, "Whole", file, backups.verify(file))


@backup.command()
@click.argument("file", type=EXISTING)
@click.option("--data", type=FOLDER, required=True, help="Directory to make: new, or empty.")
@click.pass_obj
def restore(session: Session, *, file: Path, data: Path) -> None:
    r"""Make a data directory from a backup: all of it, or nothing if anything is wrong.

    \b
    Example:
        connectory backup restore /backup/monday.tar.gz --data /srv/connectory
    """
    made = backups.restore(file, settings.load(data=data))
    _show(session, "Restored", data, made)
    if not made.listing.has_keys:
        session.out.say(
            WARN, f" No key files were in it. Put yours into {data / 'keys'} (mode 0600)"
        )
        session.out.say(
            "  before the first start: a server without them makes new ones, which open"
        )
        session.out.say("  no stored secret")
    session.out.next(f"connectory up --data {data}")


def _usual_name() -> Path:
    return Path(f"connectory-{clock.now():%Y%m%d-%H%M%S}.tar.gz")


def _show(session: Session, what: str, place: Path, made: Backup) -> None:
    listing = made.listing
    if session.out.as_json:
        session.out.document(
            {
                "file": str(made.file),
                "size": made.size,
                "release": listing.release,
                "revision": listing.revision,
                "packages": len(listing.blobs),
                "keys": listing.has_keys,
            }
        )
        return
    keys = "with key files" if listing.has_keys else "without key files"
    session.out.show(
        GOOD,
        f" {what}  ",
        bold(place),
        f"  {made.size / MEGABYTE:,.1f} MB: database, {len(listing.blobs)} packages, {keys}",
    )
