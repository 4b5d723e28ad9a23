"""Queries for tantivy, built from words and values and never parsed from a text."""

from collections.abc import Mapping
from datetime import datetime

import tantivy
from tantivy import Occur
from tantivy import Query as Node

from connectory.backends.search import FACETS, WEIGHTS, Model, Query
from connectory.backends.search.words import Term, fold

FOUND = 1000.0  # for a word as it was typed; more than all weights of all words together
BEGUN = 0.5  # share of a field's weight for a word that only begins as typed
NEAR = 0.1  # for a word with a typing mistake, in whatever field
MOST_LIKE = {"uses": 4.0, "tag": 2.0}  # for a value of a facet that a model has, too
WORD_LIKE = 1.0  # for a word of its name or description

ANYWHERE, EXAMPLES = "anywhere", "examples"
WEIGHED = {
    f"weight_{weight:g}": weight for weight in sorted(set(WEIGHTS.values()), reverse=True)
}
WORDS: Mapping[str, tuple[str, ...]] = {
    ANYWHERE: tuple(WEIGHTS),
    EXAMPLES: (EXAMPLES,),
    **{
        name: tuple(each for each, its in WEIGHTS.items() if its == weight)
        for name, weight in WEIGHED.items()
    },
}
"""Field of the index -> the texts whose words are in it. Texts of one weight share a field."""

LISTING, POSITION = "listing", "position"  # kinds of stored documents


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("kind", *(f"facet_{name}" for name in FACETS)):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in WORDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("row", "texts", "words", "told", "body"):
        builder.add_bytes_field(name, stored=True)
    builder.add_integer_field("number", stored=True, fast=True)
    builder.add_integer_field("updated", fast=True)
    builder.add_integer_field("position", stored=True)
    return builder.build()


SCHEMA = _schema()


def beside(query: Query) -> list[Node]:
    """Match the words of examples that a query asks for, and what is as new as it asks for."""
    found = []
    examples = [term(EXAMPLES, fold(word)) for word in query.examples]
    if examples:
        found.append(Node.const_score_query(every(examples), 0))
    if query.since is not None:
        found.append(_updated_from(milliseconds(query.since)))
    return found


def like(model: Model) -> Node:
    """Match what shares anything with a model; the more it shares, the higher it scores."""
    shared = [
        Node.const_score_query(_facet(facet, value), MOST_LIKE[facet])
        for facet, values in model.facets.items()
        for value in values
    ]
    shared += [
        Node.const_score_query(term(ANYWHERE, fold(word)), WORD_LIKE) for word in model.words
    ]
    return every([either(shared), _kept(model.kept, model.excluded)])


def scored(word: Term) -> Node:
    """Find a word in any field. What is not the word itself scores below all that is.

    Mistakes are looked for in all fields at once: each such look is through all known words.
    """
    exact = {name: term(name, word.text) for name in WEIGHED}
    begun = {name: _near(name, word.text, 0, prefix=True) for name in WEIGHED if word.begins}
    near = [
        Node.const_score_query(_near(ANYWHERE, word.text, edits), NEAR)
        for edits in range(1, word.edits + 1)
    ]
    itself = term(ANYWHERE, word.text)
    if word.begins:
        itself = _near(ANYWHERE, word.text, 0, prefix=True)
    found = Node.const_score_query(itself, FOUND)
    weighed = [Node.const_score_query(node, WEIGHED[name]) for name, node in exact.items()]
    weighed += [
        Node.const_score_query(node, BEGUN * WEIGHED[name]) for name, node in begun.items()
    ]
    return either([found, *weighed, *near])


def _kept(
    facets: Mapping[str, tuple[str, ...]], excluded: Mapping[str, tuple[str, ...]]
) -> Node:
    clauses = [(Occur.Must, term("kind", LISTING))]
    for facet, values in facets.items():
        if values:
            clauses.append((Occur.Must, either([_facet(facet, value) for value in values])))
    for facet, values in excluded.items():
        clauses += [(Occur.MustNot, _facet(facet, value)) for value in values]
    return Node.const_score_query(Node.boolean_query(clauses), 0)


def term(name: str, text: str) -> Node:
    """Match a word or value of a field exactly."""
    return Node.term_query(SCHEMA, name, text, "basic")


def every(nodes: list[Node]) -> Node:
    """Match what all of them match."""
    return Node.boolean_query([(Occur.Must, node) for node in nodes])


def either(nodes: list[Node]) -> Node:
    """Match what any of them matches; the scores of those that do are added."""
    return Node.boolean_query([(Occur.Should, node) for node in nodes])


def milliseconds(moment: datetime) -> int:
    """Return a time as the index keeps it."""
    return int(moment.timestamp() * 1000)


def _updated_from(since: int) -> Node:
    newer = Node.range_query(SCHEMA, "updated", tantivy.FieldType.Integer, lower_bound=since)
    return Node.const_score_query(newer, 0)


def _facet(facet: str, value: str) -> Node:
    return term(f"facet_{facet}", value)


def _near(name: str, text: str, edits: int, *, prefix: bool = False) -> Node:
    return Node.fuzzy_term_query(SCHEMA, name, text, distance=edits, prefix=prefix)
