"""The pictures of the concepts as files of the package: nothing that is trained changes them, so no page draws them.

`python -m analysis.chapter.concepts.kept` draws them anew into `pictures/`. A test holds that they are what the code
draws. A picture counts only for the very words and numbers that it was drawn from, which `drawn-from.json` says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path

from analysis.report.pictures import DrawnPicture, Picture

PLACE, LIST = "pictures", "drawn-from.json"


def stored_drawing(picture: Picture) -> DrawnPicture | None:
    """The picture as it was drawn from the same words and numbers; None where it has to be drawn."""
    kind, made_from = _list().get(picture.name, ("", ""))
    if made_from != _digest(picture):
        return None
    return DrawnPicture(kind, (resources.files(__package__) / PLACE / f"{picture.name}.{kind}").read_bytes())


def store_drawings(pictures: Iterable[Picture], folder: Path) -> None:
    """Draw pictures into a folder, with a list of what each was drawn from."""
    found = {}
    for picture in pictures:
        drawn = picture.for_page
        (folder / f"{picture.name}.{drawn.kind}").write_bytes(drawn.content)
        found[picture.name] = (drawn.kind, _digest(picture))
    (folder / LIST).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


@cache
def _list() -> dict[str, tuple[str, str]]:
    """By name the kind of file, and a digest of what it was drawn from."""
    text = (resources.files(__package__) / PLACE / LIST).read_text(encoding="utf-8")
    return {name: (kind, made_from) for name, (kind, made_from) in json.loads(text).items()}


def _digest(picture: Picture) -> str:
    """Of words and numbers: both are in the file."""
    return hashlib.sha256(b"\0".join((picture.title.encode(), picture.alt.encode(), picture.csv))).hexdigest()


if __name__ == "__main__":
    from analysis.chapter.concepts import all_concepts, features, photo
    from analysis.report.pictures import pictures
    from trainables.data.sources import load_data_set

    grey = photo.to_grey(photo.shrink(photo.photograph(), 4))
    edge, corner = features.detected(grey)
    text = json.dumps({"of": features.digest(grey), "edge": edge, "corner": corner})
    (Path(__file__).parent / features.EDGES).write_text(text + "\n", encoding="utf-8")
    store_drawings(pictures(all_concepts(load_data_set("fashion-mnist")), photo=True), Path(__file__).parent / PLACE)
