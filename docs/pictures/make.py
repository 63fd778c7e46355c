"""Makes the pictures of this folder with headless Chromium: `.venv/bin/python docs/pictures/make.py`."""

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "python/tests"))

from browser import Browser  # noqa: E402
from fleet import fleet  # noqa: E402

from bayplan import Change, Cluster  # noqa: E402


def main() -> None:
    """A picture a question."""
    city = Cluster.load(ROOT / "examples/city.json")
    lost = city.what_if([Change.without_nodes("topology.kubernetes.io/zone=zone-a")])
    with tempfile.TemporaryDirectory() as folder:
        browser = Browser(Path(folder))
        for name, answer, dark, height in (
            ("city", city, False, 900),
            ("city-dark", city, True, 900),
            ("zone-lost", lost, False, 800),
            ("fail", city.fail("node"), False, 900),
            ("why", city.why(city.pending[0]), False, 420),
            ("fleet", Cluster.load(fleet()), False, 1400),
        ):
            page = Path(folder) / "page.html"
            page.write_text(answer.to_html(), encoding="utf-8")
            browser.open(page)
            browser.picture(HERE / f"{name}.png", dark=dark, height=height)
        browser.close()


if __name__ == "__main__":
    main()
