"""What is saved where nothing can be written is an error of ours that says what to do, and leaves nothing behind."""

import io

import pandas as pd
import pytest
from PIL import Image

from osint.errors import ExportError
from osint.media.masked_picture import Upright
from osint.views.listing import listing_of
from osint.views.mask import MaskView
from osint.views.picture import Picture


def views():
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "JPEG")
    return {
        "rows": listing_of(pd.DataFrame({"a": [1]})),
        "mask": MaskView(exhibit="E0001", picture=Upright(stream.getvalue(), 8, 8)),
        "picture": Picture(title="t", caption="c", svg=b"<svg/>"),
    }


@pytest.mark.parametrize("name", views())
def test_a_view_that_cannot_be_saved_says_so(name, tmp_path):
    """
    A read-only disk, a full one, a file where a folder should be: no traceback of the system, and the case is whole.
    """
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(ExportError, match=r"could not be written.*The case itself is not affected"):
        views()[name].save(tmp_path / "file" / "view.html")

    assert [each.name for each in tmp_path.iterdir()] == ["file"]
