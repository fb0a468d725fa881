"""Ask for known advisories of every pinned package, and count what was really asked.

    python .ci/audit.py [--may-be-offline] [constraints.txt …]

pip-audit ends with status 0 and "No known vulnerabilities found" when it has found no
package to ask about, as it does behind a mirror. So its status is not believed: the
packages that it says it has asked about are counted against the pins. audit.toml beside
this script has the advisories that were looked at and stay, each with a date until
which that holds. Where nothing can be reached, nothing is claimed: the check fails, or
with --may-be-offline ends well as long as the last review by hand is not older than
``MOST_DAYS``.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MOST_DAYS = 90
"""Age of a review after which it no longer stands in for an audit."""
_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;]+)")


@dataclass(slots=True)
class Verdict:
    """What an audit came to; ``wrong`` is empty if it is well."""

    pinned: int = 0
    audited: int = 0
    known: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def name_of(text: str) -> str:
    """Write the name of a package as an index does."""
    return re.sub(r"[-_.]+", "-", text).lower()


def pins(text: str) -> dict[str, str]:
    """Read the pins of a constraints file: version by name."""
    found = map(_PIN.match, text.splitlines())
    return {name_of(one[1]): one[2] for one in found if one}


def judge(
    wanted: Mapping[str, str], report: Any, review: Mapping[str, Any], today: date
) -> Verdict:
    """Hold the report of pip-audit against the pins and the review.

    Parameters
    ----------
    wanted
        Versions that were to be audited, by name.
    report
        What ``pip-audit --format json`` printed, or None if it printed none.
    review
        The content of audit.toml.
    today
        The day that counts for what holds until a day.
    """
    rows = report.get("dependencies", []) if isinstance(report, dict) else []
    asked = {
        name_of(row["name"]): row
        for row in rows
        if "skip_reason" not in row and isinstance(row.get("vulns"), list)
    }
    audited = {
        name: row
        for name, row in asked.items()
        if wanted.get(name) == row.get("version")
    }
    verdict = Verdict(pinned=len(wanted), audited=len(audited))
    missing = sorted(wanted.keys() - audited.keys())
    if missing and audited:
        verdict.wrong.append(f"not audited: {', '.join(missing)}")
    reviewed = {one["id"]: one for one in review.get("advisory", [])}
    for name, row in audited.items():
        for found in row["vulns"]:
            ids = [found["id"], *found.get("aliases", [])]
            _judge_one(verdict, f"{name} {row['version']}", ids, reviewed, today)
    return verdict


def _judge_one(
    verdict: Verdict,
    package: str,
    ids: Sequence[str],
    reviewed: Mapping[str, Mapping[str, Any]],
    today: date,
) -> None:
    entry = next((reviewed[one] for one in ids if one in reviewed), None)
    told = f"{package}: {' = '.join(ids)}"
    if entry is None:
        verdict.wrong.append(f"{told}: is new; update the package, or review it")
    elif entry["until"] < today:
        verdict.wrong.append(f"{told}: its review held until {entry['until']}")
    else:
        verdict.known.append(f"{told}: {entry['reason']} (until {entry['until']})")


def outdated(review: Mapping[str, Any], today: date) -> list[str]:
    """Say what of the review no longer holds, though nobody can be asked."""
    found = [
        f"{one['package']}: {one['id']}: its review held until {one['until']}"
        for one in review.get("advisory", [])
        if one["until"] < today
    ]
    days = (today - review["reviewed"]).days
    if days > MOST_DAYS:
        found.append(f"the last review is {days} days old, {MOST_DAYS} may be")
    return found


def ask(file: Path) -> Any:
    """Run pip-audit; None if it printed no JSON."""
    done = subprocess.run(  # noqa: S603 - our own arguments
        [
            *(sys.executable, "-m", "pip_audit", "--requirement", str(file)),
            *("--no-deps", "--disable-pip", "--format", "json"),
            *("--progress-spinner", "off"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return json.loads(done.stdout)
    except ValueError:
        print(done.stderr.strip()[-500:])
        return None


def tell(file: str, verdict: Verdict, review: Mapping[str, Any]) -> None:
    """Print what an audit came to."""
    print(f"{file}: {verdict.audited} of {verdict.pinned} pinned packages audited")
    if not verdict.audited:
        print(
            "  NOT REACHED: no advisory data; nothing is known of today. The last "
            f"review by hand is of {review['reviewed']}"
        )
    for line in verdict.known:
        print(f"  known: {line}")
    for line in verdict.wrong:
        print(f"  WRONG: {line}")


def audit(
    files: Iterable[Path], *, may_be_offline: bool, today: date, asked: Any = ask
) -> int:
    """Audit constraints files; give the exit status."""
    review = tomllib.loads((HERE / "audit.toml").read_text(encoding="utf-8"))
    failed = False
    for file in files:
        wanted = pins(file.read_text(encoding="utf-8"))
        verdict = judge(wanted, asked(file), review, today)
        if not verdict.pinned:
            verdict.wrong.append("pins no package")
        elif not verdict.audited:
            verdict.wrong += (
                outdated(review, today) if may_be_offline else ["nothing was audited"]
            )
        tell(file.name, verdict, review)
        failed = failed or bool(verdict.wrong)
    return int(failed)


def main(words: Sequence[str]) -> int:
    """Audit what users install, or the files that are named."""
    named = [Path(word) for word in words if not word.startswith("--")]
    return audit(
        named or [HERE.parent / "constraints.txt"],
        may_be_offline="--may-be-offline" in words,
        today=datetime.now(UTC).date(),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
