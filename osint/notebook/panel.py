"""The case panel without its widget: what each button does, what is shown then, and the line of code it stands for.

A run goes on in a thread of its own, so that the kernel answers meanwhile. To stop it is to end it as Ctrl-C does,
before its next request: what was preserved stays, its end is an entry, and it can go on later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import osint
from osint import render
from osint.capture.attended import attended
from osint.capture.network import Network
from osint.chain_of_custody.keys import key_folder
from osint.chain_of_custody.unlocking import is_known, use_passphrase
from osint.errors import AuthorizationError, CaseError, OsintError, SourceError
from osint.notebook import forms, shown
from osint.notebook.call import Call
from osint.notebook.collectors_here import collectors_here

if TYPE_CHECKING:
    from osint.notebook.forms import Values

_RULE = re.compile(r"osint policy explain (\S+?)\.(?:\s|$)")
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
_AUTHORITY_FIRST = (
    "Authority comes before collection: fill in step 2 with what the report or warrant says, and record it."
)
_LEADS = "A lead found on the way is added with the exhibit that shows it: case.extend(..., exhibit=..., reason=...)."


class CasePanel:
    """A case from its opening to its hand-over, step by step; see :func:`osint.case_panel`.

    Attributes:
        case: The open case; None before it is opened.
        lines: What was done, as Python, oldest first. A step that was refused is there as a comment.
        result: What was shown last; None before anything is.
        refusal: Why the last step was refused and what to do, in lines; empty when it was not.
        doing: What goes on now, in words; empty when nothing does.
        changed: Is called whenever any of this is another.
        told: Is called with ``doing`` alone, at each request of a run.
    """

    def __init__(
        self, case: osint.Case | None = None, *, network: Network | None = None, keys: Path | None = None, **given: str
    ) -> None:
        """Make a panel; use :func:`osint.case_panel`."""
        self.case = case
        self.lines: list[str] = ["import osint"]
        self.result: shown.Block | None = None
        self.refusal: list[str] = []
        self.doing = ""
        self.changed: Callable[[], None] = lambda: None
        self.told: Callable[[str], None] = lambda _: None
        self.given = {name: value for name, value in given.items() if value}
        self.drafts: dict[str, Values] = {"case": self.given}
        self._network, self._keys = network, keys
        self._collectors = collectors_here() if case else []
        self._probed: dict[str, str] = {}
        self._requests = 0
        self._stop = Event()
        self._thread: Thread | None = None

    # -- steps -------------------------------------------------------------------------------------------------------

    def open(self, values: Values) -> None:
        """Open or create the case. The passphrase stays in the memory of this process and goes into no line."""
        self.drafts["case"] = {name: text for name, text in values.items() if name in ("folder", "investigator")}
        self._now("Opening the case", lambda: self._open(values))

    def authorize(self, values: Values) -> None:
        """Record the authority."""
        self.drafts["authority"] = values
        self._now("Recording the authority", lambda: self._made(forms.authorize_call(values), "Authority recorded"))

    def probe(self, values: Values) -> None:
        """Say whether a run could be made; its host is asked for its ``robots.txt``."""
        self.drafts["collect"] = values
        self._beside("Looking whether the source answers", lambda: self._probe(values))

    def collect(self, values: Values) -> None:
        """Collect, in a thread."""
        self.drafts["collect"] = values
        self._beside("Collecting", lambda: self._made(forms.collect_call(values), "Collected"))

    def show(self, what: str) -> None:
        """Show one of :data:`SHOWN`."""
        call, title, columns = SHOWN[what]
        self._beside(f"{title}: being made", lambda: self._made(call, title, columns))

    def resume(self) -> None:
        """Go on with the run that was interrupted last."""
        if self.case and (waiting := self.case.interrupted()):
            call = Call(name="case.resume", values=(waiting[-1].id,))
            self._beside("Going on", lambda: self._made(call, "Collected"))

    def hand_over(self, values: Values) -> None:
        """Write the package that a prosecutor receives."""
        self.drafts["hand_over"] = values
        self._beside("Writing the package", lambda: self._made(forms.hand_over_call(values), "Package"))

    def stop(self) -> None:
        """Stop what goes on, before its next request."""
        self._stop.set()
        if self.doing:
            self._say(f"{self.doing} Stopping.")

    def wait(self, seconds: float | None = None) -> None:
        """Wait until nothing goes on."""
        if self._thread is not None:
            self._thread.join(seconds)

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

    def _now(self, what: str, act: Callable[[], Any]) -> None:
        """Do something that takes no time worth showing."""
        if not self._is_free():
            return
        self._begin(what)
        self._do(act)

    def _beside(self, what: str, act: Callable[[], Any]) -> None:
        """Do something in a thread, which can be stopped."""
        if not self._is_free():
            return
        self._begin(what)
        self._thread = Thread(target=self._do, args=(act,), name="osint case panel", daemon=True)
        self._thread.start()

    def _is_free(self) -> bool:
        if not self.doing:
            return True
        self.refusal = [f"Something goes on already: {self.doing}", "Wait for its end, or stop it."]
        self.changed()
        return False

    def _begin(self, what: str) -> None:
        self._stop.clear()
        self._requests, self.refusal = 0, []
        self._say(f"{what}.")
        self.changed()

    def _do(self, act: Callable[[], Any]) -> None:
        self.refusal = ["It ended in an error of the program itself; the cell below the panel shows where."]
        try:
            with attended(self._told):
                act()
            self.refusal = []
        except OsintError as error:
            self.refusal = what_to_do(error, self.case)
            if error.result is not None:
                self.result = shown.block(error.result, "What came before that")
        except KeyboardInterrupt:
            self.refusal = ["Stopped. What was preserved stays, and the ledger says how it ended."]
        finally:
            self._say("")
            self.changed()

    def _told(self, what: str) -> None:
        if self._stop.is_set():
            raise KeyboardInterrupt("in the case panel")
        self._requests += what.startswith("Asking")
        self._say(f"{what}. {self._requests} {'request' if self._requests == 1 else 'requests'} so far.")

    def _say(self, what: str) -> None:
        self.doing = what
        self.told(what)


def what_to_do(error: OsintError, case: osint.Case | None) -> list[str]:
    """Return why a step was refused, the clause that says so, and what can be done, in lines."""
    said = str(error).split("\n")
    if case is not None:
        known = [rule for rule in _RULE.findall(said[0]) if rule in case.policy.pack.rules]
        said += [f"The clause: {clause}" for clause in forms.clauses(case.policy, known)]
    if isinstance(error, AuthorizationError) and error.reasons:
        said.append(f"What to do: {_LEADS if 'scope' in said[0] else _AUTHORITY_FIRST}")
    elif isinstance(error, SourceError):
        said.append(
            "What to do: the answer is preserved as an exhibit; a person's own export or a saved page can be imported."
        )
    return said


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
