"""Pages in a browser: no fault, nothing from elsewhere, and what is shown is what the JSON says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import WIDTH, Browser
from click.testing import CliRunner
from fleet import fleet

from bayplan import Change, Cluster
from bayplan.command import cli
from bayplan.picture import Drawn, page_of

ROOT = Path(__file__).parents[2]
ZONE_A = "topology.kubernetes.io/zone=zone-a"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def city() -> Cluster:
    return Cluster.load(ROOT / "examples/city.json")


def opened(browser: Browser, answer: Drawn, folder: Path) -> None:
    page = folder / "page.html"
    page.write_text(answer.to_html(), encoding="utf-8")
    browser.open(page)
    assert not browser.faults
    assert browser.requests == [page.as_uri()]
    assert browser.ask("document.documentElement.scrollWidth") <= WIDTH


def headings(browser: Browser) -> list[str]:
    titles: list[str] = browser.ask("[...document.querySelectorAll('h2')].map((title) => title.textContent)")
    return titles


def check_map(browser: Browser, cluster: Cluster) -> None:
    """Clicks a node and a pod, and compares what is shown with the cluster."""
    node = next(
        node for node in cluster.nodes if 0 < node.resources["cpu"].requested < node.resources["cpu"].allocatable
    )
    shown = browser.click("node", node.name)
    cpu, memory = node.resources["cpu"], node.resources["memory"]
    assert shown.startswith(node.name)
    assert f"{cpu.requested:g} of {cpu.allocatable:g}" in shown
    assert f"pods\n{node.pods}\n" in shown + "\n"
    assert (node.zone or "no zone") in shown
    assert memory.allocatable % 2**30 or f"{memory.allocatable / 2**30:g}Gi" in shown
    on = [pod for pod in cluster.pods if pod.node == node.name]
    assert all(f"{pod.namespace}/{pod.name}" in shown for pod in on)
    pod = max(on, key=lambda pod: pod.cpu)
    shown = browser.click("pod", f"{pod.namespace}/{pod.name}")
    assert shown.startswith(f"{pod.namespace}/{pod.name}")
    for says in (f"{pod.namespace}/{pod.workload.split('/')[1]}", f"{pod.cpu:g}", str(pod.priority), node.name):
        assert says in shown
    # From a pod to its node.
    browser.ask("document.querySelector('.details button').click()")
    assert browser.ask("document.querySelector('.details h3').textContent") == node.name


def test_the_map_of_a_cluster(browser: Browser, city: Cluster, tmp_path: Path) -> None:
    opened(browser, city, tmp_path)
    assert headings(browser) == ["The cluster", "How many more pods fit, by their size"]
    check_map(browser, city)
    waiting = sum(pod.node is None for pod in city.pods)
    assert browser.ask("document.querySelector('details summary').textContent") == f"{waiting} pods are on no node"
    # By hand: so many pods of 4 cores and 16 GiB fit by what is free on nodes that are ready.
    free = [node.resources for node in city.nodes if node.ready and not node.cordoned]
    count = sum(int(min(of["cpu"].free // 4, of["memory"].free // (16 * 2**30))) for of in free)
    assert (
        browser.ask("[...document.querySelectorAll('circle title')].map((dot) => dot.textContent)")[-1]
        == f"{count} of 4"
    )
    search = "const box = document.querySelector('input'); box.value = 'flash-sale'; box.oninput();"
    browser.ask(search)
    sale = sum(pod.workload.endswith("/flash-sale") for pod in city.pods)
    assert browser.ask("document.querySelector('.controls .dim').textContent") == f"0 nodes, {sale} pods"


def test_a_map_of_5000_nodes(browser: Browser, tmp_path: Path) -> None:
    cluster = Cluster.load(fleet())
    opened(browser, cluster, tmp_path)
    check_map(browser, cluster)
    assert browser.ask("window.bayplan.data.map.pods.length") == 36_000


def test_what_becomes_of_a_cluster(browser: Browser, city: Cluster, tmp_path: Path) -> None:
    simulation = city.what_if([Change.without_nodes(ZONE_A)])
    opened(browser, simulation, tmp_path)
    assert headings(browser) == ["Requested of the nodes", "The cluster after"]
    check_map(browser, simulation.cluster)
    document = simulation.to_dict()
    shares = [round(document[when]["resources"]["cpu"]["share"] * 100) for when in ("before", "after")]
    shown: list[str] = browser.ask("[...document.querySelectorAll('.bars > span')].map((cell) => cell.textContent)")
    assert shown[shown.index("cpu") + 1] == f"{shares[0]} % → {shares[1]} %"


@pytest.mark.parametrize("by", ["zone", "node"])
def test_the_heat_map_of_losses(browser: Browser, city: Cluster, tmp_path: Path, by: str) -> None:
    fail = city.fail(by)
    opened(browser, fail, tmp_path)
    rows: list[list[str]] = browser.ask(
        "[...document.querySelectorAll('.heat tr')].map((row) => [...row.children].map((cell) => cell.textContent))"
    )
    head, *body = rows
    assert head[:2] == [fail.by, "all"]
    assert {row[0] for row in body} == {" + ".join(one.domains) for one in fail.failures}
    for row in body:
        one = next(one for one in fail.failures if one.domains == (row[0],))
        assert int(row[1]) == one.totals.newly_missing + one.totals.lost
        for name, cell in zip(head[2:], row[2:], strict=True):
            of = [work for work in one.workloads if f"{work.namespace}/{work.name}" == name]
            assert int(cell or 0) == sum(max(0, work.missing - work.missing_before) + work.lost for work in of)


def test_why_a_pod_waits(browser: Browser, city: Cluster, tmp_path: Path) -> None:
    why = city.why(city.pending[0])
    opened(browser, why, tmp_path)
    shown: list[str] = browser.ask("[...document.querySelectorAll('.bars > span')].map((cell) => cell.textContent)")
    document = why.to_dict()
    assert shown[1::2] == [f"{len(group['nodes'])} of {len(city.nodes)}" for group in document["stopped"]]
    assert all(group["reasons"][0] in text for group, text in zip(document["stopped"], shown[::2], strict=True))


def test_every_answer_is_a_page(browser: Browser, city: Cluster, tmp_path: Path) -> None:
    dump, workloads = str(ROOT / "examples/city.json"), str(ROOT / "examples/workloads.yaml")
    questions: list[list[str]] = [
        ["place", "-c", dump, workloads],
        ["drain", "-c", dump, "worker-00", "--ignore-daemonsets"],
        ["fit", "-c", dump, "--name", "shop/ads"],
        ["shrink", "-c", dump, "--nodes", "worker-0*"],
        ["nodes", "-c", dump, "--by", "zone"],
        ["gpus", "-c", dump],
        ["diff", "-c", dump, "--cordon", "worker-00"],
        ["upgrade", "-c", dump, "worker-00"],
        ["sweep", "-c", dump, str(Path(__file__).parent / "scenarios.yaml")],
        ["check", "-c", dump, workloads],
        ["size", "-c", dump, "--catalogue", str(ROOT / "examples/catalogues/gce.csv"), "--effort", "1"],
        ["why", "-c", dump, city.pending[0], "--node", "worker-00"],
    ]
    for question in questions:
        result = CliRunner().invoke(cli, [*question, "-o", "html"])
        page = tmp_path / "page.html"
        page.write_text(result.stdout, encoding="utf-8")
        browser.open(page)
        assert not browser.faults, question
        assert browser.requests == [page.as_uri()], question
        assert browser.ask("document.body.innerText.length") > 100, question
        assert browser.ask("document.documentElement.scrollWidth") <= WIDTH, question


def test_names_do_nothing_in_a_page(browser: Browser, tmp_path: Path) -> None:
    nasty = "</script><script>window.broken = 1</script><img src=x onerror='window.broken = 2'>"
    drawing: dict[str, Any] = {"why": {"rows": [{"what": nasty, "nodes": 1, "fits": False}], "nodes": 1, "note": nasty}}
    page = tmp_path / "page.html"
    page.write_text(page_of(nasty, "<p>answer</p>", drawing), encoding="utf-8")
    browser.open(page)
    assert browser.ask("window.broken") is None
    assert nasty in browser.ask("document.querySelector('section p').textContent")
    assert not browser.faults


def test_light_and_dark(browser: Browser, city: Cluster, tmp_path: Path) -> None:
    opened(browser, city, tmp_path)
    papers = []
    for dark in (False, True):
        browser.picture(tmp_path / "shot.png", dark=dark)
        papers.append(browser.ask("getComputedStyle(document.body).backgroundColor"))
    browser.picture(tmp_path / "shot.png")
    assert papers == ["rgb(255, 255, 255)", "rgb(13, 17, 23)"]


def test_pictures_in_a_notebook(city: Cluster, tmp_path: Path) -> None:
    for answer in (city, city.fail("zone"), city.why(city.pending[0]), city.place()):
        picture = answer.plot()
        shown = picture._repr_html_()
        assert shown.startswith("<iframe srcdoc=") and "sandbox" in shown
        assert (
            picture.save(tmp_path / "picture.html").read_text(encoding="utf-8") == picture.to_html() == answer.to_html()
        )


def test_records_and_preemption_are_tables_and_pages(city: Cluster) -> None:
    for records in (city.nodes, city.pods, city.workloads):
        table = records._repr_html_()
        assert table.count("<tr") >= min(len(records), 200) and records[0].name in table
        assert table in records.to_html() and records.plot().to_html() == records.to_html()
    node = city.nodes[0]
    memory = f"{node.resources['memory'].allocatable / 2**30:.2f}".rstrip("0").rstrip(".")
    assert f"<td>{memory}Gi</td>" in city.nodes._repr_html_()
    assert "none" in Cluster.load({"kind": "List", "apiVersion": "v1", "items": []}).nodes._repr_html_()
