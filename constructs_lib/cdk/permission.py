"""Permission for other accounts to use a layer version."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from constructs_lib.cdk.answers import path_of
from constructs_lib.cdk.reference import digest


class LayerPermission(Construct):
    """Permission of an account, or an organization, for the layer version that `layer_version_arn` names at deploy."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        layer_version_arn: str,
        account_id: str,
        organization_id: str | None,
        keep_on_old_versions: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        if organization_id is not None and account_id != "*":
            raise ValueError(
                f"{path_of(self)}: with organization_id the account_id must be '*', not {account_id!r}: "
                f"Lambda allows one account, or all of an organization"
            )
        # Another principal is another resource, so that a permission taken out of the app is revoked, also
        # where old versions keep theirs.
        principal = digest(self, {"account_id": account_id, "organization_id": organization_id})
        permission = lambda_.CfnLayerVersionPermission(
            self,
            principal[:16],
            action="lambda:GetLayerVersion",
            layer_version_arn=layer_version_arn,
            principal=account_id,
            organization_id=organization_id,
        )
        if keep_on_old_versions:
            permission.cfn_options.update_replace_policy = cdk.CfnDeletionPolicy.RETAIN
            # The default, but CDK's own check asks for both (W3011).
            permission.cfn_options.deletion_policy = cdk.CfnDeletionPolicy.DELETE
