"""Changes of an artifact's removal policy by `RemovalPolicies`, `apply_removal_policy` and aspects."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aws_cdk as cdk

from constructs_lib.core.publish.ownership import description_limit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_lib.cdk.publisher import Publisher
    from constructs_lib.cdk.rights import Right
    from constructs_lib.core.publish.ownership import RemovalPolicy

_WORDS: dict[cdk.CfnDeletionPolicy, RemovalPolicy] = {
    cdk.CfnDeletionPolicy.DELETE: "destroy",
    cdk.CfnDeletionPolicy.RETAIN: "retain",
    cdk.CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE: "retain-except-on-create",
}


def follow_removal(
    publisher: Publisher,
    artifact: cdk.CustomResource,
    properties: Mapping[str, object],
    rights: Sequence[Right],
) -> None:
    """Give the handler the removal policy that CloudFormation has in the end, and the rights for it."""
    resource = cast("cdk.CfnResource", artifact.node.default_child)

    def read() -> None:
        deletion = resource.cfn_options.deletion_policy
        word = _WORDS.get(deletion) if deletion is not None else None
        if word is None or word == properties.get("RemovalPolicy"):
            return
        resource.add_property_override("RemovalPolicy", word)
        if word != "retain":
            publisher.allow(
                artifact, [row._replace(actions=("s3:DeleteObject",)) for row in rights if _writes(row)]
            )
        description = properties.get("Description")
        limit = description_limit(word)
        if isinstance(description, str) and len(description) > limit:
            cdk.Annotations.of(artifact).add_error(
                f"the removal policy was changed to {word!r} after the artifact was made: then the description may "
                f"have {limit} characters, and it has {len(description)}"
            )

    publisher.reads.add(resource, read)


def _writes(right: Right) -> bool:
    return "s3:PutObject" in right.actions and "s3:DeleteObject" not in right.actions
