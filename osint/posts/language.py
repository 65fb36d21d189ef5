"""Which language a program takes a text for. A machine's guess, beside what the platform says and never instead.

Short texts are not guessed at: both programs that were tried take slang for Hungarian or Esperanto.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from osint.errors import CaseError

if TYPE_CHECKING:
    import pandas as pd

UNDETERMINED = "undetermined"
FEWEST_LETTERS = 20
LEAST_CERTAIN = 0.9
COLUMN = "language_detected"


def with_languages(posts: pd.DataFrame) -> pd.DataFrame:
    """Return the posts with a column ``language_detected``: an ISO 639-1 code, or ``undetermined``.

    A text of fewer than 20 letters is undetermined, and so is one of which the program is less than 90 % certain by its
    own word. Addresses, mentions and tags count for nothing. ``attrs["language_detected_by"]`` names the program.

    Raises:
        CaseError: The extra ``language`` is not installed.
    """
    import pandas as pd

    found = {text: detect(text) for text in posts["content"].dropna().unique()}
    column = pd.Series([found.get(text, UNDETERMINED) for text in posts["content"]], dtype="string", index=posts.index)
    table = posts.copy()
    table.insert(list(table.columns).index("language") + 1, COLUMN, column)
    table.attrs = {**posts.attrs, "language_detected_by": f"py3langid {version('py3langid')}, a machine's guess"}
    return table


def detect(text: str) -> str:
    """Return the ISO 639-1 code of the language that a program takes a text for, or ``undetermined``.

    Raises:
        CaseError: The extra ``language`` is not installed.
    """
    said = " ".join(word for word in text.split() if "://" not in word and not word.startswith(("@", "#")))
    if sum(map(str.isalpha, said)) < FEWEST_LETTERS:
        return UNDETERMINED
    language, certain = _identifier().classify(said)
    return str(language) if certain >= LEAST_CERTAIN else UNDETERMINED


@cache
def _identifier() -> Any:
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError as error:
        raise CaseError("Languages are guessed by py3langid: pip install osint[language].") from error
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
