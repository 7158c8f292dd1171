"""Figures of the running stack: written to tests/output/figures.json, bounded loosely here."""

import json
import statistics
import time

import requests

from aval import stack as stacks


def note(name, value):
    path = stacks.OUTPUT / "figures.json"
    figures = json.loads(path.read_text()) if path.exists() else {}
    figures[name] = value
    path.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")


def test_each_process_is_small(stack):
    sizes = {service: round(stacks.memory_kb(stack.pid(service)) / 1024, 1) for service in ("idp", "signer", "agency")}
    note("resident MB after use", sizes)
    # Password hashing at 19 MiB a time leaves its mark until the allocator returns it
    assert all(size < 256 for size in sizes.values()), sizes


def test_a_fresh_stack_is_small_and_ready_soon(stack):
    with stacks.own() as start:
        own = start()
        sizes = {service: round(stacks.memory_kb(own.pid(service)) / 1024, 1) for service in ("idp", "signer", "agency")}
        note("resident MB when idle", sizes)
        note("ready after seconds", round(own.data["ready_after_seconds"], 3))
        assert all(size < 80 for size in sizes.values()), sizes
        assert own.data["ready_after_seconds"] < 10


def test_a_signature_is_verified_quickly_over_http(stack, tmp_path):
    from aval import pdfs, signing
    signed = signing.sound(stack, pdfs.sizeable(100), tmp_path)
    (stacks.OUTPUT / "signed.pdf").write_bytes(signed)  # for the bench that tests/run starts afterwards
    session, times = requests.Session(), []
    for _ in range(40):
        begin = time.perf_counter()
        answer = session.post(f"{stack.signer}/api/verify", data=signed, headers={"content-type": "application/pdf"}, timeout=30)
        times.append(time.perf_counter() - begin)
        assert answer.json()["verdict"] == "valid"
    note("verify 100 kB over HTTP, median ms", round(statistics.median(times) * 1000, 2))
    assert statistics.median(times) < 1
