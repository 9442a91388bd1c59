"""The six lines of the contract of deltas, on each kind of database."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from sqlalchemy import event, text

from indelible import ABSENT, By, Clash, Conflict, Document
from indelible.changes.values import plain
from tests.database.merging.papers import Base, Paper
from tests.database.merging.paths_taken import merges_seen, only_merging
from tests.database.merging.two import Change, Two, both
from tests.database.stores import Store
from tests.unit.writers import Source, edit

SCENES = {"scenes": [{"id": f"s{n}", "imageUrls": [], "title": "Dusk"} for n in (1, 2, 3)], "title": "Dusk"}


def titled(title: str) -> Change:
    return lambda document: document.update(title=title)


def with_image(scene: int, url: str) -> Change:
    return lambda document: document["scenes"][scene]["imageUrls"].append(url)


def test_1_alone_it_is_python(store: Store) -> None:
    """Contract 1: a long life of random edits, flushed now and then, is stored as plain dicts and lists would be."""
    Base.metadata.create_all(store.engine)
    rng = random.Random(1)
    document = Source(rng, "o", unique=True).document()
    store.keep(Paper(id=1, doc=document))
    session = store.session()
    for number in range(60):
        row = session.get_one(Paper, 1)
        model = plain(row.doc)
        seed = rng.random()
        for each in (row.doc, model):
            edit(each, Source(random.Random(seed), f"n{number}-", unique=True), 3)
        session.commit()
        store.expect(model, Paper)


def test_2_different_places_both_land(store: Store) -> None:
    """Contract 2: six writers of different places, in many orders of commits, make one document."""
    changes: list[Change] = [
        titled("Dawn"),
        with_image(0, "a"),
        with_image(1, "b"),
        lambda document: document["scenes"][2].update(title="Night"),
        lambda document: document.update(new={"n": None}),
        lambda document: document["scenes"].insert(0, document["scenes"].pop(1)),
    ]
    expected = json.loads(json.dumps(SCENES))
    expected.update(title="Dawn", new={"n": None})
    expected["scenes"][0]["imageUrls"] = ["a"]
    expected["scenes"][1]["imageUrls"] = ["b"]
    expected["scenes"][2]["title"] = "Night"
    expected["scenes"].insert(0, expected["scenes"].pop(1))
    Base.metadata.create_all(store.engine)
    orders = random.Random(2).sample(list(itertools.permutations(changes)), 12)
    for number, order in enumerate(orders):
        store.keep(Paper(id=number, doc=SCENES))
        sessions = [store.session() for _ in order]
        documents = [session.get_one(Paper, number).doc for session in sessions]
        rows = [session.get(Paper, number) for session in sessions]
        for session, row in zip(sessions, rows, strict=True):
            session.expunge(row)
            session.rollback()
        for session, row, document, change in zip(sessions, rows, documents, order, strict=True):
            session.add(row)
            change(document)
            session.commit()
        store.expect(expected, Paper, number)


@pytest.mark.parametrize(
    ("change", "other"),
    [
        (titled("Dawn"), titled("Noon")),
        (titled("Dawn"), lambda document: document.pop("title")),
        (lambda document: document.pop("title"), titled("Dawn")),
        (with_image(1, "u"), lambda document: document["scenes"].pop(1)),
        (lambda document: document["scenes"].pop(1), with_image(1, "u")),
        (
            lambda document: document["scenes"].reverse(),
            lambda document: document["scenes"].append(document["scenes"].pop(1)),
        ),
        (lambda document: document.update(new=1), lambda document: document.update(new=1.0)),
        (lambda document: document.clear(), titled("Dawn")),
    ],
)
@pytest.mark.parametrize("way", ["any", "merge"])
def test_3_the_same_place_is_never_overwritten_unseen(
    store: Store, change: Change, other: Change, way: str
) -> None:
    """Contract 3: the second writer gets a `Conflict`, and nothing of the first is touched."""
    two = Two.of(store, SCENES)
    change(two.one.doc)
    other(two.other.doc)
    two.sessions[0].commit()
    first = two.stored()
    with only_merging() if way == "merge" else nullcontext(), pytest.raises(Conflict) as caught:
        two.second.commit()
    assert caught.value.clashes
    assert caught.value.document == "Paper(id=1).doc"
    two.second.rollback()
    store.expect(plain(first), Paper)


def test_3_a_conflict_carries_every_place_with_base_mine_and_theirs(store: Store) -> None:
    """Contract 3: of all the clashing paths, the message names the document and the first ones."""
    two = Two.of(store, SCENES)
    two.one.doc.update(title="Dawn")
    two.one.doc["scenes"][1]["title"] = "Dawn"
    del two.one.doc["scenes"][0]
    two.other.doc.update(title="Noon", fine=True)
    two.other.doc["scenes"][1]["title"] = "Noon"
    two.other.doc["scenes"][0]["imageUrls"].append("u")
    two.sessions[0].commit()
    with pytest.raises(Conflict, match=r"Paper\(id=1\).doc at .*: another writer") as caught:
        two.second.commit()
    first = SCENES["scenes"][0]
    assert sorted(caught.value.clashes, key=repr) == sorted(
        [
            Clash(("title",), "Dusk", "Noon", "Dawn"),
            Clash(("scenes", By("id", "s2"), "title"), "Dusk", "Noon", "Dawn"),
            Clash(("scenes", By("id", "s1")), first, {**first, "imageUrls": ["u"]}, ABSENT),  # type: ignore[dict-item]
        ],
        key=repr,
    )


def test_3_the_same_new_value_is_fine(store: Store) -> None:
    """Contract 3: also a whole object, and a deletion."""

    def change(document: Any) -> None:
        document["title"] = {"en": "Dawn", "de": ["Morgen"]}
        del document["scenes"][0]

    two = both(store, SCENES, change, change)
    expected = json.loads(json.dumps(SCENES))
    change(expected)
    store.expect(expected, Paper)
    assert two.other.doc == expected


def settle(path: Any, base: Any, mine: Any, theirs: Any) -> Any:
    return f"{path}: {base}, {mine} or {theirs}"


POLICIES: dict[str, tuple[dict[str, Any], Any]] = {
    "raise": ({}, None),
    "mine": ({"on_conflict": "mine"}, {"title": "mine", "notes": {"x": "mine"}}),
    "theirs": ({"on_conflict": "theirs"}, {"title": "theirs", "notes": {"x": "theirs"}}),
    "function": (
        {"on_conflict": settle},
        {"title": "('title',): was, mine or theirs", "notes": {"x": "('notes', 'x'): was, mine or theirs"}},
    ),
    "by path": (
        {"on_conflict": "theirs", "policies": {"notes": settle, "*.x": "mine"}},
        {"title": "theirs", "notes": {"x": "mine"}},
    ),
}


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("way", ["any", "merge"])
def test_3_the_policy_decides(store: Store, name: str, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contract 3: of the column, or of the path; what it decides is stored and in memory."""
    options, expected = POLICIES[name]
    monkeypatch.setattr(Paper.__table__.c.doc.type, "merging", Document(**options).merging)
    two = Two.of(store, {"title": "was", "notes": {"x": "was"}})
    for row, value in ((two.one, "theirs"), (two.other, "mine")):
        row.doc["title"] = row.doc["notes"]["x"] = value
    two.sessions[0].commit()
    with (
        only_merging() if way == "merge" else nullcontext(),
        pytest.raises(Conflict) if expected is None else nullcontext(),
    ):
        two.second.commit()
    if expected is not None:
        store.expect(expected, Paper)
        assert two.other.doc == expected
        two.other.doc["title"] = "later"
        two.second.commit()
        store.expect({**expected, "title": "later"}, Paper)


def test_4_no_acknowledged_change_disappears(store: Store) -> None:
    """Contract 4: appends and puts of eight sessions that read at any time; each is there once, or was replaced."""
    Base.metadata.create_all(store.engine)
    store.keep(
        Paper(id=1, doc={"urls": [], "slots": {}, "scenes": [{"id": n, "urls": []} for n in range(3)]})
    )
    rng = random.Random(4)
    sessions = [store.session(expire_on_commit=False) for _ in range(8)]
    rows = [session.get_one(Paper, 1) for session in sessions]
    for session in sessions:
        session.commit()
    appended = []
    last: dict[str, str] = {}
    conflicts = 0
    for number in range(200):
        index = rng.randrange(8)
        session, row, value = sessions[index], rows[index], f"v{number}"
        slot = f"{rng.randrange(4)}"
        row.doc["urls"].append(value)
        rng.choice(row.doc["scenes"])["urls"].append(value)
        if rng.random() < 0.5:
            row.doc["slots"][slot] = value
        if rng.random() < 0.1:
            rng.shuffle(row.doc["scenes"])
        try:
            session.commit()
        except Conflict:
            conflicts += 1
            session.rollback()
            session.refresh(row)
            session.commit()
            continue
        appended.append(value)
        last |= {slot: value} if row.doc["slots"].get(slot) == value else {}
    stored = json.loads(store.stored_text(Paper) or "")
    assert sorted(stored["urls"]) == sorted(appended)
    assert sorted(url for scene in stored["scenes"] for url in scene["urls"]) == sorted(appended)
    assert stored["slots"] == last
    assert conflicts


def test_5_one_statement_and_no_select(any_store: Store) -> None:
    """Contract 5: a change, and one on top of a change that another made meanwhile, are one UPDATE each."""
    two = Two.of(any_store, SCENES)
    with_image(0, "a")(two.one.doc)
    two.sessions[0].commit()
    with_image(0, "b")(two.other.doc)
    titled("Dawn")(two.other.doc)
    with any_store.statements() as statements:
        two.second.commit()
    assert [statement.split()[0] for statement in statements] == ["UPDATE"]
    assert two.stored()["scenes"][0]["imageUrls"] == ["a", "b"]
    assert two.stored()["title"] == "Dawn"


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["scenes"][0].update(title="Dawn"),
        lambda document: document["scenes"][0]["imageUrls"].append("https://example.org/1.png"),
        lambda document: document["scenes"][0].update(new=1),
        lambda document: document["scenes"][0].pop("title"),
        lambda document: document.update(title="Dawn"),
    ],
)
def test_5_a_leaf_of_a_large_document_is_few_bytes(store: Store, change: Change) -> None:
    """Contract 5: in a document of 1 MB one statement, no SELECT, under 500 bytes of parameters."""
    scenes = [{"id": f"scene-{n}", "title": "", "imageUrls": [], "text": "é" * 1000} for n in range(1000)]
    two = Two.of(store, {"scenes": scenes, "title": ""})
    parameters: list[Any] = []

    def collect(_connection: Any, _cursor: Any, _statement: str, given: Any, *_rest: Any) -> None:
        parameters.append(given)

    change(two.one.doc)
    event.listen(store.engine, "before_cursor_execute", collect)
    with store.statements() as statements, merges_seen() as merged:
        two.sessions[0].commit()
    event.remove(store.engine, "before_cursor_execute", collect)
    assert [statement.split()[0] for statement in statements] == ["UPDATE"]
    assert not merged
    given = [each for each in parameters if each]
    values = given[0].values() if isinstance(given[0], dict) else given[0]
    assert len(given) == 1
    assert sum(len(str(value).encode()) for value in values) < 500
    change(two.other.doc)
    assert two.stored() == two.other.doc


def test_5_the_document_in_memory_stays_right(any_store: Store) -> None:
    """Contract 5: after a merge its containers are the same objects, equal to what is stored, and tracked."""
    two = Two.of(any_store, SCENES)
    two.one.doc["scenes"].insert(0, {"id": "s0", "imageUrls": []})
    two.one.doc["scenes"][2]["imageUrls"].append("theirs")
    two.sessions[0].commit()
    document = two.other.doc
    scene, urls = document["scenes"][1], document["scenes"][1]["imageUrls"]
    urls.append("mine")
    with merges_seen() as merged:
        two.second.commit()
    assert merged
    assert two.other.doc is document
    assert document["scenes"][2] is scene
    assert scene["imageUrls"] is urls
    assert urls == ["theirs", "mine"]
    any_store.expect(plain(document), Paper)
    urls.append("later")
    document["scenes"][0]["title"] = "New"
    two.second.commit()
    any_store.expect(plain(document), Paper)


def test_6_both_ways_give_one_answer(any_store: Store) -> None:
    """Contract 6: on each driver, the delta applied by the database and the merge store the same."""
    changes: list[Callable[[Any], Any]] = [
        titled("Dawn"),
        with_image(2, "u"),
        lambda document: document["scenes"][1].pop("title"),
        lambda document: document["scenes"][1].update(new=[{}]),
        lambda document: document["scenes"].pop(0),
        lambda document: document["scenes"].reverse(),
        lambda document: document.update({"": None, "a.b": 1.5, "0": True}),
        lambda document: document.update({f"k{n}": n for n in range(50)}),
    ]
    Base.metadata.create_all(any_store.engine)
    for number, change in enumerate(changes):
        for half in (0, 1):
            any_store.keep(Paper(id=2 * number + half, doc=SCENES))
            session = any_store.session()
            change(session.get_one(Paper, 2 * number + half).doc)
            with merges_seen() as merged:
                if half:
                    with only_merging():
                        session.commit()
                else:
                    session.commit()
            assert len(merged) == half
        expected = json.loads(json.dumps(SCENES))
        change(expected)
        for half in (0, 1):
            any_store.expect(expected, Paper, 2 * number + half)


def test_the_tests_would_see_a_lost_change(store: Store) -> None:
    """What plain JSON does: the second writer's whole document replaces the first one's change."""
    two = Two.of(store, SCENES)
    with_image(0, "a")(two.one.doc)
    two.sessions[0].commit()
    whole = plain(two.other.doc)
    store.sql(
        "UPDATE papers SET doc = " + ("CAST(:d AS jsonb)" if store.driver.is_postgresql else ":d"),
        d=json.dumps(whole),
    )
    with pytest.raises(AssertionError):
        assert two.stored()["scenes"][0]["imageUrls"] == ["a"]
    with two.store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM papers")).scalar() == 1
