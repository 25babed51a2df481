"""Where the links of a PDF lead, so that pages can be taken out of it without dragging the pages along that they lead to.

pdfTeX's links lead to names, which are unique only within a run. They are replaced by the page itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pikepdf


@dataclass(frozen=True)
class Target:
    """Where a link leads: a page of the file, from 0, and how it is shown (as in ``/XYZ 65 773 null``)."""

    page: int
    view: tuple[Any, ...]


class Targets:
    """What the names of a file lead to."""

    def __init__(self, whole: pikepdf.Pdf) -> None:
        import pikepdf

        self._pages = {page.objgen: index for index, page in enumerate(whole.pages)}
        self._named: dict[str, Any] = {}
        names = whole.Root.get("/Names")
        if names is not None and "/Dests" in names:
            self._named = {str(name): target for name, target in pikepdf.NameTree(names.Dests).items()}

    def of(self, holder: Any) -> Target | None:
        """Return the target of an annotation or outline entry; None when it leads nowhere in this file."""
        import pikepdf

        found = holder.get("/Dest")
        action = holder.get("/A")
        if found is None and action is not None and action.get("/S") == "/GoTo":
            found = action.get("/D")
        if isinstance(found, (pikepdf.String, pikepdf.Name)):
            found = self._named.get(str(found))
        if isinstance(found, pikepdf.Dictionary):
            found = found.get("/D")
        if not isinstance(found, pikepdf.Array) or len(found) == 0:
            return None
        page = self._pages.get(getattr(found[0], "objgen", None))  # type: ignore[arg-type]
        return None if page is None else Target(page, tuple(found)[1:])


def cut_links(page: pikepdf.Page, targets: Targets) -> list[Target | None]:
    """Take the targets out of a page's links, so that copying it does not drag other pages along."""
    annotations = page.get("/Annots")
    if annotations is None:
        return []
    cut: list[Target | None] = []
    for annotation in annotations:
        target = targets.of(annotation)
        cut.append(target)
        inner = annotation.get("/A")
        if target is not None or "/Dest" in annotation or (inner is not None and inner.get("/S") == "/GoTo"):
            for key in ("/Dest", "/A"):
                if key in annotation:
                    del annotation[key]
    return cut
