"""Failures become messages and exit codes in one place."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from connectory.cli.main import EXIT
from connectory.kernel.errors import Kind
from marketplaces import wait_until
from stubs import Reply, Stub


def test_every_kind_of_failure_has_its_exit_code() -> None:
    assert set(EXIT) == set(Kind)
    assert set(EXIT.values()) == set(range(1, 9))


def test_a_wrong_command_is_met_with_the_nearest_one_and_its_arguments(offline) -> None:
    done = offline("serach", "slack")

    assert done.code == 2
    assert "no command “serach”" in done.err
    assert "did you mean  connectory search slack" in done.err


def test_a_wrong_command_of_a_group_is_met_with_the_nearest_one(offline) -> None:
    done = offline("team", "lits")

    assert done.code == 2
    assert "did you mean  connectory team list" in done.err


def test_a_missing_argument_is_a_usage_failure_that_names_the_help(offline) -> None:
    done = offline("show")

    assert done.code == 2
    assert "error: missing argument 'ID[@VERSION]'" in done.err
    assert "hint: connectory show --help" in done.err


def test_a_failure_has_error_and_hint_on_stderr_and_nothing_on_stdout(offline) -> None:
    done = offline("list")

    assert done.code == 7
    assert done.out == ""
    assert done.err.splitlines()[0].startswith("error: cannot reach http://127.0.0.1:9: ")
    assert done.err.splitlines()[1].startswith("hint: start one with `connectory up`")


def test_a_failure_with_json_is_one_object_on_stdout(offline) -> None:
    done = offline("list", "--json")

    assert done.json["schema_version"] == 1
    assert done.json["error"]["code"] == "server-unreachable"
    assert done.json["error"]["kind"] == "unavailable"


def test_a_usage_failure_with_json_is_one_object_on_stdout(offline) -> None:
    done = offline("show", "--json")

    assert done.code == 2
    assert done.json["error"]["code"] == "usage"


def test_the_request_id_of_the_server_is_the_last_line(cli) -> None:
    done = cli("show", "no-such-connector")

    assert done.code == 3
    assert done.err.splitlines()[-1].startswith("request: req_")


def test_a_bad_address_never_shows_the_password_in_it(offline) -> None:
    done = offline("list", "--url", "http://ana:hunter2@127.0.0.1")

    assert done.code == 2
    assert "hunter2" not in done.err


def test_without_a_command_the_overview_goes_to_stderr(offline) -> None:
    done = offline()

    assert done.code == 2
    assert done.out == ""
    assert "connectory up --demo" in done.err


def test_ctrl_c_ends_a_command_with_130() -> None:
    with Stub(lambda _: Reply(wait_s=20)) as stub:
        command = [sys.executable, "-m", "connectory.cli", "list", "--url", stub.url]
        heeding = signal.signal(signal.SIGINT, signal.default_int_handler)  # not so under nohup
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as calling:
            signal.signal(signal.SIGINT, heeding)
            wait_until(lambda: bool(stub.asked))
            calling.send_signal(signal.SIGINT)
            _, said = calling.communicate(timeout=60)

    assert calling.returncode == 130
    assert "interrupted" in said


def test_a_reader_that_has_seen_enough_makes_no_noise() -> None:
    command = [sys.executable, "-m", "connectory.cli", "completion", "bash"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as talking:
        assert talking.stdout is not None
        talking.stdout.close()
        assert talking.stderr is not None
        said = talking.stderr.read()

    assert said == ""


@pytest.mark.parametrize("debug", [False, True])
def test_a_defect_keeps_its_trace_in_a_file_only_when_asked(
    tmp_path: Path,
    debug: bool,  # noqa: FBT001  a parameter of the test
) -> None:
    code = (
        "import sys; from connectory.cli import defect; sys.excepthook = defect.report; 1 / 0"
    )
    env = {"TMPDIR": str(tmp_path), **({"CONNECTORY_DEBUG": "1"} if debug else {})}

    died = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False
    )

    assert died.returncode == 1
    assert "Traceback" not in died.stderr
    assert "the command has a defect: ZeroDivisionError: division by zero" in died.stderr
    assert len(list(tmp_path.glob("connectory-defect-*.txt"))) == debug


def test_the_version_is_printed(offline) -> None:
    assert offline("--version").out.startswith("connectory ")


def test_problems_of_a_document_are_listed_with_file_line_and_column(
    cli, tmp_path: Path
) -> None:
    broken = tmp_path / "manifest.yaml"
    broken.write_text("id: x\nid: y\n")

    done = cli("publish", str(broken))

    assert done.code == 2
    assert f"  {broken}:2:1" in done.err
    assert json.loads(cli("publish", str(broken), "--json").out)["error"]["problems"]
