"""A gallery and a sheet in real JupyterLab, untrusted and without a kernel, and through nbconvert."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter
from PIL import Image
from test_in_a_browser import CHROMIUM, Hostile, hostile, keep, lab, look, notebook, open_trusted, window  # noqa: F401

from osint.media.description import MediaFacts
from osint.media.examination import MediaRecord
from osint.media.table import frame
from osint.media.thumbnails import make_thumbnail
from osint.media.value import Value
from osint.views.gallery import gallery
from osint.views.media_sheet import MediaSheet

pytestmark = [
    pytest.mark.browser_lab,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def views(hostile: Hostile, tmp_path_factory) -> list[Any]:  # noqa: F811
    """A gallery and a sheet of a file of which every word is hostile, with a real picture."""
    one = named(hostile.text)
    file = tmp_path_factory.mktemp("picture") / "file"
    Image.radial_gradient("L").convert("RGB").save(file, "PNG")
    thumbnail = make_thumbnail(file, one.facts)
    assert thumbnail.jpeg
    return [gallery(frame([one]), {one.facts.sha256: thumbnail}), MediaSheet(record=one, thumbnail=thumbnail)]


def named(text: str) -> MediaRecord:
    """Return a record of a file of which every word is this text."""
    value = Value(block=text, group=text, name=text, text=text, reader=text, confidence="conflict", warnings=(text,))
    facts = MediaFacts(
        sha256="ab" * 32, size=1, media_type="image/png", camera_make=text, values=(value,), warnings=(text,)
    )
    return MediaRecord(facts=facts, exhibit="E0003", url=text, posts=(text,), name=text)


def revealed(page: Any) -> list[bool]:
    """Say of each picture behind a fold whether it is to be seen."""
    return [bool(each.is_visible()) for each in page.locator("details > img").all()]


@pytest.mark.parametrize("trusted", [False, True])
def test_pictures_are_hidden_until_a_key_reveals_them_in_jupyterlab(trusted, hostile, lab, views):  # noqa: F811
    """
    The notebook came from elsewhere, or is one's own; either way the fold is closed, and the blurred one is to be seen.
    """
    hostile.counter.seen.clear()
    folder, address = lab
    name = f"media-{trusted}.ipynb"
    if trusted:
        address = open_trusted(lab, name, notebook(*views))
    else:
        nbformat.write(notebook(*views), folder / "desk" / name)
        address = address.replace("NAME", name)
    with window(hostile.counter) as page:
        seen = look(page, f"{address}&reset", "all was shown")  # without the notebook that was open before
        before = revealed(page)
        blurred = page.locator("summary img:visible").all()
        keep(page, f"gallery-{trusted}")
        while page.locator(".jp-Dialog").count():  # which kernel is meant
            page.keyboard.press("Escape")
            page.wait_for_timeout(200)
        page.locator("summary:visible", has_text="Reveal or hide").first.focus()
        page.keyboard.press("Space")  # JupyterLab keeps the Enter key for its cells
        page.wait_for_timeout(300)
        after = revealed(page)
        keep(page, f"gallery-{trusted}-revealed")
        marked = page.locator("[title^='Notebook trusted']").count()

    assert bool(marked) is trusted
    assert len(blurred) >= len(views)
    assert not any(before)
    assert after == [True, False]
    assert "window.__ran=1" in seen.text
    assert (hostile.counter.seen, seen.ran) == ([], [])


def test_pictures_are_hidden_in_an_exported_notebook_and_in_saved_pages(hostile, tmp_path, views):  # noqa: F811
    """
    Through nbconvert as it comes, and as files of their own.
    """
    hostile.counter.seen.clear()
    markup, _ = HTMLExporter().from_notebook_node(notebook(*views))
    (tmp_path / "exported.html").write_text(markup, encoding="utf-8")
    files = [tmp_path / "exported.html", *(view.save(tmp_path / f"{place}.html") for place, view in enumerate(views))]
    for file in files:
        with window(hostile.counter) as page:
            seen = look(page, file.as_uri())
            keep(page, f"media-{file.stem}")
            assert revealed(page)
            assert not any(revealed(page))
            page.locator("summary", has_text="Reveal or hide").first.click()
            assert revealed(page)[0]
        assert (hostile.counter.ways, seen.ran) == (set(), [])
