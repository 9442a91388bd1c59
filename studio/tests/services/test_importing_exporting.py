"""Files in and files out, on SQLite and on PostgreSQL."""

import codecs

import pytest

from studio.database import Database
from studio.problems import BadUpload, TooLarge, WrongKind
from studio.projects import service as projects
from studio.sample import sample_text
from studio.script import service as scripts

SCENES = "INT. A - DAY\r\n\r\nWörds.\r\n\r\nEXT. B - DAY\n\nMixed ends.\r\n\r\nINT. A - DAY\r\n\r\nNo end"
FILES = {
    "utf-8": SCENES.encode(),
    "utf-8 with a byte order mark": codecs.BOM_UTF8 + SCENES.encode(),
    "utf-16 little endian": codecs.BOM_UTF16_LE + SCENES.encode("utf-16-le"),
    "utf-16 big endian": codecs.BOM_UTF16_BE + SCENES.encode("utf-16-be"),
    "latin-1": SCENES.encode("latin-1"),
    "old Mac line ends": SCENES.replace("\r\n", "\n").replace("\n", "\r").encode(),
    "the sample": sample_text().encode(),
    "no scene at all": b"Once upon a time.\n\nThe end.",
    "a title page and no scene": b"Title: Nothing\nAuthor: Nobody\n\nOnce upon a time.\n",
    "a title page alone": b"Title: Nothing\n",
    "nothing": b"",
    "blank lines": b"\n\r\n  \n",
    "broken": b"INT.\n\n/* never closed\n\n[[ nor this\n\nINT. B - DAY\n@\n(((\n> <\n===\n#####\n~\n",
}


@pytest.mark.parametrize("kind", FILES)
async def test_an_unedited_script_is_exported_as_the_bytes_that_were_imported(
    database: Database, kind: str
) -> None:
    """Encoding, byte order mark and line ends survive, and a broken script is imported like any other."""
    project = await projects.import_file(database, "Film.fountain", FILES[kind])
    assert await projects.export_fountain(database, project.id) == FILES[kind]


@pytest.mark.parametrize("kind", FILES)
async def test_a_project_file_carries_the_script_to_the_byte(database: Database, kind: str) -> None:
    """Fountain to project, to project file, to another project, to Fountain: the same bytes."""
    project = await projects.import_file(database, "Film.fountain", FILES[kind])
    exported = await projects.export_json(database, project.id)
    copy = await projects.import_file(database, "Film.json", exported)
    assert copy.id != project.id
    assert (copy.title, copy.scene_count) == (project.title, project.scene_count)
    assert await projects.export_fountain(database, copy.id) == FILES[kind]


async def test_an_edit_leaves_the_rest_of_the_file_as_it_was(database: Database) -> None:
    """Editing one scene, as a browser sends it, changes that scene's line and no other byte."""
    project = await projects.import_file(database, "Film.fountain", FILES["latin-1"])
    scene = (await scripts.get_script(database, project.id)).scenes[0]
    edited = scene.text.replace("\r\n", "\n").replace("Wörds.", "Wörter.")
    await scripts.save_scene(database, scene.id, base_version=1, text=edited)
    exported = await projects.export_fountain(database, project.id)
    assert exported == FILES["latin-1"].replace("Wörds.".encode("latin-1"), "Wörter.".encode("latin-1"))


async def test_a_last_scene_moved_up_keeps_its_neighbours_headings(database: Database) -> None:
    """A scene without a line end at its end does not swallow the heading that comes after it."""
    project = await projects.import_file(database, "Film.fountain", FILES["utf-8"])
    script = await scripts.get_script(database, project.id)
    order = [script.scenes[2].id, script.scenes[0].id, script.scenes[1].id]
    await scripts.reorder(database, script.id, order)
    again = await projects.import_file(
        database, "Film.fountain", await projects.export_fountain(database, project.id)
    )
    sluglines = [scene.slugline for scene in (await scripts.get_script(database, again.id)).scenes]
    assert sluglines == ["INT. A - DAY", "INT. A - DAY", "EXT. B - DAY"]


async def test_a_character_beyond_the_files_encoding_makes_it_utf_8(database: Database) -> None:
    """An edit that latin-1 cannot write is exported all the same."""
    project = await projects.import_file(database, "Film.fountain", FILES["latin-1"])
    scene = (await scripts.get_script(database, project.id)).scenes[0]
    await scripts.save_scene(database, scene.id, base_version=1, text="INT. Ω - DAY\n\n")
    assert "INT. Ω - DAY".encode() in await projects.export_fountain(database, project.id)


@pytest.mark.parametrize(
    ("data", "name", "title"),
    [
        (b"Title: _**The Sea**_\n    And Me\nAuthor: X\n\nINT. A - DAY\n", "x.fountain", "The Sea And Me"),
        (b"INT. A - DAY\n", "My Film.fountain", "My Film"),
        (b"Title:\nAuthor: X\n\nINT. A - DAY\n", "draft.txt", "draft"),
        (b"INT. A - DAY\n", "../../etc/film.spmd", "film"),
        (b"Title: " + b"x" * 300 + b"\n\nINT. A - DAY\n", "x.fountain", "x" * 200),
    ],
)
async def test_a_project_is_named_by_its_title_page_or_its_file(
    database: Database, data: bytes, name: str, title: str
) -> None:
    """Emphasis goes, lines are joined, a path gives its last part."""
    assert (await projects.import_file(database, name, data)).title == title


async def test_text_without_headings_becomes_one_scene_to_edit(database: Database) -> None:
    """A treatment, or notes, can be edited after the import; the title page stays apart."""
    project = await projects.import_file(database, "x.txt", FILES["a title page and no scene"])
    script = await scripts.get_script(database, project.id)
    assert [(scene.slugline, scene.text) for scene in script.scenes] == [("", "\nOnce upon a time.\n")]
    assert script.preamble == "Title: Nothing\nAuthor: Nobody\n"


@pytest.mark.parametrize(
    ("name", "data", "problem", "message"),
    [
        ("film.pdf", b"INT. A - DAY", WrongKind, "Choose a .fountain"),
        ("film", b"INT. A - DAY", WrongKind, "“film”"),
        ("film.fountain", bytes(range(256)) * 20, BadUpload, "not text"),
        ("film.fountain", b"%PDF-1.7\n", BadUpload, "PDF"),
        ("film.fountain", b"INT. A\0B", BadUpload, "not text"),
        ("film.fountain", b"x" * (20 * 1024 * 1024 + 1), TooLarge, "20 MB"),
        ("film.json", b"x" * (100 * 1024 * 1024 + 1), TooLarge, "100 MB"),
        ("film.json", b'{"format": "studio-project", ', BadUpload, "is no JSON.*Export the project again"),
        ("film.json", b"\xff\xfe\x00", BadUpload, "is no JSON"),
        ("film.json", b"[]", BadUpload, "is not a project that Studio exported"),
        ("film.json", b'{"name": "left-pad"}', BadUpload, "is not a project that Studio exported: format"),
        (
            "film.json",
            b'{"format": "studio-project", "format_version": 1, "title": "x", "script": {"scenes": [{}]}}',
            BadUpload,
            "script.scenes.0.text",
        ),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_with_a_reason(
    database: Database, name: str, data: bytes, problem: type[Exception], message: str
) -> None:
    """The message names the file and says what to do; no half project stays behind."""
    with pytest.raises(problem, match=message):
        await projects.import_file(database, name, data)
    assert (await projects.list_projects(database)).total == 0


async def test_the_printable_page_escapes_what_was_typed(database: Database) -> None:
    """Markup in titles and text reaches the page as text."""
    data = b"Title: <script>alert(1)</script>\n\nINT. <b>A</b> - DAY\n\n<img src=x onerror=alert(1)>\n"
    project = await projects.import_file(database, "x.fountain", data)
    page = await projects.export_html(database, project.id)
    assert "&lt;img src=x onerror" in page
    assert "<script>alert" not in page
    assert "<img" not in page
