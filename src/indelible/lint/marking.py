"""Saving in an interpreted function: `flag_modified`, assignments that count, flushes and commits."""

from __future__ import annotations

import ast

from indelible.lint.facts import FileFacts
from indelible.lint.project import Project
from indelible.lint.reading import Reading, Summaries
from indelible.lint.state import Change, Place
from indelible.lint.values import Fresh, Obj, Part, Value, each


class Marking(Reading):
    """Which changes are saved, by what, and which are committed."""

    def __init__(
        self, project: Project, facts: FileFacts, function: str, summaries: Summaries, with_document: bool
    ) -> None:
        super().__init__(project, facts, function, summaries, with_document)
        self.saved: set[Change] = set()
        self.committed: set[Change] = set()
        self.closed: set[Change] = set()
        self.settled: set[Change] = set()
        self.doomed: set[Change] = set()
        self.flagged: list[tuple[Obj, str, int]] = []
        self.touched: set[Place] = set()
        self.commits = False
        self.commits_itself = False
        self.has_committed = False
        self.started: list[tuple[ast.Call, str, tuple[Obj, ...], bool]] = []
        self.pending_tasks: list[int] = []
        self.early_tasks: dict[int, bool] = {}
        self.awaited: set[int] = set()
        self.by_sql: set[Place] = set()
        self.rewritten: dict[tuple[int, int, int, int], Place] = {}

    def mark(self, obj: Obj, name: str) -> None:
        """A column will be written whole at the next flush: its pending changes are saved."""
        self.now.dirty.add((obj, name))
        self.save(self.now.pending_at((obj, name)))

    def save(self, changes: set[Change]) -> None:
        """Take changes as written, by the next flush or by a statement."""
        state = self.now
        self.saved |= changes
        state.marked |= changes
        state.pending -= changes
        state.doomed -= changes

    def touch(self, obj: Obj, name: str) -> None:
        """A change that the column's tracker notices: it saves what was changed below, too."""
        self.mark(obj, name)
        self.now.sure.add((obj, name))
        self.touched.add((obj, name))

    def drop(self, obj: Obj, name: str) -> None:
        """Another value takes the place of a changed one: on this way the change is gone, and nobody misses it."""
        state = self.now
        state.dirty.add((obj, name))
        state.pending -= state.pending_at((obj, name))

    def flag(self, value: Value, name: str | None, node: ast.AST, told: str = "") -> None:
        """Treat `flag_modified(value, name)`; None stands for a name that is not known, or that a parameter tells."""
        targets = [one for one in each(value) if isinstance(one, Obj)]
        for obj in targets:
            self.flagged.append((obj, name or told, getattr(node, "lineno", 0)))
            for attribute in self._flagged_names(obj, name):
                for change in self.now.pending:
                    if change.obj is obj and change.attribute == attribute and not change.imported:
                        self._rewrite(obj, attribute, change.span)
                self.mark(obj, attribute)
            self.now.written.setdefault(obj, getattr(node, "lineno", 0))
        self._flag_unsure(targets, name)

    def _flagged_names(self, obj: Obj, name: str | None) -> set[str]:
        if name is not None:
            return {name}
        mine = {change.attribute for change in self.now.pending if change.obj is obj}
        of_class = (
            self.project.attributes(obj.cls) & self.project.json_attributes.keys() if obj.cls else set()
        )
        return mine | of_class

    def _flag_unsure(self, targets: list[Obj], name: str | None) -> None:
        """Also save what may be the same row under another name."""
        self.save(
            {
                change
                for change in self.now.pending | self.parked
                if name in (None, change.attribute)
                and (not targets or any(self._may_be_same(obj, change.obj) for obj in targets))
            }
        )

    @staticmethod
    def _may_be_same(one: Obj, other: Obj) -> bool:
        if one.cls is not None and other.cls is not None and one.cls != other.cls:
            return False
        return bool(
            one.element or other.element or one.names & other.names or not (one.names and other.names)
        )

    def is_changed(self, value: Value) -> bool:
        """Say whether a value is what a column holds, or shares its elements, and was changed in place, unsaved."""
        for one in each(value):
            if isinstance(one, Fresh) and (
                any(change.via is one for change in self.now.pending)
                or self.is_changed(one.source)
                or self.is_changed(one.chosen_from)
            ):
                return True
            obj = one.obj if isinstance(one, Part) else one
            if not isinstance(obj, Obj) or obj.parent is None:
                continue
            if self.now.pending_at((obj.parent, obj.attribute)):
                return True
        return False

    def flush(self, commit: bool = True, itself: bool = True) -> None:
        """Treat a flush or commit."""
        if self.state is None:
            return
        self.commits = True
        state = self.state
        self.commits_itself = self.commits_itself or itself
        self.committed |= state.pending | self.parked
        state.dirty.clear()
        state.equal.clear()
        state.new.clear()
        state.flushed = set() if commit else {*state.flushed, *state.attributes}
        if commit:
            self.has_committed = self.has_committed or itself
            if itself:
                self.closed |= state.pending
                state.doomed |= (state.pending & state.made) - state.marked
            state.written.clear()
            for number in self.pending_tasks:
                # a task on this loop runs at the next await, not before
                if self.started[number][1] != "loop" or number in self.awaited:
                    self.early_tasks[number] = True
            self.pending_tasks.clear()

    def pending_awaits(self) -> None:
        """Note that other tasks of the loop may run here."""
        self.awaited.update(self.pending_tasks)

    def reload(self, value: Value, names: set[str], node: ast.AST) -> None:
        """Treat a refresh: what was changed is no longer what the attribute holds; no names stand for all."""
        for change in self.now.pending:
            place = (change.obj, change.attribute)
            if any(one is change.obj for one in each(value)) and (not names or change.attribute in names):
                again = self.object_at(node, place)
                again.parent, again.attribute = place
                again.foreign = change.obj.foreign
                self.now.attributes[place] = again

    def _rewrite(self, obj: Obj, name: str, span: tuple[int, int, int, int]) -> None:
        """Note that a document was read here, changed, and will be written whole."""
        if obj.session:
            self.rewritten.setdefault(span, (obj, name))
