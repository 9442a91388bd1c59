"""Changes that are made, marked and handed on by several functions: aliases through calls, and recursion."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.lint.programs import HEAD, MODELS, expected, places, shown, write

LOST = {
    "a container through two calls": """
        def put(summaries, key):
            summaries[key] = 1  # <- IND101


        def pass_on(found, key):
            put(found, key)


        def f(session, script: Script):
            pass_on(script.scene_summaries, "a")
            session.commit()
    """,
    "a container through four calls": """
        def one(given):
            given.append(1)  # <- IND101


        def two(given):
            one(given)


        def three(given):
            two(given)


        def four(given):
            three(given)


        def f(session, script: Script):
            four(script.blocks)
            session.commit()
    """,
    "a part of a container through two calls": """
        def put(scene):
            scene["done"] = True  # <- IND101


        def each(scenes):
            for scene in scenes:
                put(scene)


        def f(session, script: Script):
            each(script.blocks)
            session.commit()
    """,
    "a row through three calls": """
        def put(row, key):
            row.scene_summaries[key] = 1  # <- IND101


        def pass_on(row):
            put(row, "a")


        def pass_on_again(row):
            pass_on(row)


        def f(session, id):
            pass_on_again(session.get(Script, id))
            session.commit()
    """,
    "a container returned through two calls": """
        def found(script: Script):
            return script.scene_summaries


        def found_again(script: Script):
            summaries = found(script)
            return summaries


        def f(session, script: Script):
            found_again(script)["a"] = 1  # <- IND101
            session.commit()
    """,
    "a container returned by a function that is given it": """
        def same(given):
            return given


        def again(given):
            return same(given)


        def f(session, script: Script):
            again(script.scene_summaries)["a"] = 1  # <- IND101
            session.commit()
    """,
    "assigned back after two calls": """
        def changed(given):
            given["a"] = 1  # <- IND102
            return given


        def pass_on(given):
            return changed(given)


        def f(session, script: Script):
            script.scene_summaries = pass_on(script.scene_summaries)
            session.commit()
    """,
    "a recursive function": """
        def walk(node):
            node["seen"] = True  # <- IND101
            for child in node["children"]:
                walk(child)


        def f(session, script: Script):
            walk(script.scene_summaries)
            session.commit()
    """,
    "a recursive function that finds a part": """
        def find(node, name):
            if node["name"] == name:
                return node
            for child in node["children"]:
                found = find(child, name)
                if found:
                    return found
            return None


        def f(session, script: Script):
            find(script.scene_summaries, "a")["seen"] = True  # <- IND101
            session.commit()
    """,
    "two functions that call each other": """
        def even(script: Script, left):
            script.blocks.append(left)  # <- IND101
            odd(script, left - 1)


        def odd(script: Script, left):
            if left:
                even(script, left - 1)


        def f(session, script: Script):
            odd(script, 3)
            session.commit()
    """,
    "two functions that pass a container to each other": """
        def odd(given, left):
            if left:
                even(given, left - 1)


        def even(given, left):
            given.append(left)  # <- IND101
            odd(given, left - 1)


        def f(session, script: Script):
            odd(script.blocks, 3)
            session.commit()
    """,
    "imported where it is used": """
        def f(session, id):
            import models
            from models import Script as Row

            session.get(Row, id).blocks.append(1)  # <- IND101
            session.get(models.Project, id).config["a"] = 1  # <- IND101
            session.commit()
    """,
}

RIGHT = {
    "marked by a function called by a function": """
        def mark(row, name):
            flag_modified(row, name)


        def saved(row):
            mark(row, "blocks")


        def f(session, script: Script):
            script.blocks.append(1)
            saved(script)
            session.commit()
    """,
    "a copy through two calls": """
        def put(given):
            given["a"] = 1
            return given


        def pass_on(given):
            return put(dict(given))


        def f(session, script: Script):
            script.scene_summaries = pass_on(script.scene_summaries)
            session.commit()
    """,
    "a deep copy through recursion": """
        def walk(node):
            node["seen"] = True
            for child in node["children"]:
                walk(child)


        def f(session, script: Script):
            changed = copy.deepcopy(script.scene_summaries)
            walk(changed)
            script.scene_summaries = changed
            session.commit()
    """,
    "marked after recursion": """
        def walk(node):
            node["seen"] = True
            for child in node["children"]:
                walk(child)


        def f(session, script: Script):
            walk(script.scene_summaries)
            flag_modified(script, "scene_summaries")
            session.commit()
    """,
    "each other, marked at the end": """
        def odd(script: Script, left):
            if left:
                even(script, left - 1)
            else:
                flag_modified(script, "blocks")


        def even(script: Script, left):
            script.blocks.append(left)
            odd(script, left - 1)
    """,
    "endless recursion": """
        def first(given):
            return second(given)


        def second(given):
            return first(given)


        def f(session, script: Script):
            first(script.blocks)
            session.commit()
    """,
}


@pytest.mark.parametrize("way", LOST)
def test_what_is_lost_in_calls_is_found(tmp_path: Path, way: str) -> None:
    """Exactly the marked lines are found, wherever the functions stand in the file."""
    write(tmp_path, models=MODELS, code=HEAD + textwrap.dedent(LOST[way]))
    assert expected(tmp_path)
    assert places(shown(tmp_path)) == expected(tmp_path)


@pytest.mark.parametrize("way", RIGHT)
def test_what_is_saved_by_calls_is_left_alone(tmp_path: Path, way: str) -> None:
    """Nothing is found."""
    write(tmp_path, models=MODELS, code=HEAD + textwrap.dedent(RIGHT[way]))
    assert places(shown(tmp_path)) == set()


@pytest.mark.parametrize("way", LOST)
def test_the_order_of_functions_makes_no_difference(tmp_path: Path, way: str) -> None:
    """The same lines are found with the functions in the other order."""
    functions = ["def " + code for code in textwrap.dedent(LOST[way]).strip().split("def ")[1:]]
    turned = HEAD + "\n\n".join(code.strip() + "\n" for code in reversed(functions))
    write(tmp_path, models=MODELS, code=turned)
    assert places(shown(tmp_path)) == expected(tmp_path)
