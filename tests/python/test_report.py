"""The report against its own schema, judged by somebody else's validator, for every document at hand."""

import dataclasses
import json
import os
import pathlib
import subprocess

import jsonschema
import pytest
import requests
from lxml import etree
from pyhanko.generated.etsi import ts_11910202
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.serializers import XmlSerializer

from aval import pdfs, signing
from test_verifying import append

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


def test_the_service_publishes_the_schema_and_keeps_to_it(stack, tmp_path):
    published = requests.get(f"{stack.signer}/api/report.schema.json", timeout=10)
    printed = subprocess.run([stack.bin / "verify", "--schema"], capture_output=True, text=True, timeout=10, check=True)
    assert published.json() == SCHEMA == json.loads(printed.stdout)
    sound = signing.sound(stack, pdfs.sizeable(10), tmp_path)
    other = b"<</Length 46>>stream\nBT /F 24 Tf 72 700 Td (Informe de 2099) Tj ET \nendstream"
    for pdf in (sound, append(sound, 4, other)):
        report = requests.post(f"{stack.signer}/api/verify?pages=compare", data=pdf, timeout=60).json()
        wrong = [f"{error.json_path}: {error.message}" for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(report)]
        assert not wrong and "seen" in report, wrong[:3]
    assert report["seen"][0]["pages"][0]["finding"] == "different"


def test_the_description_of_the_api_leads_to_the_schema(stack):
    description = requests.get(f"{stack.signer}/api/openapi.json", timeout=10).json()
    assert description["openapi"].startswith("3.1")
    answer = description["paths"]["/api/verify"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert requests.get(f"{stack.signer}{answer['$ref']}", timeout=10).json() == SCHEMA
    for path, methods in description["paths"].items():
        for method in methods:
            assert requests.request(method, f"{stack.signer}{path}", timeout=10).status_code not in (404, 405), (method, path)


def left_out(element):
    """What ETSI's schema demands and an element lacks, by pyHanko's model of it."""
    if not dataclasses.is_dataclass(element):
        return []
    lacking = []
    for field in dataclasses.fields(element):
        value, rule = getattr(element, field.name), field.metadata
        inside = value if isinstance(value, tuple) else (value,)
        if (rule.get("required") and value is None) or len(inside) < rule.get("min_occurs", 0):
            lacking.append(f"{type(element).__name__}.{rule.get('name')}")
        lacking += [each for one in inside for each in left_out(one)]
    return lacking


def test_the_xml_is_read_by_a_model_that_was_generated_from_the_schema_of_ts_119_102_2(stack, tmp_path):
    """The parser refuses what it does not know; written anew, children come in the schema's order."""
    sound = signing.sound(stack, pdfs.sizeable(10), tmp_path)
    files = {"sound": sound, "twice": signing.sound(stack, sound, tmp_path, name="Firma2"), "broken": sound[:-300], **pdfs.bad()}
    for name, pdf in files.items():
        (tmp_path / "d.pdf").write_bytes(pdf)
        xml = subprocess.run([stack.bin / "verify", "--xml", "--trust", stack.root, tmp_path / "d.pdf"], capture_output=True, timeout=30, check=False).stdout
        report = XmlParser().from_bytes(xml, ts_11910202.ValidationReport)
        assert not left_out(report), (name, left_out(report))
        spaces = {None: "http://uri.etsi.org/19102/v1.2.1#", "ds": "http://www.w3.org/2000/09/xmldsig#"}
        again = XmlSerializer().render(report, ns_map=spaces).encode()
        assert [e.tag for e in etree.fromstring(xml).iter()] == [e.tag for e in etree.fromstring(again).iter()], name


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
