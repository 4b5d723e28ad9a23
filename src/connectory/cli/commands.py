"""Every command by name, in the order of the overview."""

from collections.abc import Mapping

from connectory.cli.verbs import Entry

FIND, USE, OFFER, GOVERN = "Find", "Use", "Offer", "Govern"
RUN, ACCOUNT, HELP = "Run a marketplace", "Account and team", "Help"


def _here(module: str, attribute: str, section: str, summary: str) -> Entry:
    return Entry(f"connectory.cli.{module}", attribute, section, summary)


COMMANDS: Mapping[str, Entry] = {
    "search": _here("find", "search", FIND, "Find connectors by words, tag, owner or runtime."),
    "show": _here("find", "show", FIND, "Show a connector: what it does, needs and may."),
    "versions": _here("find", "versions", FIND, "List the versions of a connector."),
    "similar": _here("comparing", "similar", FIND, "List connectors that do much the same."),
    "diff": _here("comparing", "diff", FIND, "Compare two versions."),
    "searches": _here("searches", "searches", FIND, "The searches that you saved."),
    "set": _here("sets", "set_", FIND, "Curated sets of the home page."),
    "try": _here("rehearsing", "try_", FIND, "Run a connector's example with sample data."),
    "verify": _here(
        "verify", "verify", USE, "Verify bytes, sign-offs and approval of a version."
    ),
    "sbom": _here("sbom", "sbom", USE, "Get the bill of materials of a version."),
    "preview": _here("install", "preview", USE, "See what installing would do and cost."),
    "install": _here("install", "install", USE, "Install a connector for a team."),
    "list": _here("instances", "list_", USE, "List what is installed."),
    "status": _here("instances", "status", USE, "Show how an instance is doing."),
    "logs": _here("logs", "logs", USE, "Read or follow the log of an instance."),
    "metrics": _here("metrics", "metrics", USE, "Show the numbers of an instance."),
    "alerts": _here("metrics", "alerts", USE, "Show the alerts of an instance."),
    "run": _here("instances", "run", USE, "Let an instance, or a folder, work once."),
    "schedules": _here("schedules", "schedules", USE, "Show when an instance runs by itself."),
    "hooks": _here("instances", "hooks", USE, "Show hook addresses with their key."),
    "runs": _here("runs", "runs", USE, "Look at runs; deliver again what failed."),
    "outdated": _here("upgrade", "outdated", USE, "List what has a newer version."),
    "upgrade": _here("upgrade", "upgrade", USE, "Replace an instance by a newer version."),
    "rollback": _here("upgrade", "rollback", USE, "Go back to the version before."),
    "pause": _here("turning", "pause", USE, "Stop an instance and keep it."),
    "resume": _here("turning", "resume", USE, "Start a paused instance again."),
    "restart": _here("turning", "restart", USE, "Replace the process of an instance."),
    "rotate": _here("turning", "rotate", USE, "Give an instance fresh credentials."),
    "uninstall": _here("uninstall", "uninstall", USE, "Remove an instance and all it made."),
    "export": _here("declaring", "export", USE, "Write the instances of a team as a file."),
    "import": _here("declaring", "import_", USE, "Make instances what a file says."),
    "tighten": _here("tighten", "tighten", USE, "Propose to declare only what is used."),
    "operations": _here("operations", "operations", USE, "Watch changes of instances."),
    "new": _here("new", "new", OFFER, "Start a connector from a template."),
    "vet": _here("vet", "vet", OFFER, "Check a connector on this machine, uploading nothing."),
    "package": _here("package", "package", OFFER, "Pack a connector with all its wheels."),
    "publish": _here("publish", "publish", OFFER, "Publish a version of a connector."),
    "sync": _here("sync", "sync", OFFER, "Publish what was merged into a repository."),
    "rehearse": _here("rehearsing", "rehearse", OFFER, "See what a removal leaves behind."),
    "bump": _here("bump", "bump", OFFER, "Raise the version in a manifest."),
    "ci": _here("ci", "ci", OFFER, "Write the pipelines of a repository of connectors."),
    "review": _here("review", "review", GOVERN, "Review versions and sign them off."),
    "waiver": _here("waivers", "waiver", GOVERN, "Checks that need not pass for a while."),
    "reviewer": _here("reviewers", "reviewer", GOVERN, "Who reviews in which role."),
    "policy": _here("policies", "policy", GOVERN, "The rules that connectors are judged by."),
    "quarantine": _here("quarantine", "quarantine", GOVERN, "Stop a version everywhere."),
    "login": _here("signing_in", "login", ACCOUNT, "Sign in to a server with a token."),
    "logout": _here("signing_in", "logout", ACCOUNT, "Forget the token of a server."),
    "whoami": _here("signing_in", "whoami", ACCOUNT, "Say who is signed in."),
    "token": _here("tokens", "token", ACCOUNT, "Make, list and revoke access tokens."),
    "team": _here("teams", "team", ACCOUNT, "Teams, their members and defaults."),
    "publisher": _here(
        "publisher", "publisher", ACCOUNT, "Jobs of CI systems that publish by their identity."
    ),
    "secret": _here("team_secrets", "secret", ACCOUNT, "The secrets that a team has stored."),
    "up": _here("server", "up", RUN, "Start a marketplace on this machine."),
    "doctor": _here("doctor", "doctor", RUN, "Check this machine and the server."),
    "backup": _here("backup", "backup", RUN, "Back up a data directory, and restore one."),
    "scan": _here("scan", "scan", RUN, "The advisories that dependencies are checked with."),
    "admin": _here("admin", "admin", RUN, "Get back in as the admin."),
    "audit": _here("audit", "audit", RUN, "Read and verify the audit log."),
    "permit": _here("permit", "permit", RUN, "Allow an id that is like another's."),
    "api": _here("api", "api", RUN, "Send any request to the server."),
    "explain": _here("explain", "explain", HELP, "Say what an error code means."),
    "bug": _here("bug", "bug", HELP, "Collect what a report of a defect needs."),
    "open": _here("pages", "open_", HELP, "Open the page of a thing in the browser."),
    "docs": _here("pages", "docs", HELP, "Open the documentation."),
    "completion": _here(
        "completion", "completion", HELP, "Print the completion script of a shell."
    ),
}
