"""What we hand out, installed: the wheel in an environment of its own, and the bundle where there is no network.

``make test-wheel`` runs the slow half; the rest says without installing that lock, script and wheel say what they must.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "locks"))

import install  # noqa: E402
import lock  # noqa: E402
import wheelhouse  # noqa: E402
import without_network  # noqa: E402

HERE = {"python": "3.11", "system": "Linux", "machine": "x86_64"}
LOCK = """\
apsw==3.54.1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:ab
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:cc
networkx==3.6.1 ; python_full_version < '3.12' \\
    --hash=sha256:dd
networkx==3.7 ; python_full_version >= '3.12' \\
    --hash=sha256:ee
"""


@pytest.mark.parametrize(
    ("desktop", "python", "pins"),
    [
        ("linux", "3.11", ["apsw==3.54.1.0", "networkx==3.6.1"]),
        ("windows", "3.11", ["apsw==3.54.1.0", "colorama==0.4.6", "networkx==3.6.1"]),
        ("mac", "3.13", ["apsw==3.54.1.0", "networkx==3.7"]),
    ],
)
def test_conditions_are_judged_for_the_machine_of_the_bundle(desktop, python, pins):
    """
    pip would judge by the machine that packs: a bundle for Windows made on Linux would lack what only Windows needs.
    """
    held = wheelhouse.requirements(LOCK, wheelhouse.DESKTOPS[desktop], python)

    assert re.findall(r"^(\S+==\S+) \\$", held, re.MULTILINE) == pins
    assert held.count("--hash=") == len(pins) + 1
    assert ";" not in held


def test_what_the_bundle_holds_is_not_packed_with_the_further_extras():
    """
    Their lock is made for all desktops at once, and names what one of them has already.
    """
    desktop = wheelhouse.DESKTOPS["linux"]
    held = wheelhouse.requirements(LOCK, desktop, "3.11")
    more = LOCK + "typst==0.15.2 \\\n    --hash=sha256:ff\n"

    assert wheelhouse.requirements(more, desktop, "3.11", beside=held) == "typst==0.15.2 \\\n    --hash=sha256:ff\n"


@pytest.mark.parametrize(("name", "least"), [("bundle", 100), ("further", 5)])
def test_the_lock_of_a_bundle_is_read_whole(name, least):
    """
    A line of the lock that the pattern does not know would be a package that is missing on site.
    """
    text = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")

    assert len(wheelhouse._PIN.findall(text)) == len(re.findall(r"^\S+==", text, re.MULTILINE)) > least


def test_the_bundle_holds_the_core_and_its_extras_in_the_versions_of_the_core():
    """
    What was tested is what is handed out.
    """
    pin = re.compile(r"^(\S+)==(\S+)(?: ; (.+?))? \\$", re.MULTILINE)
    core, dev, bundle, further = (
        set(pin.findall((ROOT / "locks" / f"{name}.txt").read_text("utf-8")))
        for name in ("core", "dev", "bundle", "further")
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    build_only = {"hatchling", "editables", "pluggy", "trove-classifiers", "pathspec", "tomlkit"}
    held = {(name, version) for name, version, _ in bundle}
    more = {(name, version) for name, version, _ in further}

    assert {(name, version) for name, version, _ in core if name not in build_only} <= held
    assert held | more <= {(name, version) for name, version, _ in dev} | {("pi-heif", dict(more)["pi-heif"])}
    assert {*lock.BUNDLED, *lock.FURTHER, "browser", "c2pa", "graph"} == project["optional-dependencies"].keys()


UNFIT = {
    "another system": ("3.11.2", "Darwin", "x86_64", "is for Linux on x86_64, and this is Darwin"),
    "another processor": ("3.11.2", "Linux", "aarch64", "this is Linux on aarch64"),
    "another Python": ("3.12.1", "Linux", "x86_64", "this is Python 3.12.1"),
    "a Python that begins alike": ("3.1.1", "Linux", "x86_64", "this is Python 3.1.1"),
}


@pytest.mark.parametrize(("python", "system", "machine", "said"), UNFIT.values(), ids=UNFIT.keys())
def test_a_bundle_for_another_machine_says_so(python, system, machine, said):
    """
    Before anything is made.
    """
    assert said in install.unfit(HERE, python, system, machine)
    assert install.unfit(HERE, "3.11.9", "Linux", "x86_64") == ""


def test_two_bundles_of_the_same_files_are_the_same_bytes(tmp_path):
    """
    So that their SHA-256 can be compared over another way.
    """
    made = []
    for stamp in (1, 2):
        folder = tmp_path / str(stamp)
        (folder / "wheels").mkdir(parents=True)
        for name in ("b.txt", "wheels/a.whl"):
            (folder / name).write_bytes(b"x")
            os.utime(folder / name, (stamp, stamp))
        made.append(wheelhouse._zip(folder, tmp_path / f"{stamp}.zip", "bundle").read_bytes())

    assert made[0] == made[1]


# -- make test-wheel ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    """The bundle for this machine, unpacked."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    found = sorted((ROOT / "dist").glob(f"osint-*-linux-x86_64-python{version}.zip"))
    if not found:
        pytest.skip("no bundle for this machine: make wheelhouse")
    folder = tmp_path_factory.mktemp("bundle")
    zipfile.ZipFile(found[-1]).extractall(folder)
    return folder / found[-1].stem


@pytest.fixture(scope="module")
def installed(bundle, tmp_path_factory) -> Path:
    """An environment that the bundle was installed into, with no network, by the Python below that of the tests."""
    folder = tmp_path_factory.mktemp("installed") / "environment"
    base = Path(sys.base_prefix) / "bin" / "python3"
    subprocess.run(without_network.command(str(base), str(bundle / "install.py"), str(folder)), check=True)
    return folder


def lonely(home: Path) -> dict[str, str]:
    """An environment of nobody: no setting of whoever runs the tests is in it."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "JUPYTER_RUNTIME_DIR": str(home / "run")}


@pytest.mark.wheel
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs network namespaces")
def test_from_the_bundle_to_a_demo_result_without_a_network(installed, tmp_path):
    """
    The case verifies, and the notices of others came along.
    """
    osint = str(installed / "bin" / "osint")
    demo = subprocess.run(
        without_network.command(osint, "demo", str(tmp_path / "demo"), "--json"),
        env=lonely(tmp_path), capture_output=True, text=True, check=True,
    )  # fmt: skip
    doctor = subprocess.run(
        without_network.command(osint, "doctor", str(tmp_path), "--json"),
        env=lonely(tmp_path), capture_output=True, text=True, check=True,
    )  # fmt: skip
    states = {each["name"]: each for each in json.loads(doctor.stdout)["checks"]}

    assert json.loads(demo.stdout)["posts"] > 60
    assert (tmp_path / "demo" / "report.html").is_file()
    assert states["network"]["found"] == "off: only loopback is up"
    assert states["Jupyter"]["state"] == "ok"
    assert list(installed.rglob("osint-*.dist-info/licenses/docs/third-party.md"))
    notices = {each.name for each in installed.rglob("osint-*.dist-info/licenses/**/LICENSE*")}
    assert notices == {"LICENSE", *(each.name for each in (ROOT / "osint").rglob("LICENSE*"))}


@pytest.mark.wheel
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs network namespaces")
def test_the_further_extras_are_installed_where_they_were_unpacked(bundle, tmp_path):
    """
    The second ZIP file goes over the folder of the first; the report is a PDF then.
    """
    folder = Path(shutil.copytree(bundle, tmp_path / bundle.name))
    zipfile.ZipFile(ROOT / "dist" / f"{bundle.name}-further.zip").extractall(tmp_path)
    base = str(Path(sys.base_prefix) / "bin" / "python3")
    subprocess.run(without_network.command(base, str(folder / "install.py"), str(tmp_path / "environment")), check=True)
    told = "import osint.report.typeset, typst, rapidfuzz, pi_heif, pkcs11, brotli, py3langid"
    subprocess.run([str(tmp_path / "environment" / "bin" / "python"), "-c", told], env=lonely(tmp_path), check=True)


@pytest.mark.wheel
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs network namespaces")
def test_a_wheel_that_was_exchanged_is_not_installed(bundle, tmp_path):
    """
    The hash in the lock decides, of our own wheel too.
    """
    copy = Path(shutil.copytree(bundle, tmp_path / "bundle"))
    (wheel,) = copy.glob("wheels/osint-*.whl")
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("osint/more.py", "")
    base = str(Path(sys.base_prefix) / "bin" / "python3")
    done = subprocess.run(
        without_network.command(base, str(copy / "install.py"), str(tmp_path / "environment")),
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode != 0
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr
    assert not list(tmp_path.glob("environment/lib/*/site-packages/osint"))


@pytest.fixture
def plain_lab(installed) -> Iterator[tuple[str, Path]]:
    """The address of a JupyterLab that was started as ``jupyter lab``, and the folder of its connection files.

    A folder with a short name: the path of a Unix socket holds about a hundred characters.
    """
    tmp_path = Path(tempfile.mkdtemp(prefix="lab"))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--ServerApp.port={port}", "--IdentityProvider.token=token"]
    lab = subprocess.Popen(
        [installed / "bin" / "jupyter", "lab", *options, f"--ServerApp.root_dir={tmp_path}"],
        env=lonely(tmp_path), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            asked(f"{address}/api")
            break
        except OSError:
            time.sleep(0.2)
    yield address, tmp_path / "run"
    lab.terminate()
    lab.wait()
    shutil.rmtree(tmp_path, ignore_errors=True)


def asked(address: str, data: bytes | None = None) -> str:
    request = urllib.request.Request(address, data=data, headers={"Authorization": "token token"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read().decode()


@pytest.mark.wheel
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs network namespaces")
def test_a_plain_jupyter_lab_asks_for_no_news_and_its_kernels_speak_no_tcp(plain_lab):
    """
    Nothing but the installed wheel says so.
    """
    address, run = plain_lab
    page = re.search(r'<script id="jupyter-config-data"[^>]*>(.*?)</script>', asked(f"{address}/lab"), re.DOTALL)
    told = json.loads(page[1])
    kernel = json.loads(asked(f"{address}/api/kernels", b'{"name": "python3"}'))["id"]
    connection = json.loads((run / f"kernel-{kernel}.json").read_text(encoding="utf-8"))

    assert told["news"] == {"disabled": True}
    assert "@jupyterlab/apputils-extension:announcements" in told["disabledExtensions"]
    assert told["extensionManager"]["name"] == "read-only"
    assert connection["transport"] == "ipc"
