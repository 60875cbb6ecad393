"""What the builder asks of a stage: all that it knows of one is in the stage's class, and in its row of `tasks.py`."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from typing import TYPE_CHECKING, ClassVar

from pipeline.builder.course.fingerprint import StageCode
from pipeline.builder.disk.files import digest_of
from pipeline.values import encode

if TYPE_CHECKING:
    from pipeline.builder.course.changes import Cause, Changes
    from pipeline.builder.course.course import Course
    from pipeline.builder.course.graph import Graph
    from pipeline.builder.course.known import Known
    from pipeline.builder.course.plan import Plan
    from pipeline.builder.state.state import Record
    from pipeline.builder.tasks import Definition
    from pipeline.errors import Diagnostic


PLACES = ("nav", "sections")
"""The settings that say in which sections lessons are, and how these are called."""
LOOK = ("accent", "accent_dark", "font", "code_font", "width", "radius", "logo", "favicon", "footer")
"""The settings that `choose_look` asks."""


class Stage:
    """One stage. Its tasks are named after it: `render:a/b` is of the stage `render` and the item `a/b`."""

    code: ClassVar[StageCode] = StageCode()
    """The code and the packages whose versions make every task of it stale."""
    settings: ClassVar[tuple[str, ...]] = ()
    """The settings that it is made from."""
    why: ClassVar[str] = "what it is made from changed"
    """Why a task is stale, when nothing of it is known by name."""
    known_after: ClassVar[str] = ""
    """After an edit of some lessons, the group after which it is known what the edit reaches; `""` if that is known
    from the start."""
    is_bundle: ClassVar[bool] = False
    """Whether its one task writes as many files as there is need for, and deletes those that it needs no more."""
    has_styles: ClassVar[bool] = False
    """Whether what it writes are pages with style sheets."""
    has_further_causes: ClassVar[bool] = True
    """Whether its `causes` are told beside its `reasons`."""
    is_shown: ClassVar[bool] = False
    """Whether the page of a lesson may show the facts that it left of the lesson: `stage_facts` in a template."""

    def __init__(self, row: Definition) -> None:
        self.row = row
        self.name = row.name

    def items(self, plan: Plan) -> Collection[str]:
        """What it has a task for each of."""
        return plan.items(self.row.items)

    def arrange(self, course: Course, items: list[str]) -> list[str]:
        """The items in the order in which a run asks for them."""
        return items

    def target(self, course: Course, item: str) -> str | None:
        """The file of the output that a task makes."""
        return None

    def wrote_target(self, record: Record) -> bool:
        """Whether a task that left this record wrote its target."""
        return bool(record.digest)

    def source(self, course: Course, item: str) -> str | None:
        """The file that a task is made from, for doit to show."""
        return None

    def edges(self, graph: Graph, item: str, chosen: Container[str] | None, *, is_listed: bool) -> Iterable[str]:
        """The tasks that come before the one of an item, besides those that come before all. Of the stage's own only
        those that are `chosen` for this run, if not all are. People look at them if `is_listed`."""
        return ()

    def title(self, graph: Graph, item: str) -> str:
        """What `doit list` says of a task."""
        return self.row.doc

    # --- is it up to date, and why not ---

    def gather(self, graph: Graph, item: str) -> tuple[bytes, ...]:
        """All that a task is made from, besides the code and the template."""
        raise NotImplementedError

    def template(self, graph: Graph, item: str) -> str:
        """The template that a task is made with; `""` without one."""
        return ""

    def depends_on_code(self, item: str) -> bool:
        """Whether another version of the code makes another thing of an item."""
        return True

    def inputs_digest(self, graph: Graph, item: str) -> bytes:
        """The digest of everything that a task is made from: the task is stale when it is another one."""
        return self.digest(graph, item, self.gather(graph, item))

    def digest(self, graph: Graph, item: str, gathered: Iterable[bytes]) -> bytes:
        """The same, of what was gathered."""
        prints, template = graph.course.fingerprints, self.template(graph, item)
        code = prints.stage(self.name) if self.depends_on_code(item) else b""
        return digest_of(b"\0".join((*gathered, code, prints.template(template) if template else b"")))

    def chosen_settings(self, graph: Graph) -> bytes:
        """The values of its settings."""
        return encode(graph.course.settings.part(*self.settings))

    def settings_of(self, item: str) -> tuple[str, ...]:
        """The settings that a task is made from."""
        return self.settings

    def reasons(self, graph: Graph, item: str, old: Known, new: Known) -> list[str]:
        """What else of the course's own files, that a task is made from, has changed, in words."""
        return []

    def causes(self, graph: Graph, item: str, changes: Changes) -> Iterable[Cause]:
        """What of the lessons, folders and files that a task is made from has changed."""
        return ()

    def is_reached(self, changes: Changes) -> bool:
        """Whether edits of lessons that stay where they are may reach any of its tasks, as far as is known when its
        group comes; where it says no, nothing that a task is made from has changed."""
        return True

    # --- what it does ---

    def make(self, graph: Graph, item: str) -> None:
        """Do the work of a task and keep what came out. Raises `PipelineError`."""
        raise NotImplementedError

    # --- what a run says of it ---

    def subject(self, graph: Graph, item: str) -> str:
        """The file of the content that what is found is about, where a finding names no other."""
        return item

    def found_beside(self, graph: Graph, item: str) -> Iterable[Diagnostic]:
        """What is wrong, besides what the task has kept, and is told with it."""
        return ()

    def found_once(self, graph: Graph, item: str) -> list[Diagnostic]:
        """What is wrong with the whole course, if it is told after this task."""
        return []

    def is_mended(self, record: Record) -> bool:
        """Whether a task that left this record is counted as the repair of a lesson."""
        return False
