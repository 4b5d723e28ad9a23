"""explain: the table of error codes."""


def test_a_code_is_explained(offline) -> None:
    done = offline("explain", "server-unreachable")

    assert done.code == 0
    assert "Nothing answers at the server's address" in done.out
    assert offline("explain", "server-unreachable", "--json").json["exit"] == "7"


def test_a_wrong_code_is_met_with_the_nearest(offline) -> None:
    done = offline("explain", "server-unreachible")

    assert done.code == 3
    assert "did you mean `server-unreachable`?" in done.err


def test_codes_are_listed(offline) -> None:
    assert "bad-url" in offline("explain").out.splitlines()
    assert offline("explain", "--json").json["items"]
