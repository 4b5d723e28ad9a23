"""Credentials of what was removed or paused open nothing, which using them shows: row R21."""

from walks import LEADS


def remove(leads) -> None:
    leads.ended(leads.shop.client.delete(LEADS, headers=leads.by("max")))


def test_the_key_and_the_secrets_of_a_removed_instance_are_dead_when_the_removal_ends(
    leads,
) -> None:
    key = leads.key()
    before = leads.hook(key)

    remove(leads)

    assert (before, leads.hook(key)) == (202, 404)
    assert list(leads.shop.state.backends.secrets.entries("instances/")) == []


def test_the_key_of_a_removed_instance_does_not_open_the_next_one_of_its_name(leads) -> None:
    key = leads.key()
    remove(leads)

    leads.install()

    assert (leads.hook(key), leads.hook(leads.key())) == (404, 202)


def test_a_paused_instance_does_nothing_with_what_its_key_lets_in(leads) -> None:
    key = leads.key()
    leads.ended(leads.post("pause"))

    taken = leads.hook(key)
    leads.shop.deliver()

    assert (taken, leads.books.calls) == (202, [])
