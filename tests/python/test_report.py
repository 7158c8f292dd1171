"""The report against its own schema, judged by somebody else's validator, for every document at hand."""

import json
import os
import pathlib
import subprocess

import jsonschema
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "sdk/document/report.schema.json").read_text())
DATA = [ROOT / "sdk/document/tests/data", pathlib.Path(os.environ.get("AVAL_SHARED", ROOT / "../shared")) / "corpora"]
AT_ONCE = 50


def documents():
    return sorted(path for folder in DATA for path in folder.rglob("*.pdf"))


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_report_is_as_the_schema_says(stack, tmp_path):
    files = documents()
    assert len(files) >= 2
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n")
    files.append(tmp_path / "broken.pdf")
    validator = jsonschema.Draft202012Validator(SCHEMA)
    seen = 0
    for start in range(0, len(files), AT_ONCE):
        some = files[start : start + AT_ONCE]
        done = subprocess.run([stack.bin / "verify", "--json", *some], capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode in (0, 1), done.stderr
        for path, line in zip(some, done.stdout.splitlines(), strict=True):
            wrong = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(json.loads(line))]
            assert not wrong, (path, wrong[:3])
            seen += 1
    assert seen == len(files)


@pytest.mark.parametrize("change", [
    {"verdict": "fine"}, {"more": 1}, {"at": "today"}, {"problems": [{"code": "nobody_knows", "page": None, "field": None, "text": "x"}]},
])
def test_what_is_no_report_is_not_taken_for_one(change):
    report = {
        "verdict": "unsigned", "at": "2026-11-21T12:00:00Z", "signatures": [], "problems": [],
        "file": {"size": 1, "sha256": None, "pages": 1, "revisions": 1, "encrypted": False},
    }
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert validator.is_valid(report)
    assert not validator.is_valid(report | change)
