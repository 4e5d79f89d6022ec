"""One history: a few stacks, what their users do to them, and what else happens."""

from __future__ import annotations

import hashlib
import random
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core.publish.layers.layer_spec import code_sha256
from tests.support.aws.cloudformation import Declared, Stack
from tests.support.aws.histories import Chaos
from tests.support.aws.invariant import CANARY, Published, Violation
from tests.support.aws.memory import StoredObject
from tests.support.aws.rules import zip_of
from tests.support.aws.tampering import forget_builds, tamper
from tests.support.aws.world import ARTIFACTS, ASSETS

if TYPE_CHECKING:
    from tests.support.aws.cloudformation import Operation
    from tests.support.aws.memory import Params

LAYER, SOURCE = "Custom::PythonLayerArtifact", "Custom::PythonSourceArtifact"
FUNCTION = "Custom::PythonFunctionArtifact"
# Content "1b" is "1" built on another machine: the same inputs, other bytes.
CONTENTS = ("1", "2", "3", "1b")
POLICIES = ("destroy", "retain", "retain-except-on-create")


def _sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def _bytes_sha256(content: str) -> str:
    return hashlib.sha256(zip_of(content)).hexdigest()


def live_history(seed: int) -> str | None:
    """Live the history of a seed; the violation and the story that led to it, or None."""
    chosen = random.Random(seed)  # noqa: S311
    random.seed(seed)  # the handler's own jitter
    with pytest.MonkeyPatch.context() as patch:
        chaos = Chaos(chosen.randrange)
        chaos.install(patch)
        try:
            History(chaos).live()
        except Violation as violation:
            return "\n".join([f"seed {seed}: {violation}", *chaos.story])
    return None


class History:
    """Draws a history with `choose` and lives it in `chaos`."""

    def __init__(self, chaos: Chaos) -> None:
        self.chaos = chaos
        self._choose = chaos.choose
        self._wishes: dict[Stack, dict[str, Params]] = {}

    def live(self) -> None:
        for number in range(1 + self._choose(2)):
            stack = Stack(f"stack{number}", keeps_retained=bool(self._choose(2)))
            self.chaos.stacks.append(stack)
            self._wishes[stack] = {
                f"R{each}": self._wish(stack.name, each) for each in range(1 + self._choose(3))
            }
        if self._choose(10) == 9:
            self._publish_much()
        for _ in range(1 + self._choose(5)):
            for _ in range(1 + self._choose(2)):
                self._happen()
            self.chaos.run(*[self._operate(stack) for stack in self._chosen_stacks()])
        self.chaos.finish()

    def _one_of(self, *values: Any) -> Any:  # noqa: ANN401 - any choice
        return values[self._choose(len(values))]

    def _chosen_stacks(self) -> list[Stack]:
        stacks = self.chaos.stacks
        return list(stacks) if self._choose(4) == 0 else [stacks[self._choose(len(stacks))]]

    def _wish(self, stack: str, number: int) -> Params:
        """Draw a resource as a user declares it, in short."""
        kind = self._one_of(LAYER, LAYER, SOURCE)
        if kind == SOURCE:
            kind = self._one_of(SOURCE, FUNCTION)
        # Two stacks may share a layer and its prefix; zips of code only have places of their own.
        name = f"{stack}-{number}" if kind != LAYER else self._one_of("deps", "deps", f"{stack}-deps")
        return {
            "kind": kind,
            "name": name,
            "prefix": name,
            "content": "1",
            "policy": self._one_of(*POLICIES),
            "keep": self._one_of(None, None, "2", "3"),
            "description": "one",
            "sbom": self._choose(3) == 0,
        }

    def _change(self, wish: Params) -> Params:
        changes = self._choose(10)
        if changes < 7:
            return wish | {"content": self._one_of(*CONTENTS)}
        if changes == 7:
            return wish | {"policy": self._one_of(*POLICIES), "content": self._one_of(*CONTENTS)}
        if changes == 8:
            return wish | {"description": self._one_of("one", "two")}
        if wish["kind"] == LAYER and self._choose(2):
            return wish | {"name": wish["name"] + "x", "prefix": wish["prefix"] + "x"}
        return wish | {"prefix": wish["prefix"] + "y"}

    def _operate(self, stack: Stack) -> Operation:
        choice = self._choose(12)
        if stack.resources and choice == 0:
            self.chaos.story.append(f"{stack.name} is deleted")
            return stack.delete()
        wishes = self._wishes[stack]
        tried = {name: self._change(wish) if self._choose(4) else wish for name, wish in wishes.items()}
        if choice == 1 and len(tried) > 1:
            tried.popitem()
        template = {name: declare(wish) for name, wish in tried.items()}
        self._upload(tried, forget_others=self._choose(3) == 0)
        fails = self._choose(3) == 0
        operation = stack.deploy(
            template,
            sibling_fails_after=self._choose(len(tried) + 1) if fails else None,
            rollback=self._one_of("update and delete", "only delete"),
            cancel=self._one_of(*tried) if self._choose(8) == 0 else None,
            together=self._choose(3) == 0,
        )
        short = {name: {**wish, "kind": wish["kind"][14:20]} for name, wish in tried.items()}
        self.chaos.story.append(f"{stack.name} is deployed{', a sibling fails' * fails}: {short}")
        return self._remember(stack, operation, tried)

    def _remember(self, stack: Stack, operation: Operation, tried: dict[str, Params]) -> Operation:
        status = yield from operation
        if status == "COMPLETE":
            self._wishes[stack] = tried
        return status

    def _upload(self, wishes: dict[str, Params], *, forget_others: bool) -> None:
        """`cdk deploy` uploads what is needed; `cdk gc` forgets what no template needs."""
        objects = self.chaos.aws.objects
        if forget_others:
            self.chaos.story.append("cdk gc")
            for place in [place for place in objects if place[0] == ASSETS]:
                del objects[place]
        for wish in wishes.values():
            upload_assets(self.chaos, wish["content"])

    def _happen(self) -> None:
        """Let other people change the account."""
        choice, aws = self._choose(16), self.chaos.aws
        if choice >= 13:
            tamper(self.chaos, self._choose)
        elif choice == 12:
            forget_builds(self.chaos)
        live = [(name, number) for name, layer in aws.layers.items() for number in layer]
        if choice == 0 and live:
            name, number = live[self._choose(len(live))]
            arn = aws.layers[name].pop(number)["LayerVersionArn"]
            self.chaos.by_hand.add(arn)
            self.chaos.story.append(f"somebody deletes {arn[-14:]}")
        elif choice == 1:
            self._publish_by_hand()
        elif choice == 2 and live:
            name, number = live[self._choose(len(live))]
            arn = aws.layers[name][number]["LayerVersionArn"]
            aws.functions.append({"FunctionName": "f", "Layers": [{"Arn": arn}]})
            self.chaos.story.append(f"a function of somebody else takes {arn[-14:]}")

    def _publish_much(self) -> None:
        """A layer has many versions already: of the same attributes, and of bytes that nobody wants again."""
        number = 40 + self._choose(100)
        self.chaos.story.append(f"deps has {number} versions")
        properties = declare(self._wish("stack0", 0) | {"kind": LAYER}).properties
        attributes = {name: properties[name] for name in ("Description", "CompatibleRuntimes")}
        for each in range(1, number + 1):
            arn = f"arn:aws:lambda:eu-west-1:123456789012:layer:deps:{each}"
            content = {"CodeSha256": code_sha256(_sha256(f"old {each}")), "CodeSize": 1}
            version = {"Version": each, "LayerVersionArn": arn, "Content": content, **attributes}
            self.chaos.aws.layers.setdefault("deps", {})[each] = version
            self.chaos.published[arn] = Published(None, marked=False)
        self.chaos.aws.numbers["deps"] = number

    def _publish_by_hand(self) -> None:
        """Somebody publishes the very same bytes and attributes."""
        wish = self._wish("stack0", 0) | {"name": "deps", "kind": LAYER}
        properties = declare(wish).properties
        aws = self.chaos.aws
        aws.objects[ASSETS, "by-hand.zip"] = StoredObject(zip_of("1"), {}, "null")
        aws.old[ASSETS, "by-hand.zip", "null"] = aws.objects[ASSETS, "by-hand.zip"]
        made = aws.call(
            "PublishLayerVersion",
            {
                "LayerName": "deps",
                "Content": {"S3Bucket": ASSETS, "S3Key": "by-hand.zip"},
                "Description": properties["Description"],
                "CompatibleRuntimes": properties["CompatibleRuntimes"],
            },
        )
        self.chaos.published[made["LayerVersionArn"]] = Published(None, marked=False)
        self.chaos.story.append(f"somebody publishes {made['LayerVersionArn'][-14:]}")


def upload_assets(chaos: Chaos, content: str) -> None:
    """Upload the assets of a content as `cdk deploy` does."""
    files = {"zip": zip_of(content), "lock": f"lock {content[0]}".encode(), "sbom": b"{}"}
    for key, body in files.items():
        chaos.aws.objects[ASSETS, f"{content}.{key}"] = StoredObject(body, {}, "null")


def declare(wish: Params) -> Declared:
    """Return the template's properties of a wish. `_Sha256s` are the bytes that are right; the handler ignores it."""
    content: str = wish["content"]
    lock = f"lock {content[0]}".encode()
    properties: Params = {
        "SchemaVersion": "1",
        "Bucket": ARTIFACTS,
        "Prefix": f"lambda/{wish['prefix']}",
        "AssetBucket": ASSETS,
        "AssetKey": f"{content}.zip",
        "RemovalPolicy": wish["policy"],
        "Canary": CANARY,
    }
    if wish["kind"] == SOURCE:
        properties |= {"SourceSha256": _bytes_sha256(content), "SourceVersion": "1.0.0"}
        return Declared(SOURCE, properties)
    properties |= {
        "ManifestName": "uv.lock",
        "ManifestAssetBucket": ASSETS,
        "ManifestAssetKey": f"{content}.lock",
        "ManifestSha256": hashlib.sha256(lock).hexdigest(),
    }
    sbom = {
        "SbomAssetBucket": ASSETS,
        "SbomAssetKey": f"{content}.sbom",
        "SbomSha256": hashlib.sha256(b"{}").hexdigest(),
    }
    if wish["kind"] == FUNCTION:
        properties |= {"FunctionSha256": _bytes_sha256(content), "FunctionVersion": "1.0.0"}
        return Declared(FUNCTION, properties | sbom)
    properties |= {
        "LayerName": wish["name"],
        "LayerSha256": _bytes_sha256(content),
        "ManifestMd5": hashlib.md5(lock).hexdigest(),  # noqa: S324
        "Fingerprint": _sha256(f"inputs {content[0]}"),
        "CompatibleRuntimes": ["python3.13"],
        "Description": wish["description"],
        "_Sha256s": same_inputs(content),
    }
    if wish["sbom"]:
        properties |= sbom
    if wish["keep"] and wish["policy"] == "destroy":
        properties["KeepVersions"] = wish["keep"]
    return Declared(LAYER, properties)


def same_inputs(content: str) -> list[str]:
    """CodeSha256 of every content with the same fingerprint."""
    return [code_sha256(_bytes_sha256(each)) for each in CONTENTS if each[0] == content[0]]
