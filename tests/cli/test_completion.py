"""completion: scripts for shells."""

import pytest


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script(offline, shell: str) -> None:
    done = offline("completion", shell)

    assert done.code == 0
    assert "_CONNECTORY_COMPLETE" in done.out
    assert offline("completion", shell, "--json").json["shell"] == shell
