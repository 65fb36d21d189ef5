"""The notebooks run by themselves, off the network, and what they leave is safe and whole for any later reader."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from saved_output import faults, markup_faults

import osint

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
OFFLINE = Path(__file__).parent / "offline"
ABSOLUTE = re.compile(r"(?<![\w:/.])/(home|tmp|root|Users|work|var|usr|opt|mnt|etc)\b|\b[A-Za-z]:\\|~/")
UNESCAPED = re.compile(r"IPython|\bHTML\b|\bMarkdown\b|\.style\b|display\(|%%|get_ipython")

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def run_offline():
    """Execute a notebook in a folder, with a kernel that reaches this machine only; return it as saved.

    All share one kernel, which forgets every name and goes to the folder before each.
    """
    place = Path(tempfile.mkdtemp(prefix="nb"))  # short: the path of a Unix socket holds about a hundred characters
    settings = {
        "IPYTHONDIR": place / "ipython",
        "JUPYTER_CONFIG_DIR": place / "config",
        "JUPYTER_RUNTIME_DIR": place,
        "PYTHONPATH": os.pathsep.join([str(OFFLINE), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, str(value))
        manager = _kernel_manager(place)
        kernel = NotebookClient(nbformat.v4.new_notebook(), km=manager, timeout=120)
        kernel.execute()

    def run(notebook, folder):
        client = NotebookClient(notebook, km=manager, timeout=120)
        client.kc = kernel.kc
        notebook.cells.insert(0, nbformat.v4.new_code_cell(_fresh(folder)))
        client.execute()
        del notebook.cells[0]
        nbformat.write(notebook, folder / "saved.ipynb")
        return nbformat.read(folder / "saved.ipynb", as_version=4)

    yield run
    run_sync(manager.shutdown_kernel)(now=True)
    kernel.kc.stop_channels()
    shutil.rmtree(place, ignore_errors=True)


def _fresh(folder):
    """Return a cell that forgets every name, and stands in a folder with settings of its own."""
    own = {name: os.environ[name] for name in ("OSINT_STATE", "OSINT_POLICY")}
    settings = own | {"OSINT_KEYS": str(folder.parent / "keys")}
    return f"%reset -f\nimport os\nos.chdir({str(folder)!r})\nos.environ.update({settings!r})\ndel os"


@pytest.fixture(scope="module")
def practice(run_offline, tmp_path_factory):
    """The folder in which the cell with which later notebooks begin has made its case out of nothing."""
    folder = tmp_path_factory.mktemp("practice") / "desk"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OSINT_STATE", str(folder.parent / "state"))
        patch.setenv("OSINT_POLICY", str(folder.parent / "policy"))
        saved = run_offline(_notebook(_first_cell(NOTEBOOKS[2]), "case.close(); site.stop()"), folder)
    assert faults(saved) == []
    assert not (folder.parent / "keys").exists()
    return folder


@pytest.fixture
def desk(path, tmp_path, request):
    """The folder of a notebook: empty, or with the case that its first cell would make again."""
    folder = tmp_path / "desk"
    if path in NOTEBOOKS[2:]:
        shutil.copytree(request.getfixturevalue("practice"), folder)
    else:
        folder.mkdir()
    return folder


def _kernel_manager(folder):
    if sys.platform == "win32":
        return AsyncKernelManager(kernel_name="python3")
    return AsyncKernelManager(kernel_name="python3", transport="ipc", ip=str(folder / "kernel"))


@each_notebook
def test_runs_alone_offline_and_reads_without_a_kernel(path, desk, run_offline, tmp_path):
    """A notebook needs no other one and no network, and each of its results is plain text or harmless markup."""
    saved = run_offline(nbformat.read(path, as_version=4), desk)
    assert faults(saved) == []
    assert all("trusted" not in cell.metadata for cell in saved.cells)
    assert any(cell.cell_type == "code" and cell.outputs for cell in saved.cells)
    assert not (tmp_path / "keys").exists(), "the practice case made keys in the user's own folder"


def test_a_notebook_finds_no_name_and_no_folder_of_the_one_before(run_offline, tmp_path):
    """The kernel that all share is as good as a new one, but for the modules it has loaded."""
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    run_offline(_notebook("left = 1"), tmp_path / "one")

    saved = run_offline(_notebook("import os; print(os.getcwd())"), tmp_path / "other")

    assert saved.cells[0].outputs[0].text.strip() == str(tmp_path / "other")
    with pytest.raises(CellExecutionError, match="NameError"):
        run_offline(_notebook("left"), tmp_path / "other")


def test_the_notebooks_are_there_and_the_first_leads_to_the_others():
    """The set is whole, so the tests above test something."""
    assert [path.stem[:2] for path in NOTEBOOKS] == ["00", "01", "02", "03", "04"]
    text = "\n".join(_sources(NOTEBOOKS[0], "markdown"))
    assert re.findall(r"\]\((\w+\.ipynb)\)", text) == [path.name for path in NOTEBOOKS[1:]]


@each_notebook
def test_is_kept_without_outputs_and_with_stable_metadata(path):
    """A saved run would carry times, paths and case data into the repository."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert all(cell["metadata"] == {} for cell in notebook["cells"])
    assert [cell["id"] for cell in notebook["cells"]] == [f"c{n:02d}" for n in range(1, len(notebook["cells"]) + 1)]
    assert notebook["metadata"] == {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    nbformat.validate(nbformat.from_dict(notebook))


@each_notebook
def test_names_no_path_of_one_machine(path):
    """Cells work wherever the notebook lies."""
    assert ABSOLUTE.findall("\n".join(_sources(path))) == []


@each_notebook
def test_never_shows_captured_text_as_markup(path):
    """Everything goes through pandas or osint.render, which escape."""
    assert UNESCAPED.findall("\n".join(_sources(path, "code"))) == []


def test_later_notebooks_open_the_case_in_the_same_words():
    """Whoever has understood the cell once need not read it again; what it makes in an empty folder is made once."""
    assert len({_first_cell(path) for path in NOTEBOOKS[2:]}) == 1


@each_notebook
def test_takes_no_module_that_another_one_loaded(path):
    """The kernel above keeps its modules: what is used of ``osint`` is public, or imported here by its name."""
    assert _borrowed(_sources(path, "code")) == []


def test_a_module_that_nobody_imported_is_borrowed():
    """The check above would notice."""
    assert _borrowed(["import osint", "osint.open_case; osint.serve.demo"]) == ["osint.serve"]
    assert _borrowed(["osint.open_case"]) == ["osint"]


def _borrowed(sources):
    """Return what cells use of osint that is neither public nor imported by them."""
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    imported = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    used = [
        ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "osint"
    ]
    known = imported | {f"osint.{name}" for name in osint.__all__}
    needed = used if "osint" in imported or not used else ["osint"]
    return [name for name in needed if name not in known]


def _notebook(*sources):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])


def _first_cell(path):
    return _sources(path, "code")[0]


def _sources(path, kind=None):
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if kind in (None, cell.cell_type)]


HOSTILE = {
    "script": "<script>steal()</script>",
    "handler": '<img src="data:image/png;base64,AA==" onerror="steal()">',
    "style sheet": "<style>td { background: url(https://spy.example/) }</style>",
    "inline vector picture": "<svg><script>steal()</script></svg>",
    "picture from elsewhere": '<img src="https://spy.example/pixel.png">',
    "link that runs": '<a href="javascript:steal()">look</a>',
    "frame": '<iframe srcdoc="&lt;script&gt;steal()&lt;/script&gt;"></iframe>',
    "loading style": '<p style="background:url(https://spy.example/)">text</p>',
    "form": '<form action="https://spy.example/"><input></form>',
    "upper case": "<SCRIPT>steal()</SCRIPT>",
}


@pytest.mark.parametrize("markup", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_markup_in_an_output_is_a_fault(markup):
    """The check above would notice."""
    assert markup_faults(f"<table><tr><td>{markup}</td></tr></table>")


OUTPUTS = {
    "no plain text": {"text/html": "<p>only here</p>"},
    "widget": {"text/plain": "HBox()", "application/vnd.jupyter.widget-view+json": "{}"},
    "vector picture that an untrusted notebook drops": {"text/plain": "Picture", "image/svg+xml": "<svg/>"},
    "right-to-left override": {"text/plain": "photo_\u202egpj.exe"},
}


@pytest.mark.parametrize("data", OUTPUTS.values(), ids=OUTPUTS.keys())
def test_a_result_that_is_lost_or_deceives_is_a_fault(data):
    """The check above would notice."""
    output = nbformat.v4.new_output("display_data", data)
    assert faults(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])]))


def test_a_failed_cell_is_a_fault():
    """The check above would notice."""
    output = nbformat.v4.new_output("error", ename="ValueError", evalue="", traceback=[])
    assert faults(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])]))


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('192.0.2.1', 443), 1)",
        "socket.getaddrinfo('social.example', 443)",
        "socket.socket().connect_ex(('192.0.2.1', 443))",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 53))",
    ],
)
def test_the_kernel_cannot_leave_this_machine(attempt):
    """The notebooks run with a guard in the kernel's process, which pytest-socket does not reach."""
    environment = os.environ | {"PYTHONPATH": str(OFFLINE)}
    command = [sys.executable, "-c", f"import socket; {attempt}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert "OutsideConnectionError" in done.stderr
