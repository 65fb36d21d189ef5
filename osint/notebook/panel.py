"""The case panel without its widget: what each button does, what is shown then, and the line of code it stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import osint
from osint import render
from osint.capture.network import Network
from osint.chain_of_custody.keys import key_folder
from osint.chain_of_custody.unlocking import is_known, use_passphrase
from osint.errors import CaseError, OsintError
from osint.notebook import forms, shown
from osint.notebook.call import Call
from osint.notebook.collectors_here import collectors_here
from osint.notebook.work import Work

if TYPE_CHECKING:
    from osint.notebook.forms import Values

SHOWN: Mapping[str, tuple[Call, str, tuple[str, ...]]] = {
    "posts": (Call(name="case.posts"), "Posts", shown.POSTS),
    "chart": (
        Call(name="case.show", values=(Call(name="osint.association_graph", values=(Call(name="case.posts"),)),)),
        "Link chart",
        (),
    ),
    "custody": (Call(name="case.custody"), "Custody", ("exhibit", "state", "held_by")),
    "verify": (Call(name="case.verify"), "Verification", ()),
}
"""What the buttons show: the call, its heading, and which columns of a table."""


class CasePanel(Work):
    """A case from its opening to its hand-over, step by step; see :func:`osint.case_panel`.

    Attributes:
        lines: What was done, as Python, oldest first. A step that was refused is there as a comment.
        given: What forms are filled in with at first.
        drafts: What stands in each form.
    """

    def __init__(
        self, case: osint.Case | None = None, *, network: Network | None = None, keys: Path | None = None, **given: str
    ) -> None:
        """Make a panel; use :func:`osint.case_panel`."""
        super().__init__(case)
        self.lines: list[str] = ["import osint"]
        self.given = {name: value for name, value in given.items() if value}
        self.drafts: dict[str, Values] = {"case": self.given}
        self._network, self._keys = network, keys
        self._collectors = collectors_here() if case else []
        self._probed: dict[str, str] = {}

    # -- steps -------------------------------------------------------------------------------------------------------

    def open(self, values: Values) -> None:
        """Open or create the case. The passphrase stays in the memory of this process and goes into no line."""
        self.drafts["case"] = {name: text for name, text in values.items() if name in ("folder", "investigator")}
        self._at_once("Opening the case", lambda: self._open(values))

    def authorize(self, values: Values) -> None:
        """Record the authority."""
        self.drafts["authority"] = values
        self._at_once("Recording the authority", lambda: self._made(forms.authorize_call(values), "Authority recorded"))

    def probe(self, values: Values) -> None:
        """Say whether a run could be made; its host is asked for its ``robots.txt``."""
        self.drafts["collect"] = values
        self._in_a_thread("Looking whether the source answers", lambda: self._probe(values))

    def collect(self, values: Values) -> None:
        """Collect, in a thread."""
        self.drafts["collect"] = values
        self._in_a_thread("Collecting", lambda: self._made(forms.collect_call(values), "Collected"))

    def show(self, what: str) -> None:
        """Show one of :data:`SHOWN`."""
        call, title, columns = SHOWN[what]
        self._in_a_thread(f"{title}: being made", lambda: self._made(call, title, columns))

    def resume(self) -> None:
        """Go on with the run that was interrupted last."""
        if self.case and (waiting := self.case.interrupted()):
            call = Call(name="case.resume", values=(waiting[-1].id,))
            self._in_a_thread("Going on", lambda: self._made(call, "Collected"))

    def hand_over(self, values: Values) -> None:
        """Write the package that a prosecutor receives."""
        self.drafts["hand_over"] = values
        self._in_a_thread("Writing the package", lambda: self._made(forms.hand_over_call(values), "Package"))

    def draft(self, step: str, values: Values) -> None:
        """Take what stands in a form without doing anything, so that its line can be shown."""
        self.drafts[step] = {name: text for name, text in values.items() if name not in ("passphrase", "again")}
        self.changed()

    # -- what is shown -----------------------------------------------------------------------------------------------

    @property
    def state(self) -> dict[str, Any]:
        """Everything that the panel shows, as JSON values."""
        policy = self.case.policy if self.case else None

        def fields(form: tuple[forms.Field, ...]) -> list[dict[str, Any]]:
            return [{**asdict(each), "clauses": forms.clauses(policy, each.rules) if policy else []} for each in form]

        return {
            "case": render.visible_lines(str(self.case)) if self.case else "",
            "banner": policy.banner if policy else "",
            "forms": {
                "case": fields(forms.CASE),
                "authority": fields(forms.AUTHORITY),
                "collect": fields(forms.COLLECT),
                "hand_over": fields(forms.HAND_OVER),
            },
            "given": self.given,
            "collectors": [
                {**row, "probe": self._probed.get(row["collector"], row["probe"])} for row in self._collectors
            ],
            "drafts": {step: self._draft(step) for step in ("case", "authority", "collect", "hand_over")},
            "refusal": [render.visible(line) for line in self.refusal],
            "result": self.result,
            "lines": self.lines,
            "waiting": [each.id for each in self.case.interrupted()] if self.case and not self.doing else [],
        }

    def __str__(self) -> str:
        said = [f"Case panel. {self.case or 'No case is open.'}", "Done so far, as code:", *self.lines]
        return "\n".join(
            [
                *said,
                *(self.refusal and ["Refused:", *self.refusal]),
                *([shown.as_text(self.result)] if self.result else []),
            ]
        )

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        rows = [[line] for line in self.lines]
        parts = [render.heading("Case panel"), *map(render.paragraph, str(self.case or "No case is open.").split("\n"))]
        parts += [render.table(rows, ["Done so far, as code"]), *map(render.paragraph, self.refusal)]
        return render.bundle(str(self), "".join([*parts, shown.as_html(self.result) if self.result else ""]))

    def widget(self) -> Any:
        """Return the panel as a widget of JupyterLab.

        Raises:
            CaseError: The extra ``ui`` is not installed.
        """
        from osint.notebook.widget import panel_widget

        return panel_widget(self)

    def _draft(self, step: str) -> dict[str, str]:
        """Return the line that a form stands for as it is filled in, and what is to be known before it is run."""
        line = ""
        try:
            call = self._call(step, self.drafts.get(step, {}))
            line = call.line
            return {"line": line, "note": self._note(step, call)}
        except OsintError as error:
            return {"line": line, "note": render.visible_lines(str(error))}

    def _call(self, step: str, values: Values) -> Call:
        if step == "case":
            return forms.open_call(values, self._network, self._keys)
        makers: Mapping[str, Callable[[Values], Call]] = {
            "authority": forms.authorize_call, "collect": forms.collect_call, "hand_over": forms.hand_over_call,
        }  # fmt: skip
        return makers[step](values)

    def _note(self, step: str, call: Call) -> str:
        if self.case is None or not self.drafts.get(step):
            return ""
        if step == "authority":
            call.values[0].run()  # says everything that is missing at once
            return "Nothing that is always needed is missing."
        if step == "collect" and call.values[0]:
            return str(forms.collect_call(self.drafts[step], "estimate").run(self.case))
        return ""

    # -- doing it ----------------------------------------------------------------------------------------------------

    def _open(self, values: Values) -> None:
        if self.case is not None:
            raise CaseError(f"The case {self.case.folder.name} is open in this panel; another one takes another panel.")
        folder = self._keys or key_folder()
        self._take_passphrase(folder, values.get("passphrase", ""), values.get("again", ""))
        call = forms.open_call(values, self._network, self._keys)
        if not call.values[0]:
            raise CaseError("Name the folder of the case, cases/2026-0417; a new one makes a new case.")
        self.case, self._collectors = call.run(), collectors_here()
        if "pathlib.Path(" in call.line:
            self.lines.append("import pathlib")
        self._done(call, self.case, "Case open")

    def _take_passphrase(self, folder: Path, passphrase: str, again: str) -> None:
        is_new = not any(folder.glob("*.key"))
        if passphrase and is_new and passphrase != again:
            raise CaseError("Your keys are made now: type the new passphrase twice, the same. Nothing was made.")
        if passphrase:
            use_passphrase(folder, passphrase.encode())
        elif not is_known(folder):
            raise CaseError(
                "The keys need their passphrase, or a new one for your first case. Whoever keeps keys in an ssh-agent "
                "or a token opens the case in a cell, and hands it over: osint.case_panel(case)."
            )

    def _probe(self, values: Values) -> None:
        found = self._made(forms.collect_call(values, "probe"), "Probe")
        ready = found.configured and found.permitted and found.reachable
        self._probed[found.collector] = "ready" if ready else "not permitted" if not found.permitted else "no answer"
        if not found.configured:
            self._probed[found.collector] = "its key is missing"

    def _made(self, call: Call, title: str, columns: tuple[str, ...] = ()) -> Any:
        if self.case is None:
            raise CaseError("No case is open: step 1 comes first.")
        try:
            result = call.run(self.case)
        except OsintError:
            self.lines.append(f"# refused: {call.line}")
            raise
        self._done(call, result, title, columns)
        return result

    def _done(self, call: Call, result: Any, title: str, columns: tuple[str, ...] = ()) -> None:
        self.lines.append(call.line)
        self.result = shown.block(result, title, columns)


def case_panel(
    case: osint.Case | None = None,
    *,
    folder: str = "",
    investigator: str = "",
    network: Network | None = None,
    keys: Path | None = None,
) -> Any:
    """Return the case panel for a notebook: open a case, record the authority, collect, look, verify, hand over.

    Every step shows the line of code that it stands for. The panel's ``case`` is the open case, for cells below.

    Args:
        case: A case that is open; without it, the panel opens or creates one.
        folder: The folder of the case, filled in already.
        investigator: Name and badge, filled in already.
        network: As for :func:`osint.open_case`.
        keys: As for :func:`osint.open_case`.

    Returns:
        The panel: a widget with the extra ``ui``; without it :class:`CasePanel`, whose methods are the buttons.
    """
    panel = CasePanel(case, network=network, keys=keys, folder=folder, investigator=investigator)
    return panel if find_spec("anywidget") is None else panel.widget()
