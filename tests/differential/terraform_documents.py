"""Compare what `aws_iam_policy_document` comes to with the policies of the AWS provider itself.

python tests/differential/terraform_documents.py --plugins FOLDER [--show]

The documents of `terraform_documents.tf` are planned by `terraform` with the provider that lies in the folder, laid out
as a filesystem mirror; neither the network nor an account is asked for anything. Each policy must be the same, whatever
the order of the values in a list, which means nothing. Exits with 1 on any difference, and with 0 and a reason where
there is no `terraform` or no provider.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.deployment.world import World
from bedrock_policy_lint.frontends.terraform.blueprint import TerraformBlueprint, tree_of
from bedrock_policy_lint.frontends.terraform.policy_documents import TYPE

LEFT_OPEN = {
    "dynamic_none": "a policy whose `dynamic` makes no statement is left open: hardly anybody means it to be empty",
    "nobody": "a kind of principals without any is left out of a statement that has others",
}
"""Where something else is read on purpose."""
DOCUMENTS = Path(__file__).with_name("terraform_documents.tf")
_PROVIDER = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}
"""
_MIRROR = """
provider_installation {
  filesystem_mirror {
    path = "%s"
  }
}
"""


def theirs(terraform: str, plugins: str) -> dict[str, str]:
    """By address: the JSON that the provider makes."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "documents.tf").write_text(DOCUMENTS.read_text(encoding="utf-8"), encoding="utf-8")
        (here / "provider.tf").write_text(_PROVIDER, encoding="utf-8")
        (here / "mirror.tfrc").write_text(_MIRROR % plugins, encoding="utf-8")
        known = {**os.environ, "TF_CLI_CONFIG_FILE": str(here / "mirror.tfrc"), "CHECKPOINT_DISABLE": "1"}
        for arguments in (["init"], ["plan", "-out=plan"], ["show", "-json", "plan"]):
            command = [terraform, arguments[0], *(["-no-color"] if arguments[0] != "show" else []), *arguments[1:]]
            done = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False, env=known)
            if done.returncode:
                raise SystemExit(f"terraform {arguments[0]}:\n{done.stdout}{done.stderr}")
    found = json.loads(done.stdout)["prior_state"]["values"]["root_module"]["resources"]
    return {one["address"]: one["values"]["json"] for one in found}


def ours() -> dict[str, str]:
    """By address: the JSON that is read; empty where it is not known."""
    configuration = TerraformBlueprint(_alone(), default()).configuration(World())
    found = {}
    for component in configuration.components(TYPE):
        json_ = configuration.attribute_node(component, "json", component.node).value
        found[component.name] = json_ if isinstance(json_, str) else ""
    for fault in configuration.faults:
        print(f"fault on line {fault.node.source.point(fault.node.start).line}: {fault.message}")
    return found


def _alone() -> Any:
    around = tree_of(str(DOCUMENTS.parent))
    return around._replace(names=lambda folder: [DOCUMENTS.name] if not folder else around.names(folder))


def settled(text: str) -> str:
    """One spelling for a policy, in which a list of one value is that value; the order of others, one that is written
    twice and an empty Sid mean nothing."""

    def sort(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: sort(item, key) for key, item in value.items() if (key, item) != ("Sid", "")}
        if isinstance(value, list):
            items = [sort(item) for item in value]
            if name == "Statement":
                return items
            once = sorted(dict.fromkeys(items))
            return once[0] if len(once) == 1 else once
        return value

    return json.dumps(sort(json.loads(text)), indent=1, sort_keys=True, ensure_ascii=False) if text else "not known"


def main() -> int:
    """0 when all policies are the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plugins", required=True, metavar="FOLDER", help="a filesystem mirror with the AWS provider")
    parser.add_argument("--show", action="store_true", help="print every policy")
    options = parser.parse_args()
    terraform = shutil.which("terraform")
    if terraform is None or not os.path.isdir(options.plugins):
        print("not compared: there is no terraform here, or no provider in that folder")
        return 0
    right, own = theirs(terraform, os.path.abspath(options.plugins)), ours()
    differences = 0
    for address in sorted(right.keys() | own.keys()):
        wanted, found = settled(right.get(address, "")), settled(own.get(address, ""))
        if options.show:
            print(f"\n{address}\n{wanted}")
        reason = LEFT_OPEN.get(address.rpartition(".")[2])
        if reason is not None:
            print(f"{address}: {reason}")
        elif wanted != found:
            differences += 1
            print(f"\n{address}\n  the provider: {wanted}\n  read here: {found}")
    print(f"{len(right)} policies of the provider, {differences} differ")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
