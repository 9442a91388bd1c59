"""The REST API of projects."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

ProblemOf = Callable[[httpx.Response, int, str], dict[str, Any]]
Upload = Callable[[str, bytes], Awaitable[httpx.Response]]

SCRIPT = b"Title: Harbour\n\nINT. KITCHEN - DAY\n\nMaria reads.\n\nEXT. PIER - NIGHT\n\nWaves.\n"


async def test_the_first_start_brings_the_sample(client: httpx.AsyncClient) -> None:
    """A new Studio lists one project with at least twelve scenes."""
    page = (await client.get("/api/projects")).json()
    assert page["total"] == 1
    assert page["items"][0]["scene_count"] >= 12


async def test_a_project_is_created_read_changed_deleted_and_restored(
    client: httpx.AsyncClient, problem_of: ProblemOf
) -> None:
    """The life of a project; each answer says where it is and which version it has."""
    created = await client.post("/api/projects", json={"title": "Film", "description": "One."})
    assert created.status_code == 201
    address = created.headers["location"]
    assert (await client.get(address)).json() == created.json()
    changed = await client.patch(address, json={"title": "Movie"})
    assert (changed.json()["title"], changed.json()["description"]) == ("Movie", "One.")
    assert changed.headers["etag"] != created.headers["etag"]
    assert (await client.delete(address)).status_code == 204
    problem_of(await client.get(address), 404, "not-found")
    deleted = (await client.get("/api/projects", params={"deleted": True})).json()
    assert [project["title"] for project in deleted["items"]] == ["Movie"]
    assert (await client.post(f"{address}/restore")).json()["title"] == "Movie"
    assert (await client.get(address)).status_code == 200


async def test_the_list_comes_in_pages(client: httpx.AsyncClient) -> None:
    """`limit` and `offset` cut the list; `total` counts all of it."""
    for number in range(3):
        await client.post("/api/projects", json={"title": f"Film {number}"})
    page = (await client.get("/api/projects", params={"limit": 2, "offset": 1})).json()
    assert [project["title"] for project in page["items"]] == ["Film 1", "Film 0"]
    assert (page["total"], page["limit"], page["offset"]) == (4, 2, 1)


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 201}, {"limit": "x"}, {"offset": -1}, {"deleted": "maybe"}]
)
async def test_a_page_that_cannot_be_is_a_problem(
    client: httpx.AsyncClient, problem_of: ProblemOf, query: dict[str, Any]
) -> None:
    """The field that does not fit is named."""
    problem = problem_of(await client.get("/api/projects", params=query), 422, "invalid-request")
    assert problem["errors"][0]["field"] == f"query.{next(iter(query))}"


async def test_a_reader_that_has_the_version_is_not_sent_it_again(client: httpx.AsyncClient) -> None:
    """If-None-Match answers 304 until something in the project changes, a scene included."""
    created = await client.post("/api/projects", json={"title": "Film"})
    address, tag = created.headers["location"], created.headers["etag"]
    for header in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        fresh = await client.get(address, headers={"If-None-Match": header})
        assert (fresh.status_code, fresh.content) == (304, b"")
        assert fresh.headers["etag"] == tag
    await client.post(f"/api/scripts/{created.json()['script_id']}/scenes", json={})
    changed = await client.get(address, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["scene_count"]) == (200, 1)


async def test_a_writer_with_an_old_version_is_refused(
    client: httpx.AsyncClient, problem_of: ProblemOf
) -> None:
    """If-Match with another version, or a weak one, changes nothing; with the present one or * it does."""
    created = await client.post("/api/projects", json={"title": "Film"})
    address, tag = created.headers["location"], created.headers["etag"]
    for header in ('"999"', f"W/{tag}", '"x"'):
        refused = await client.patch(address, json={"title": "Lost"}, headers={"If-Match": header})
        problem_of(refused, 412, "precondition-failed")
    for header, title in ((tag, "One"), ("*", "Two")):
        changed = await client.patch(address, json={"title": title}, headers={"If-Match": header})
        assert changed.json()["title"] == title


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.title"),
        ({"title": ""}, "body.title"),
        ({"title": 5}, "body.title"),
        ({"title": "x" * 201}, "body.title"),
        ({"title": "x", "tilte": "y"}, "body.tilte"),
        ({"title": "x", "description": None}, "body.description"),
        ([], "body"),
        ("title", "body"),
    ],
)
async def test_a_body_that_does_not_fit_names_the_field(
    client: httpx.AsyncClient, problem_of: ProblemOf, body: object, field: str
) -> None:
    """Missing, empty, of another type, too long and misspelt fields are named, and nothing is created."""
    problem = problem_of(await client.post("/api/projects", json=body), 422, "invalid-request")
    assert problem["errors"][0]["field"] == field
    assert (await client.get("/api/projects")).json()["total"] == 1


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"title": "\\ud800"}', b"", b"null", b"[" * 100_000])
async def test_a_body_that_is_no_json_is_a_problem(
    client: httpx.AsyncClient, problem_of: ProblemOf, body: bytes
) -> None:
    """Whatever bytes come, the answer is a problem and not a crash."""
    response = await client.post("/api/projects", content=body, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)
    problem_of(response, response.status_code, response.json()["code"])


async def test_a_title_of_blanks_is_refused_with_advice(
    client: httpx.AsyncClient, problem_of: ProblemOf
) -> None:
    """What the schema lets through and cannot be kept is a problem as well."""
    problem = problem_of(await client.post("/api/projects", json={"title": "   "}), 422, "invalid")
    assert "Type one" in problem["detail"]


async def test_unknown_addresses_and_methods_are_problems(
    client: httpx.AsyncClient, problem_of: ProblemOf
) -> None:
    """404 and 405 have the form of all problems; 405 lists what the address does."""
    problem_of(await client.get("/api/nothing"), 404, "http-404")
    refused = await client.put("/api/projects")
    problem_of(refused, 405, "http-405")
    assert refused.headers["allow"] == "GET, POST"


async def test_a_fountain_file_goes_in_and_comes_out_the_same(
    client: httpx.AsyncClient, upload: Upload
) -> None:
    """Import makes a project named by its title page; the export has the same bytes and a file name."""
    imported = await upload("harbour.fountain", SCRIPT)
    assert imported.status_code == 201
    assert (imported.json()["title"], imported.json()["scene_count"]) == ("Harbour", 2)
    exported = await client.get(f"{imported.headers['location']}/export.fountain")
    assert exported.content == SCRIPT
    assert exported.headers["content-disposition"] == 'attachment; filename="Harbour.fountain"'


async def test_a_project_file_goes_out_and_in(client: httpx.AsyncClient, upload: Upload) -> None:
    """The exported JSON makes an equal project."""
    imported = await upload("harbour.fountain", SCRIPT)
    file = await client.get(f"{imported.headers['location']}/export.json")
    assert 'filename="Harbour.studio.json"' in file.headers["content-disposition"]
    copy = await upload("Harbour.studio.json", file.content)
    assert copy.json()["id"] != imported.json()["id"]
    assert (await client.get(f"{copy.headers['location']}/export.fountain")).content == SCRIPT


async def test_the_printable_page_cannot_run_anything(client: httpx.AsyncClient, upload: Upload) -> None:
    """The page is HTML under a policy that allows its style and no script."""
    imported = await upload("x.fountain", b"INT. <script>alert(1)</script> - DAY\n")
    page = await client.get(f"{imported.headers['location']}/export.html")
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    ("name", "data", "status", "code", "words"),
    [
        ("film.docx", b"PK\x03\x04", 415, "wrong-kind", "Choose a .fountain"),
        ("film.fountain", b"\x89PNG\r\n\x1a\n\0\0\0", 422, "bad-upload", "not text"),
        ("film.json", b"{", 422, "bad-upload", "no JSON"),
        ("film.json", b"{}", 422, "bad-upload", "not a project that Studio exported"),
        ("film.fountain", b"x" * (20 * 1024 * 1024 + 1), 413, "too-large", "20 MB"),
    ],
)
async def test_a_file_that_cannot_be_imported_is_a_problem(
    client: httpx.AsyncClient,
    problem_of: ProblemOf,
    upload: Upload,
    name: str,
    data: bytes,
    status: int,
    code: str,
    words: str,
) -> None:
    """The message says what is wrong with the file and what to do; no project appears."""
    problem = problem_of(await upload(name, data), status, code)
    assert words in problem["detail"]
    assert (await client.get("/api/projects")).json()["total"] == 1


async def test_a_script_of_exactly_the_limit_is_taken(client: httpx.AsyncClient, upload: Upload) -> None:
    """20 MB are not too large."""
    line = b"INT. A - DAY\n\n" + b"word " * 20_000 + b"\n\n"
    data = (line * (20 * 1024 * 1024 // len(line) + 1))[: 20 * 1024 * 1024]
    imported = await upload("long.fountain", data)
    assert imported.status_code == 201
    assert (await client.get(f"{imported.headers['location']}/export.fountain")).content == data


async def test_an_import_without_a_file_is_a_problem(
    client: httpx.AsyncClient, problem_of: ProblemOf
) -> None:
    """A form without the file, and no form at all, name what is missing."""
    for arguments in ({"data": {"file": "text"}}, {"content": b"INT. A"}, {"files": {"other": ("a", b"b")}}):
        problem = problem_of(await client.post("/api/projects/import", **arguments), 422, "invalid-request")
        assert problem["errors"][0]["field"] == "body.file"


async def test_an_announced_body_beyond_all_limits_is_not_read(
    client: httpx.AsyncClient, problem_of: ProblemOf
) -> None:
    """A body that says it has 50 MB is refused; so is one that says nothing and goes on."""

    async def endless() -> Any:
        for _ in range(60):
            yield b"x" * 1024 * 1024

    problem_of(await client.post("/api/projects", content=b"x" * 50 * 1024 * 1024), 413, "too-large")
    problem_of(await client.post("/api/projects", content=endless()), 413, "too-large")


async def test_studio_says_that_it_is_well(client: httpx.AsyncClient) -> None:
    """The health address answers when the database does."""
    assert (await client.get("/api/health")).json()["status"] == "ok"
