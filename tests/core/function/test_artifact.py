from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING

from constructs_lib.core.function.build_function import build_function
from constructs_lib.core.target import Target
from tests.support.files.projects import make_project

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.store.wheel_store import WheelStore


def test_it_can_be_pickled_and_its_sbom_is_about_the_project(tmp_path: Path, store: WheelStore) -> None:
    """The project is the subject, its dependencies are the components."""
    shop = make_project(tmp_path / "shop")
    built = build_function(shop, tmp_path / "function.zip", Target("3.13"), store=store)
    copy = pickle.loads(pickle.dumps(built))  # noqa: S301 - our own
    assert (copy, copy.version) == (built, "1.2.3")
    document = json.loads(copy.sbom)
    assert document["metadata"]["component"]["name"] == "shop"
    assert [component["name"] for component in document["components"]] == ["cart"]
