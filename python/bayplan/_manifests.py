"""Does a change of manifests fit? What a pipeline asks before it applies them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree

from bayplan._change import Change
from bayplan._errors import Error
from bayplan._input import Reading, read
from bayplan._rows import Rows
from bayplan._sweep import Given, Scenario, scenarios_of

if TYPE_CHECKING:
    from bayplan._cluster import Cluster

#: What is checked, in this order.
CHECKS = ("validation", "admission", "rollout", "placement", "scenario")


class Finding(NamedTuple):
    """Something that a check found."""

    #: One of `CHECKS`.
    check: str
    #: `error`, or `warning` where the manifests can be applied all the same.
    severity: str
    #: What it is about: `Deployment shop/web`, or the name of a scenario.
    about: str
    file: str
    says: str


class Check(Rows):
    """What the checks of manifests found."""

    __slots__ = ("files", "findings", "passed", "unsure")

    def __init__(
        self,
        files: Sequence[str],
        findings: Sequence[Finding],
        passed: Sequence[tuple[str, str]],
        unsure: Sequence[str],
    ) -> None:
        self.files = tuple(files)
        self.findings = tuple(findings)
        #: Which check passed for what.
        self.passed = tuple(passed)
        #: What may be otherwise in a real cluster.
        self.unsure = tuple(unsure)

    @property
    def ok(self) -> bool:
        """Was no error found?"""
        return not any(finding.severity == "error" for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """The versioned document."""
        errors = sum(finding.severity == "error" for finding in self.findings)
        return {
            "apiVersion": "bayplan/v1",
            "kind": "Check",
            "summary": {"ok": self.ok, "errors": errors, "warnings": len(self.findings) - errors},
            "items": [finding._asdict() for finding in self.findings],
            "passed": [{"check": check, "about": about} for check, about in self.passed],
            "unsure": list(self.unsure),
        }

    def _table(self, wide: bool) -> tuple[list[str], list[list[str]]]:
        rows = [[f.severity.upper(), f.check, f.about, f.file, f.says] for f in self.findings]
        if wide or not rows:
            rows += [["OK", check, about, "", ""] for check, about in self.passed]
        return ["RESULT", "CHECK", "ABOUT", "FILE", "SAYS"], rows

    def _lines(self) -> list[str]:
        errors = sum(finding.severity == "error" for finding in self.findings)
        lines = ["The manifests can be applied." if self.ok else f"{errors} error{'s' if errors > 1 else ''}."]
        return lines + list(self.unsure)

    def junit(self) -> str:
        """A JUnit report: a test case for each check of each object."""
        failing = [finding for finding in self.findings if finding.severity == "error"]
        suite = ElementTree.Element(
            "testsuite", name="bayplan check", tests=str(len(self.passed) + len(failing)), failures=str(len(failing))
        )
        for check, about in self.passed:
            ElementTree.SubElement(suite, "testcase", classname=check, name=about)
        for finding in failing:
            case = ElementTree.SubElement(
                suite, "testcase", classname=finding.check, name=finding.about or finding.file
            )
            if finding.file:
                case.set("file", finding.file)
            failure = ElementTree.SubElement(case, "failure", message=_xml(finding.says.splitlines()[0]))
            failure.text = _xml(finding.says)
        suites = ElementTree.Element("testsuites")
        suites.append(suite)
        ElementTree.indent(suites)
        return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"

    def annotations(self) -> str:
        """GitHub's workflow commands: what is found is shown beside the file."""

        def escaped(text: str) -> str:
            return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

        def value(text: str) -> str:
            return escaped(text).replace(":", "%3A").replace(",", "%2C")

        lines = []
        for finding in self.findings:
            file = f"file={value(finding.file)}," if finding.file else ""
            title = value(f"{finding.check}: {finding.about}" if finding.about else finding.check)
            lines.append(f"::{finding.severity} {file}title={title}::{escaped(finding.says)}")
        return "".join(f"{line}\n" for line in lines)


def _xml(text: str) -> str:
    """Without the characters that XML cannot have."""
    return "".join(c for c in text if c in "\t\n\r" or (ord(c) >= 32 and not 0xD800 <= ord(c) < 0xE000))


def check(
    cluster: Cluster,
    files: Sequence[str],
    *,
    namespace: str | None,
    validate: str,
    scenarios: Given | None,
    preemption: bool,
) -> Check:
    """Reads, applies and plays manifests, and then the scenarios."""
    findings: list[Finding] = []
    passed: list[tuple[str, str]] = []
    changes: list[Change] = []
    for file in files:
        try:
            one = Change.apply(file, namespace=namespace, validate=validate)
            read(file, Reading(namespace, validate))
        except Error as error:
            findings.append(Finding("validation", "error", error.object, file, str(error)))
            continue
        passed.append(("validation", file))
        changes.append(one)
    applied: list[Change] = []
    of_file: dict[str, str] = {}
    for change, file in zip(changes, [name for check, name in passed if check == "validation"]):
        try:
            taken = cluster.what_if([*applied, change], preemption=preemption).applied
        except Error as error:
            kind = "validation" if " is invalid" in str(error) else "admission"
            findings.append(Finding(kind, "error", error.object, file, str(error)))
        else:
            of_file |= {f"{kind} {name}": file for kind, name, _ in taken[len(of_file) :]}
            applied.append(change)
    before = cluster.what_if((), preemption=preemption)
    answer = cluster.what_if(applied, preemption=preemption)
    unsure = [f"rule not applied: {rule.rule}: {rule.why}" for rule in answer.not_applied]
    known = set(before.left_out)
    refused = [text for text in answer.left_out if text not in known]
    findings += [Finding("admission", "error", words.split(": ")[0], "", words) for words in refused]
    for applied_object in answer.applied:
        about = f"{applied_object.kind} {applied_object.name}"
        if not any(about in finding.about or finding.about in about for finding in findings if finding.about):
            passed.append(("admission", about))
    waiting = {pod.pod: pod for pod in answer.pending}
    rows = {(row.namespace, row.name, row.kind): row for row in answer.workloads}
    for row in rows.values():
        about = f"{row.kind} {row.namespace}/{row.name}"
        newly = max(0, row.missing - row.missing_before)
        own = about in of_file
        where = of_file.get(about, "")
        if newly:
            event = next(
                (pod.event for key, pod in waiting.items() if key.startswith(f"{row.namespace}/{row.name}")), ""
            )
            earlier = f" ({row.missing_before} before)" if row.missing_before else ""
            text = f"{row.missing} of {row.wanted} pods find no node{earlier}" + (f": {event}" if event else "")
            findings.append(Finding("placement" if own else "rollout", "error", about, where, text))
        elif row.preempted:
            findings.append(
                Finding("rollout", "warning", about, "", f"{row.preempted} of its pods are evicted to make room")
            )
        elif own:
            passed.append(("placement", about))
    if scenarios is not None:
        given = [Scenario(one.name, (*applied, *one.changes), one.assertions) for one in scenarios_of(scenarios)]
        source = os.fspath(scenarios) if isinstance(scenarios, (str, os.PathLike)) else ""
        for swept in cluster.sweep(given, preemption=preemption):
            unsure += [text for text in swept.unsure if text not in unsure]
            says = [swept.error] if swept.error else [one.says for one in swept.checked if not one.holds]
            findings += [Finding("scenario", "error", swept.scenario, source, text) for text in says]
            if not says:
                passed.append(("scenario", swept.scenario))
    findings.sort(key=lambda finding: (finding.severity, CHECKS.index(finding.check)))
    return Check(files, findings, passed, unsure)
