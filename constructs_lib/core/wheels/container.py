"""The container that wheels are built in: an image's name and a time limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError

if TYPE_CHECKING:
    from constructs_lib.core.target import Target


@dataclass(frozen=True)
class Container:
    """The image in which wheels are built that the index lacks for the target.

    A tag means the image that this machine's engine has under it; it is pulled only if the engine has none.
    Where the engine has none or does not answer, the wheel is used that was last built from the same source
    under this tag, and a line says so. With a pinned digest the engine is not asked once the wheel is in the store.
    """

    image: str | None = None
    """None is the SAM build image of the target's Python and CPU. A name with `@sha256:…` is pinned."""
    timeout: float = 1800
    """Seconds for one wheel."""

    def __post_init__(self) -> None:
        if self.image is not None and (not self.image.strip() or self.image.startswith("-")):
            raise ProjectError(
                "container-invalid",
                f"container image {self.image!r} is no image name: name one, or True for the SAM build image",
            )

    @classmethod
    def of(cls, container: Container | bool | str | None) -> Container | None:  # noqa: FBT001 - the public option
        """Return the container that the option `container` means: True is the SAM build image, a text an image."""
        if isinstance(container, str):
            return cls(container)
        if isinstance(container, bool) or container is None:
            return cls() if container else None
        return container

    def image_for(self, target: Target) -> str:
        """Return the image's name."""
        return self.image or target.build_image
