"""pyHanko over every file that our own attack tests make: honest ones, and mutants of each published class. No file may
be there of which we say more than it does."""

import collections
import datetime
import json
import os
import pathlib
import subprocess

import pytest
from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from aval.stack import OUTPUT, ROOT, SHARED
from conftest import slow

# When the attack tests ask.
MOMENT = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.timezone.utc)



def explained():
    """Of how many files of a test we say more, each with its reason."""
    lines = pathlib.Path(__file__).with_name("mutants.txt").read_text().splitlines()
    heads = [line.split(": ", 1)[0].split(" ", 1) for line in lines if not line.startswith("#")]
    return {test: int(count) for count, test in heads}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The attack tests themselves write what they judge."""
    folder = tmp_path_factory.mktemp("mutants")
    done = subprocess.run(["cargo", "test", "--workspace", "--locked", "--test", "attacks"], cwd=ROOT, capture_output=True, text=True, check=False,
                          env=os.environ | {"AVAL_MUTANTS": str(folder), "AVAL_SHARED": str(SHARED)})
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return sorted(folder.glob("*.pdf"))


def peer(path):
    """What pyHanko says: whether it believes each signature, by field; or the name of the exception it dies of."""
    root = x509.Certificate.load(path.with_suffix(".der").read_bytes())
    said = {}
    try:
        with path.open("rb") as file:
            for signature in PdfFileReader(file, strict=True).embedded_signatures:
                context = ValidationContext(trust_roots=[root], allow_fetching=False, moment=MOMENT)
                said[signature.field_name] = validate_pdf_signature(signature, context).bottom_line
    except Exception as error:  # noqa: BLE001: whatever it dies of is what is counted
        return type(error).__name__
    return said


@slow
def test_row_56_of_no_mutant_do_we_say_more_than_pyhanko(made):
    assert len(made) > 2_000
    classes = collections.defaultdict(collections.Counter)
    beyond_theirs = collections.defaultdict(list)
    for path in made:
        ours, theirs = json.loads(path.with_suffix(".json").read_text()), peer(path)
        name = path.stem.rsplit("-", 1)[0]
        count = classes[name]
        count["files"] += 1
        believed = {s["field"] for s in ours["signatures"] if s["indication"] == "TOTAL-PASSED"}
        valid = ours["verdict"] in ("valid", "valid_with_later_changes")
        count["we believe"] += valid
        if isinstance(theirs, str):
            count[f"pyHanko dies of {theirs}"] += 1
            theirs = {}
        peer_valid = bool(theirs) and all(theirs.values())
        count["pyHanko believes"] += peer_valid
        beyond = sorted(field for field in believed if not theirs.get(field))
        if (valid and not peer_valid) or (valid and beyond):
            beyond_theirs[name].append((path.name, ours["verdict"], beyond, theirs))
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / "mutants.json").write_text(json.dumps(classes, indent=1, sort_keys=True))
    total = sum(classes.values(), collections.Counter())
    print(dict(total))
    counts = {name: len(files) for name, files in beyond_theirs.items()}
    surprising = [file for name, files in beyond_theirs.items() if counts[name] != explained().get(name) for file in files]
    assert counts == explained(), f"{counts}\n{surprising[:20]}"
    assert total["we believe"] > 50, "honest files are among them"
