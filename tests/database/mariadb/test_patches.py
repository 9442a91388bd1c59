"""Patches without loading on MariaDB: its own limits, other programs' text, and what MySQL would be sent."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import URL, Connection, create_engine, text, update
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql
from sqlalchemy.exc import DontWrapMixin

from indelible import CannotPatch, Conflict, IndelibleError, JSONPatchFailed, MissingPath, Patch, by, edit
from indelible.changes.values import same
from tests.database.mariadb.foreign import foreign_text
from tests.database.mariadb.words import new_database
from tests.database.patches.test_random_edits import Gone, _document, _random_change
from tests.database.rows import Row

ROUNDS = int(os.environ.get("INDELIBLE_RANDOM_PATCHES", "120"))
DOCUMENT = edit(Row.doc)


@pytest.fixture(scope="module")
def address(mariadb_url: URL) -> URL:
    """A database with the table of `Row`."""
    url = new_database(mariadb_url, "patches")
    engine = create_engine(url)
    Row.metadata.create_all(engine)
    engine.dispose()
    return url


@pytest.fixture
def connection(address: URL) -> Iterator[Connection]:
    """A connection whose transaction is rolled back after the test."""
    engine = create_engine(address)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def keep(connection: Connection, written: str | None) -> None:
    """Store text as it is."""
    connection.execute(text("DELETE FROM `rows`"))
    insert = text("INSERT INTO `rows` (id, title, doc) VALUES (1, '', :doc)")
    connection.execute(insert, {"doc": written})


def after(connection: Connection, written: str | None, patch: Patch) -> str:
    """Store text, patch it, and return the text that is stored then."""
    keep(connection, written)
    connection.execute(update(Row).values(doc=patch))
    return str(stored(connection))


def stored(connection: Connection) -> Any:
    return connection.execute(text("SELECT doc FROM `rows`")).scalar_one()


@pytest.mark.parametrize(
    "patch",
    [
        DOCUMENT.at("a", 1).put({"b": [1.0, 2**70], "é": None}),
        DOCUMENT.at().put({"b": [1.0, {"c": "d"}]}),
        DOCUMENT.at("a").extend([{"x": 1, "y": []}, "é"]),
        DOCUMENT.at("a").insert(1, {}, [2, 3]),
        DOCUMENT.at("a").move(0, -1),
        DOCUMENT.at("a").union("x", "y", 1),
        DOCUMENT.at("n").add(5),
        DOCUMENT.at("n").remove(),
        DOCUMENT.json_patch([{"op": "copy", "from": "/a", "path": "/b"}]),
    ],
)
def test_what_is_stored_is_written_as_python_writes(connection: Connection, patch: Patch) -> None:
    """So that the flush's guards, which compare text, hold for it afterwards."""
    written = after(connection, json.dumps({"a": [1, "x", {"y": -0.0, "z": [1e300]}], "n": 7}), patch)
    assert written == json.dumps(json.loads(written))


@pytest.mark.parametrize(
    "written",
    [
        '{"\\u0061": []}',
        '{"a": [], "é": 1}',
        '{"a": [], "b": "\\/"}',
        '{"a": [], "b": "\\u00E9"}',
        "not JSON",
    ],
)
def test_text_of_other_programs_is_not_patched(connection: Connection, written: str) -> None:
    """Keys and strings in other words might not be found: the patch is refused, and nothing is written."""
    keep(connection, '{"a": []}')
    connection.execute(text("SET check_constraint_checks = 0"))
    with pytest.raises(CannotPatch, match="Load the row"):
        after(connection, written, DOCUMENT.at("a").append(1))
    assert stored(connection) == written


@pytest.mark.parametrize(
    "written", ['{"a":[],"b":"\\\\/ \\\\u0041"}', '{"a" : [ ]}', '{"b": "\\u00e9", "a": []}']
)
def test_text_that_only_looks_so_is_patched(connection: Connection, written: str) -> None:
    """Other spaces, and strings that have backslashes of their own, do no harm."""
    found = json.loads(after(connection, written, DOCUMENT.at("a").append(1)))
    assert found == json.loads(written) | {"a": [1]}


def _otherwise(document: Any, seeded: random.Random) -> str:
    if seeded.random() < 0.3:
        return foreign_text(document, seeded)
    return json.dumps(document, ensure_ascii=seeded.random() < 0.8, separators=(" ,", ":"))


def test_other_programs_documents_become_what_python_makes_or_stay(connection: Connection) -> None:
    """Random changes of text in other words: the right document, or an error and the document as it was."""
    seed = int(os.environ.get("INDELIBLE_SEED", random.randrange(2**32)))
    print(f"INDELIBLE_SEED={seed}")  # noqa: T201
    seeded = random.Random(seed)
    seen = Counter[str]()
    for _ in range(ROUNDS):
        document = _document(seeded)
        written = _otherwise(document, seeded)
        patch, change, name = _random_change(seeded, document, DOCUMENT)
        try:
            expected = change(json.loads(written))
        except Gone:
            expected = Gone
        refused, found = _tried(connection, written, patch)
        if refused is not None:
            assert found == written
            assert expected is Gone or isinstance(refused, CannotPatch), f"{name} of {written}: {refused}"
            seen["refused"] += 1
            continue
        found = json.loads(found)
        assert same(found, expected), f"{name} of {written}: {found}, must be {expected}"
        seen["made"] += 1
    assert seen["made"] + seen["refused"] == ROUNDS
    assert seen["made"] > ROUNDS // 20, seen


def _tried(connection: Connection, written: str, patch: Patch) -> tuple[IndelibleError | None, Any]:
    """Patch text; return the error, if there was one, and what is stored then."""
    try:
        return None, after(connection, written, patch)
    except IndelibleError as error:
        return error, stored(connection)


@pytest.mark.parametrize("depth", range(27, 34))
@pytest.mark.parametrize("place", [DOCUMENT.at("a", "b"), DOCUMENT.at(missing="ignore")])
def test_what_would_be_too_deep_is_refused(connection: Connection, depth: int, place: Any) -> None:
    """Where MariaDB's functions would make NULL of the document, the patch is refused; else it is made."""
    value = json.loads("[" * depth + "]" * depth)
    expected = {"a": {"b": value}} if place._path else value
    limit = connection.execute(text("SELECT JSON_VALID(:text)"), {"text": json.dumps(expected)}).scalar_one()
    if limit:
        assert json.loads(after(connection, '{"a": {"b": 1}}', place.put(value))) == expected
    else:
        with pytest.raises(CannotPatch, match="31 containers"):
            after(connection, '{"a": {"b": 1}}', place.put(value))
        assert stored(connection) == '{"a": {"b": 1}}'


@pytest.mark.parametrize(
    "patch",
    [
        DOCUMENT.at("-x").put(1),
        DOCUMENT.at("-x", "y").put(1),
        DOCUMENT.at("-x").remove(),
        DOCUMENT.at("-x", missing="ignore").remove(),
        DOCUMENT.at("-x", missing="create").append(1),
        DOCUMENT.json_patch([{"op": "add", "path": "/-", "value": 1}]),
        DOCUMENT.json_patch([{"op": "copy", "from": "/-", "path": "/a"}]),
    ],
)
def test_a_key_with_a_dash_is_refused(connection: Connection, patch: Patch) -> None:
    """MariaDB takes a path with it for a syntax error: the document stays as it is, and is not made NULL."""
    with pytest.raises(CannotPatch, match="begins with -"):
        after(connection, '{"-x": {"y": 2}, "-": 3, "a": [1]}', patch)
    assert stored(connection) == '{"-x": {"y": 2}, "-": 3, "a": [1]}'


def test_a_dash_in_a_list_is_no_key(connection: Connection) -> None:
    """JSON Patch appends at `-`, and finds nothing at other names in a list."""
    added = DOCUMENT.json_patch([{"op": "add", "path": "/a/-", "value": 2}])
    assert after(connection, '{"a": [1]}', added) == '{"a": [1, 2]}'
    with pytest.raises(JSONPatchFailed):
        after(connection, '{"a": [1]}', DOCUMENT.json_patch([{"op": "remove", "path": "/a/-1"}]))
    with pytest.raises(MissingPath):
        after(connection, '{"a": [1]}', DOCUMENT.at("a", "-1").put(1))


@pytest.mark.parametrize(
    ("written", "value", "is_it"),
    [
        ('{"a": 1, "b": [2]}', {"b": [2], "a": 1}, True),
        ('{"a": 1, "b": [2]}', {"b": [2], "a": 1.0}, False),
        ('{"a": "1", "b": 2}', {"b": 2, "a": 1}, False),
        ('{"a": "1.0", "b": 2}', {"b": 2, "a": "1"}, False),
        ('{"a": "A", "b": 2}', {"b": 2, "a": "a"}, False),
        ('{"a\\"5": "\\\\", "b": 2}', {"b": 2, 'a"5': "\\"}, True),
        ("[9007199254740993]", [9007199254740992], False),
        ("[1180591620717411303424]", [2**70], True),
        ("[1e+300, -0.0]", [1e300, -0.0], True),
        ("[[1, 2]]", [[2, 1]], False),
        ("true", 1, False),
        ("null", None, True),
    ],
)
def test_values_are_compared_with_their_types(
    connection: Connection, written: str, value: Any, *, is_it: bool
) -> None:
    """The order of keys is nothing; 1, 1.0, "1" and True are four."""
    patch = DOCUMENT.at().if_is(value).at().put(["new"])
    if is_it:
        assert after(connection, written, patch) == '["new"]'
    else:
        with pytest.raises(Conflict):
            after(connection, written, patch)


def test_no_servers_limit_of_grouping_cuts_lists_off(connection: Connection) -> None:
    """`group_concat_max_len`, which cuts off MariaDB's JSON_ARRAYAGG too, has nothing to do with it."""
    connection.execute(text("SET group_concat_max_len = 4"))
    elements = [{"id": f"e{number}", "text": "x" * 50} for number in range(300)]
    patch = (
        DOCUMENT.at("s")
        .insert(150, {"id": "new"})
        .at("s")
        .move(by(id="e299"), 0)
        .at("s")
        .union("u", "v", "u")
    )
    found = json.loads(after(connection, json.dumps({"s": elements}), patch))["s"]
    assert found == [elements[299], *elements[:150], {"id": "new"}, *elements[150:299], "u", "v"]


@pytest.mark.parametrize("mode", ["", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES,PIPES_AS_CONCAT", "TRADITIONAL"])
def test_the_servers_mode_changes_nothing(address: URL, mode: str) -> None:
    """Failures are failures and quotes are quotes in each of MariaDB's modes, strict or not."""
    engine = create_engine(address, connect_args={"sql_mode": mode})
    with engine.connect() as connection:
        patch = DOCUMENT.at('q"\\', "it's").put('\\"%s').at('q"\\').if_is({"it's": '\\"%s', "n": 1})
        found = after(connection, json.dumps({'q"\\': {"n": 1, "it's": 2}}), patch)
        assert json.loads(found) == {'q"\\': {"it's": '\\"%s', "n": 1}}
        with pytest.raises(MissingPath):
            after(connection, "{}", DOCUMENT.at("a").append(1))
        with pytest.raises(CannotPatch):
            after(connection, '{"n": 1000000000000000000000}', DOCUMENT.at("n").add(1))
    engine.dispose()


@pytest.mark.parametrize("step", [0, -1, by(id=1)])
def test_a_path_as_deep_as_documents_is_found(connection: Connection, step: Any) -> None:
    """Though a server joins 61 tables at most; what no document has is missing, or refused."""
    written = "[" * 31 + "]" * 31 if isinstance(step, int) else '[{"id": 1, "a": ' * 15 + "[1]" + "}]" * 15
    steps = [step] * 30 if isinstance(step, int) else [step, "a"] * 15
    assert after(connection, written, DOCUMENT.at(*steps).append(7)).count("7") == 1
    with pytest.raises(MissingPath):
        after(connection, written, DOCUMENT.at(*[0] * 31).append(7))
    deep = "/0" * 31
    for patch in (
        DOCUMENT.at(*[0] * 32).append(7),
        DOCUMENT.json_patch([{"op": "copy", "from": deep, "path": deep}]),
    ):
        with pytest.raises(CannotPatch, match="too many steps"):
            after(connection, written, patch)


def _compiled(patch: Patch, version: tuple[int, ...], *, is_mariadb: bool = False) -> Any:
    dialect = MySQLDialect_pymysql(is_mariadb=is_mariadb)
    dialect.server_version_info = version
    return update(Row).values(doc=patch).compile(dialect=dialect)


def test_mysql_is_sent_lateral_tables() -> None:
    """Each value is a lateral table of its own; no JSON_TABLE has a subquery, which MySQL refuses there."""
    place = DOCUMENT.at("scenes", by(id="a"), 0, 'q"')
    patch = (
        place.put(1.0).at("s").union("x", 1).at("s").move(by(id=1), before=0).at("n").add(2).at("n").if_is(3)
    )
    patch = patch.at("s").insert(1, 2).json_patch([{"op": "copy", "from": "/s/0", "path": "/t/-"}])
    compiled = _compiled(patch, (8, 0, 36))
    sql = str(compiled)
    assert sql.count(" LEFT JOIN LATERAL (SELECT ") == sql.count(" ON TRUE") > 10
    for argument in sql.split("JSON_TABLE(")[1:]:
        assert "SELECT" not in argument.split("COLUMNS")[0]
    assert "JSON_LOOSE" not in sql
    assert "JSON_EQUALS" not in sql
    assert "COLLATE utf8mb4_bin" in sql
    given = compiled.construct_params()
    for name in set(compiled.params) & {part.split(")s")[0] for part in sql.split("%(")[1:]}:
        assert name in given


@pytest.mark.parametrize(
    ("version", "is_mariadb"), [((8, 0, 13), False), ((5, 7, 44), False), ((10, 8, 8), True)]
)
def test_servers_that_are_too_old_are_told(version: tuple[int, ...], *, is_mariadb: bool) -> None:
    """Without lateral tables, or ranges in paths, the statement is refused before it is sent."""
    with pytest.raises(CannotPatch, match=r"before \d+\.\d+") as caught:
        _compiled(DOCUMENT.at("a").put(1), version, is_mariadb=is_mariadb)
    assert not isinstance(caught.value, DontWrapMixin)
