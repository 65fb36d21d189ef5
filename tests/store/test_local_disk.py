"""A live case on a network share is refused, on each desktop, and one on a local disk is not."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

import psutil
import pytest

from osint.errors import CaseError
from osint.store.local_disk import Mount, check_local, mounts, share_under


def mount(point: str, kind: str, options: str = "rw") -> Mount:
    return Mount(point, kind, frozenset(options.split(",")))


DISK = mount("/", "ext4", "rw,local")
LINUX = [
    mount("/proc", "proc"), mount("/", "ext4"), mount("/home", "btrfs"), mount("/tmp", "tmpfs"),
    mount("/home/officer/share", "nfs4"), mount("/home/officer/share/usb", "exfat"), mount("/mnt/office", "cifs"),
    mount("/mnt/office2", "ext4"), mount("/home/officer/far", "fuse.sshfs"), mount("/run/user/0/gvfs", "fuse.gvfsd-fuse"),
    mount("/mnt/c", "9p"), mount("/media/sf_cases", "vboxsf"), mount("/mnt/hgfs", "fuse.vmhgfs-fuse"),
    mount("/mnt/host", "fuse.virtiofs"), mount("/srv/locked", "fuse.gocryptfs"), mount("/media/ntfs", "fuseblk"),
    mount("/auto/share", "autofs"), mount("/auto/share", "nfs"), mount("/was/share", "nfs"), mount("/was/share", "xfs"),
]  # fmt: skip
MACOS = [
    mount("/", "apfs", "ro,local,rootfs"), mount("/dev", "devfs", "rw,local"),
    mount("/System/Volumes/Data", "apfs", "rw,local"), mount("/Volumes/Stick", "exfat", "rw,local"),
    mount("/Volumes/Office", "smbfs", "rw,nosuid"), mount("/Volumes/Old", "afpfs", "rw"),
    mount("/Volumes/Web", "webdav", "rw"), mount("/Volumes/Far", "macfuse", "rw,nosuid"),
    mount("/Volumes/Odd", "nfs", "rw,local"),
]  # fmt: skip
WINDOWS = [
    mount("C:\\", "NTFS", "rw,fixed"), mount("D:\\", "exFAT", "rw,removable"), mount("Z:\\", "NTFS", "rw,remote"),
    mount("Y:\\", "", "remote"), mount("C:\\mounted\\disk\\", "NTFS", "rw,fixed"),
]  # fmt: skip


@pytest.mark.parametrize(
    "path",
    ["/case", "/home/officer/case", "/tmp/case", "/home/officer/share/usb/case", "/mnt/office2/case", "/srv/locked/c",
     "/media/ntfs/case", "/home/officer/shared", "/was/share/case", "/Home/officer/share", "/home/officer/Share/case"],
)  # fmt: skip
def test_local_disks_of_linux_are_fine(path):
    """
    The longest mount point decides, whole names are compared, and what was mounted last at a place counts.
    """
    assert not share_under(PurePosixPath(path), LINUX, "linux")


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/home/officer/share", "nfs4"), ("/home/officer/share/a/b", "nfs4"), ("/mnt/office/case", "cifs"),
     ("/home/officer/far/case", "fuse.sshfs"), ("/run/user/0/gvfs/smb-share/case", "fuse.gvfsd-fuse"),
     ("/auto/share/case", "nfs")],
)  # fmt: skip
def test_network_shares_of_linux_are_found(path, kind):
    """
    Kind and mount point are named.
    """
    assert share_under(PurePosixPath(path), LINUX, "linux").startswith(f"a network share ({kind}, mounted at /")


@pytest.mark.parametrize("path", ["/mnt/c/case", "/media/sf_cases/case", "/mnt/hgfs/case", "/mnt/host/case"])
def test_folders_that_a_virtual_machine_shares_with_its_host_are_found(path):
    """
    Host and guest do not see each other's locks.
    """
    assert "shares with its host" in share_under(PurePosixPath(path), LINUX, "linux")


def test_the_longest_mount_point_decides_in_any_order():
    """
    A list that names a folder's own disk before the disk above it is read alike.
    """
    for mounted in (LINUX[:6], LINUX[5::-1]):
        assert not share_under(PurePosixPath("/home/officer/share/usb/case"), mounted, "linux")
        assert share_under(PurePosixPath("/home/officer/share/case"), mounted, "linux")


@pytest.mark.parametrize("kind", ["9p", "virtiofs", "overlay", "tmpfs", "ext4"])
def test_the_root_of_a_container_is_its_own(kind):
    """
    Some containers get their whole disk over 9p or virtiofs, and share it with nobody.
    """
    assert not share_under(PurePosixPath("/case"), [mount("/", kind)], "linux")


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "NFS", "cifs", "smb3", "ceph", "glusterfs", "lustre"])
def test_a_root_on_the_network_is_still_a_share(kind):
    """
    A workstation without a disk of its own has no place for a live case.
    """
    assert share_under(PurePosixPath("/case"), [mount("/", kind)], "linux")


@pytest.mark.parametrize("path", ["/Users/officer/case", "/Volumes/Stick/case", "/System/Volumes/Data/case"])
def test_local_disks_of_macos_are_fine(path):
    """
    What macOS calls local is local.
    """
    assert not share_under(PurePosixPath(path), MACOS, "darwin")


@pytest.mark.parametrize(
    "path",
    ["/Volumes/Office/case", "/volumes/OFFICE/case", "/Volumes/Old/c", "/Volumes/Web/c", "/Volumes/Far/c", "/Volumes/Odd/c"],
)  # fmt: skip
def test_network_shares_of_macos_are_found(path):
    """
    By their kind, or because macOS does not call them local; capitals make no difference.
    """
    assert "a network share" in share_under(PurePosixPath(path), MACOS, "darwin")


@pytest.mark.parametrize(
    "path",
    ["C:\\Users\\officer\\case", "c:\\case", "D:\\case", "\\\\?\\C:\\very\\long\\case", "C:\\mounted\\disk\\case",
     "\\\\?\\Volume{343e9a8f-c1de-11e4-b98f-806e6f6e6963}\\case"],
)  # fmt: skip
def test_local_disks_of_windows_are_fine(path):
    """
    Fixed and removable drives, also in the long spelling.
    """
    assert not share_under(PureWindowsPath(path), WINDOWS, "win32")


@pytest.mark.parametrize(
    "path",
    ["Z:\\case", "z:\\deep\\case", "Y:\\case", "\\\\server\\share\\case", "//server/share/case", "\\\\?\\Z:\\case",
     "\\\\?\\UNC\\server\\share\\case", "\\\\?\\unc\\server\\share\\case", "\\\\wsl.localhost\\Debian\\home\\case"],
)  # fmt: skip
def test_network_shares_of_windows_are_found(path):
    """
    Drives that Windows calls remote, and paths that name a server.
    """
    assert "network share" in share_under(PureWindowsPath(path), WINDOWS, "win32")


def test_a_share_is_refused_with_the_way_to_work_together(tmp_path):
    """
    The message says where the folder lies, what it means, and what to do instead.
    """
    with pytest.raises(CaseError) as refused:
        check_local(tmp_path / "case", lambda: [DISK, mount(str(tmp_path.resolve()), "cifs")])

    assert "lies on a network share (cifs, mounted at " in str(refused.value)
    assert "Nothing was opened or written" in str(refused.value)
    assert "osint merge" in str(refused.value)


def test_a_folder_that_is_not_there_yet_is_judged_by_those_above_it(tmp_path):
    """
    The check comes before the folder is made, and makes nothing.
    """
    with pytest.raises(CaseError):
        check_local(tmp_path / "a" / "b", lambda: [mount(str(tmp_path.resolve()), "nfs")])
    check_local(tmp_path / "a" / "b", lambda: [mount(str(tmp_path.resolve()), "ext4", "rw,local")])

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("target_exists", [True, False])
def test_a_link_onto_a_share_is_followed(tmp_path, target_exists):
    """
    A link on the local disk does not hide the share, also when the folder it leads to is not made yet.
    """
    share = tmp_path / "share"
    share.mkdir()
    if target_exists:
        (share / "case").mkdir()
    (tmp_path / "case").symlink_to(share / "case")

    with pytest.raises(CaseError, match="network share"):
        check_local(tmp_path / "case", lambda: [DISK, mount(str(share.resolve()), "nfs")])


def test_a_link_that_leads_off_a_share_is_followed(tmp_path):
    """
    What counts is where the files will be.
    """
    share, disk = tmp_path / "share", tmp_path / "disk"
    share.mkdir()
    disk.mkdir()
    (share / "case").symlink_to(disk)

    check_local(share / "case", lambda: [DISK, mount(str(share.resolve()), "nfs")])


def test_a_relative_folder_is_judged_by_where_it_is(tmp_path, monkeypatch):
    """
    ``case`` below a share is on the share.
    """
    monkeypatch.chdir(tmp_path)

    with pytest.raises(CaseError, match="case cannot hold a live case"):
        check_local("case", lambda: [mount(str(tmp_path.resolve()), "smb3")])


def test_links_in_a_circle_are_no_share(tmp_path):
    """
    Whoever makes the folder says that it cannot be made; the check neither raises nor goes round for ever.
    """
    (tmp_path / "a").symlink_to(tmp_path / "a")

    assert check_local(tmp_path / "a" / "case", lambda: [DISK]) is None


def test_a_system_that_does_not_say_is_an_error(tmp_path, monkeypatch):
    """
    Nothing is guessed where the list of disks cannot be read.
    """

    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(psutil, "disk_partitions", refuse)

    with pytest.raises(CaseError, match="does not say which disks"):
        check_local(tmp_path)


def test_the_disks_of_this_machine_are_read(tmp_path, monkeypatch):
    """
    Also those that are no device, since shares are none; the folder of the tests is local.
    """
    asked = []
    disk_partitions = psutil.disk_partitions
    monkeypatch.setattr(psutil, "disk_partitions", lambda **given: asked.append(given) or disk_partitions(**given))
    found = mounts()
    check_local(tmp_path)

    assert asked[0] == {"all": True}
    assert any(Path(tmp_path).resolve().is_relative_to(each.point) for each in found)
    assert all("," not in option for each in found for option in each.options)
