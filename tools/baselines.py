"""Train, measure and execute again what is stale: ``python -m tools.baselines [ID ...]``.

Every stored result names the sources that it came from by a hash: of the baseline's code and of the
modules that it imports, without comments, docstrings and the cells that only run things. Where the
hash is still the same nothing is done; where it is another but forty steps of training come out as
before, the code was only rearranged, and the weights stay; so do measurements of which a small part
comes out as before. ``--status`` only says what is stale.
``--repeats`` also runs the other seeds and budgets (about three hours of processor).

In ``baselines/results/<id>/``: results.json, weights*.safetensors, notebook.ipynb and the pictures
samples*.png, strip*.png, training*.png, forming*.webp (one of each a variant).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from diffatlas.diffusion import runner
from diffatlas.diffusion.checkpoints import write_bytes
from diffatlas.diffusion.problems import DiffusionError
from tools.execute import execute
from tools.jobs import (
    DATA,
    JOBS,
    REPEATS,
    Job,
    alike,
    drawn,
    fingerprint,
    main_run,
    repeat,
)
from tools.sources import measured_hash, notebook_hash, training_hash

__all__ = ["main"]

Store = Callable[[Any], None]


@dataclass(frozen=True)
class Task:
    """One piece of work for a process: what it is, the call, and what to do with its result."""

    name: str
    call: tuple[Any, ...]
    store: Store


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.baselines", description=__doc__)
    parser.add_argument("ids", nargs="*", metavar="ID", help="only these baselines")
    parser.add_argument(
        "--status", action="store_true", help="only say what is stale; exit 1 if any"
    )
    parser.add_argument(
        "--repeats", action="store_true", help="also the other seeds and budgets, about 3 h"
    )
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes, one thread each"
    )
    args = parser.parse_args(argv)
    known = sorted({job.baseline for job in JOBS})
    wrong = [name for name in args.ids if name not in known]
    if wrong:
        parser.error(f"no baseline {wrong[0]!r}; there are {', '.join(known)}")
    if args.jobs < 1:
        parser.error("--jobs must be 1 or more")
    jobs = [job for job in JOBS if not args.ids or job.baseline in args.ids]
    try:
        tasks = list(_tasks(jobs, args.status, args.repeats, quiet=args.jobs > 1))
        if args.status:
            return int(bool(tasks))
        _work(tasks, args.jobs)
    except DiffusionError as error:
        print(f"tools.baselines: {error}", file=sys.stderr)
        return 2
    return 0


def _tasks(jobs: list[Job], only_say: bool, repeats: bool, quiet: bool) -> Iterator[Task]:
    """What is stale, in the order in which it is worth having."""
    for job in jobs:
        record = _read(job.baseline).get("runs", {}).get(job.variant, {})
        sources, trained = record.get("sources", {}), training_hash(job.baseline)
        measured = measured_hash(job.baseline)
        must_train = sources.get("training") != trained or not _weights(job).is_file()
        must_measure = must_train or sources.get("measurement") != measured
        if must_measure and not only_say and _weights(job).is_file():
            must_train = must_train and not _still(job, record, "training")
            must_measure = must_train or not _still(job, record, "measurement")
        state = "stale" if must_train else "to be measured again" if must_measure else "current"
        _say(job, state)
        if must_measure:
            now = {"training": trained, "measurement": measured}
            yield Task(
                f"{job.baseline} {job.variant}",
                (main_run, job, must_train, record, quiet),
                lambda new, job=job, now=now: _put(job, {**new, "sources": now}),
            )
    for name in dict.fromkeys(job.baseline for job in jobs):
        whole = _read(name)
        path = runner.results(name) / "notebook.ipynb"
        current = path.is_file() and whole.get("notebook") == notebook_hash(name)
        print(f"{name} notebook: {'current' if current else 'stale'}", flush=True)
        if not current:
            yield Task(
                f"{name} notebook",
                (_execute, name),
                lambda sources, name=name: _write(name, {"notebook": sources}),
            )
    for budget, seed in REPEATS if repeats else ():
        for job in jobs:
            if not job.original and not _repeated(job, budget, seed):
                _say(job, f"{budget}, seed {seed}: missing")
                yield Task(
                    f"{job.baseline} {job.variant}, {budget}, seed {seed}",
                    (repeat, job, budget, seed, quiet),
                    lambda new, job=job: _put_repeat(job, new),
                )


def _work(tasks: list[Task], jobs: int) -> None:
    """Do all ``tasks`` in ``jobs`` processes; what is finished is stored at once."""
    start, done = time.monotonic(), 0
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=jobs, mp_context=context) as pool:
        running: dict[Future[Any], Task] = {pool.submit(*task.call): task for task in tasks}
        try:
            for future in as_completed(running):
                task = running[future]
                task.store(future.result())
                done += 1
                passed = (time.monotonic() - start) / 60
                left = passed / done * (len(tasks) - done)
                print(
                    f"[{done}/{len(tasks)}] {task.name}: done; {passed:.0f} min, "
                    f"about {left:.0f} min left",
                    flush=True,
                )
        except BaseException:
            pool.shutdown(cancel_futures=True, wait=False)
            raise


def _weights(job: Job) -> Path:
    return runner.results(job.baseline) / runner.weights_name(
        runner.find(job.baseline), job.variant
    )


def _still(job: Job, record: dict[str, Any], part: str) -> bool:
    """Whether a short training (or measurement) still does what it did; if so that is noted."""
    key, again, now = (
        ("fingerprint", fingerprint, training_hash)
        if part == "training"
        else ("drawn", drawn, measured_hash)
    )
    before, sources = record.get(key), now(job.baseline)
    if record.get("sources", {}).get(part) != sources:
        if not before or not alike(before, again(job)):
            return False
        _say(job, f"the sources changed, the {part} did not")
    for entry in record.get("repeats", []) if part == "training" else []:
        if entry["sources"] == record["sources"]["training"]:
            entry["sources"] = sources
    record["sources"] = {**record["sources"], part: sources}
    _put(job, record)
    return True


def _repeated(job: Job, budget: str, seed: int) -> bool:
    record = _read(job.baseline).get("runs", {}).get(job.variant, {})
    trained = training_hash(job.baseline)
    return any(
        (entry["budget"], entry["seed"], entry["sources"]) == (budget, seed, trained)
        for entry in record.get("repeats", [])
    )


def _say(job: Job, what: str) -> None:
    print(f"{job.baseline} {job.variant}: {what}", flush=True)


def _read(baseline: str) -> dict[str, Any]:
    path = runner.results(baseline) / "results.json"
    loaded: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    return loaded


def _write(baseline: str, changes: dict[str, Any]) -> None:
    whole = {"baseline": baseline, "data": DATA, **_read(baseline), **changes}
    path = runner.results(baseline) / "results.json"
    write_bytes(path, (json.dumps(whole, indent=1) + "\n").encode())


def _current(record: dict[str, Any], trained: str) -> list[dict[str, Any]]:
    """The repeats that came from the sources with this hash."""
    return [entry for entry in record.get("repeats", []) if entry["sources"] == trained]


def _put(job: Job, record: dict[str, Any]) -> None:
    """Store the main run of ``job``; repeats of the same training stay."""
    runs = _read(job.baseline).get("runs", {})
    known = {**runs.get(job.variant, {}), **record}
    repeats = _current(known, record["sources"]["training"])
    new = {"framework": job.framework, **record, "repeats": repeats}
    merged = {**runs, job.variant: new}
    order = [j.variant for j in JOBS if j.baseline == job.baseline]
    _write(job.baseline, {"runs": {v: merged[v] for v in order if v in merged}})


def _put_repeat(job: Job, entry: dict[str, Any]) -> None:
    runs = _read(job.baseline).get("runs", {})
    record = runs.get(job.variant, {"framework": job.framework})
    trained = training_hash(job.baseline)
    key = (entry["budget"], entry["seed"])
    others = [e for e in _current(record, trained) if (e["budget"], e["seed"]) != key]
    repeats = sorted(
        [*others, {**entry, "sources": trained}],
        key=lambda e: (float(e["budget"].rstrip("s")), e["seed"]),
    )
    _write(job.baseline, {"runs": {**runs, job.variant: {**record, "repeats": repeats}}})


def _execute(name: str) -> str:
    """Run the notebook of baseline ``name`` and store it; the hash of what it came from."""
    sources = notebook_hash(name)
    path = runner.results(name) / "notebook.ipynb"
    write_bytes(path, execute(runner.folder() / f"{name}.py"))
    return sources


if __name__ == "__main__":
    raise SystemExit(main())
