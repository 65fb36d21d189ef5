"""Checks a handed-over case with Python 3.8 or later, openssl 3 or later, and nothing else. Use a copy that you trust.

    python3 -I verify_case.py FOLDER [--kept-head FILE] [--root FILE]

FOLDER: the package. --kept-head: a head that was kept elsewhere, a checkpoint or its three lines. --root: PEM of what
time stamps must lead to, the authority's own certificate or a root above it. A finding names its step, as
LEDGER_FORMAT.md numbers them, and the entry. Exit code: 0 verified, 1 not verified, 2 wrong usage, 3 nothing wrong was
found, but signatures were NOT CHECKED for want of openssl.

Left out: the inside of the evidence (9), tables and report (12), policy, revocation and age of a stamping authority and
the texts of renewals (13), signatures of witnesses (14), clocks set back, what bagit.txt and bag-info.txt say, members
of entries that nothing here goes by.
"""

# ruff: noqa - kept short to be printed, and for old Pythons too
# mypy: ignore-errors
# fmt: off
import argparse, base64, datetime, functools, hashlib, json, os, re, stat, subprocess, sys, tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unicodedata import is_normalized, normalize

MOST, ROLES, LISTS = 2**53 - 1, ["actor", "custodian", "log"], ["manifest-sha256.txt", "tagmanifest-sha256.txt"]
TYPE, SIGNED, NOBODY = b"application/vnd.osint.custody-entry+json", b'{"keyid":"%s","sig":"%s"}', [b"", "", 0, -1]
TOKEN = b"sk-ssh-ed25519@openssh.com"
DISCLOSED = re.compile(rb'\s*{\s*"disclosure"\s*:\s*"([\w-]+)"\s*,\s*"seq"\s*:\s*(\d{1,15})\s*}\s*')
JSON = json.JSONDecoder(  # what is doubled, clipped or out of order here is spelt in another way afterwards
    object_pairs_hook=lambda pairs: dict(sorted(pairs, key=lambda pair: pair[0].encode("utf-16-be"))),
    parse_int=lambda text: max(-MOST, min(MOST, int(text[:20]))), parse_float=int, parse_constant=int)

def sha256(*parts): return hashlib.sha256(b"".join(parts)).digest()
def base64_of(data): return base64.b64encode(data).decode()
def ssh(*strings): return b"".join(len(each).to_bytes(4, "big") + each for each in strings)

def lines(path):
    with path.open("rb") as stream:  # a line of more than 1 MiB is cut, which makes it fail
        yield from iter(lambda: stream.readline((1 << 20) + 1), b"")

def is_openssl(path):  # not one that lies in the present folder, and not one that is something else by that name
    if not path.is_absolute() or not path.is_file() or not os.access(path, os.X_OK): return False
    return re.match(b"OpenSSL [3-9]", subprocess.run([str(path), "version"], capture_output=True).stdout)

PROGRAMS = [Path(place, name) for place in os.get_exec_path() for name in ("openssl", "openssl.exe")]
OPENSSL = next(filter(is_openssl, PROGRAMS), None)

def openssl(command, **files):
    """Run openssl in a folder of its own with these files; return whether it succeeded, and what it said."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items(): Path(folder, name).write_bytes(data)
        command = [str(OPENSSL), *command.split()]
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode == 0, done.stdout.decode("utf-8", "replace")

def raw_of(algorithm, public):  # the 32 bytes of an Ed25519 key: as they are, or as SSH spells it, or a FIDO token
    return public if algorithm != "sshsig" else public[34:66] if public.startswith(ssh(TOKEN)) else public[19:]

def holds(algorithm, public, signature, message):
    """Have openssl check an Ed25519 signature. Inside an SSHSIG, the key signed something around the message."""
    raw = raw_of(algorithm, public)
    if algorithm == "sshsig":  # PROTOCOL.sshsig; for a token, whose tail says that someone touched it, PROTOCOL.u2f
        token, form = public.startswith(ssh(TOKEN)), ssh(b"osint-custody-entry", b"", b"sha512")
        kind, made, tail = b"ssh-ed25519", signature[-64:], b"\1"
        if token: kind, made, tail = TOKEN, signature[-69:-5], signature[-5:]
        again = b"SSHSIG\0\0\0\1" + ssh(public) + form + ssh(ssh(kind, made) + tail * token)
        if signature != again or not tail[0] & 1: return False
        signed = b"SSHSIG" + form + ssh(hashlib.sha512(message).digest())
        signature, message = made, sha256(public[70:]) + tail + sha256(signed) if token else signed
    key = b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA%s\n-----END PUBLIC KEY-----\n" % base64.b64encode(raw)
    command = "pkeyutl -verify -rawin -pubin -inkey key -in message -sigfile signature"
    return len(raw) == 32 and openssl(command, key=key, message=message, signature=signature)[0]

def read_line(line):
    """Return what an entry says, what is signed, the signatures, and whether line and payload have the one spelling."""
    body, signed = base64.b64decode(line.split(b'"')[3]), re.findall(SIGNED % (b"([0-9a-f]{64})", b'([^"]*)'), line)
    signed = [(keyid.decode(), base64.b64decode(signature)) for keyid, signature in signed]
    again = b",".join(SIGNED % (keyid.encode(), base64.b64encode(signature)) for keyid, signature in signed)
    again = b'{"payload":"%s","payloadType":"%s","signatures":[%s]}\n' % (base64.b64encode(body), TYPE, again)
    facts, message = JSON.decode(body.decode()), b"DSSEv1 %d %s %d %s" % (len(TYPE), TYPE, len(body), body)
    canonical = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode() == body
    return facts, message, signed, line == again, canonical and is_normalized("NFC", body.decode())

class Case:
    """A package, what its lines have said so far, what is wrong with it, and which signatures are to be checked."""

    def __init__(self):
        self.files, self.wrong, self.jobs, self.leaves, self.names, self.keys, self.times = {}, [], [], [], [], {}, {}
        self.recorded, self.newest, self.committed, self.exhibits, self.gone = {}, None, Counter(), [], {}
        self.held, self.size, self.root = {}, 0, functools.lru_cache(None)(self.root_of)

    def must(self, good, step, entry, what):
        if not good: self.wrong.append((step, entry, what))

    def same(self, step, said, there, what):
        for each in {*said} ^ {*there}: self.must(False, step, said.get(each, -1), f"{what}: {each!a:.200}")

    def attempt(self, step, entry, name, look, *given):
        try: return look(*given)
        except Exception as error: self.must(False, step, entry, f"{name} cannot be read: {error!a:.300}")

    def named(self, pattern): return sorted(name for name in self.files if re.fullmatch(pattern, name))
    def read(self, name): return self.files[name][0].read_bytes()

    def root_of(self, first, end):  # RFC 9162, 2.1.1
        half = first + (1 << (end - first - 1).bit_length() - 1) if end - first > 1 else end
        return sha256(b"\1", self.root(first, half), self.root(half, end)) if half < end else self.leaves[first]

    def verify(self, folder, kept_head, trusted):
        self.survey(folder)
        for name in self.named(r"(checkpoint|renewal)-\d{4,}\.\d+\.tsr") if OPENSSL else ():
            self.attempt(13, -1, name, self.stamp, name, trusted)
        for n, line in enumerate(lines(self.files["ledger.jsonl"][0])):
            leaf = sha256(b"\0", line[:-1] if line.endswith(b"\n") else line)
            self.attempt(1, n, "it", self.entry, n, line, leaf.hex())
            self.leaves.append(leaf)
        self.must(self.leaves, 2, -1, "the ledger holds no entry at all")
        for name in sorted(self.named(r"checkpoint-\d{4,}\.txt"), key=lambda name: int(name[11:-4])):
            self.attempt(7, -1, name, self.head, 7, name, self.read(name), self.size)
        if kept_head is not None:
            self.attempt(10, -1, "the kept head", self.head, 10, "the head kept elsewhere", kept_head)
        self.rest()

    def survey(self, folder):
        """(11) Nothing leads out of the package, and its lists name what is there."""
        found = {}
        for path in sorted(folder.rglob("*")):
            name, mode = normalize("NFC", path.relative_to(folder).as_posix()), path.lstat().st_mode
            plain = stat.S_ISREG(mode) and name not in found or stat.S_ISDIR(mode) and name.count("/") < 32
            if not plain: raise ValueError(f"{name:.99} is a link, no plain file, too deep down, or there twice")
            if stat.S_ISREG(mode): found[name] = path, sha256(path.read_bytes()).hex()
        place, lists = ("data/", LISTS) if "bagit.txt" in found else ("", LISTS[:1])
        spelt = {name: name.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D") for name in found}
        there = [f"{found[name][1]}  {spelt[name]}\n" for name in {*found} - {lists[-1]}]
        there = [line.encode("utf-8", "surrogatepass") for line in there]
        listed = [line for name in lists if name in found for line in lines(found[name][0])]
        self.same(11, dict.fromkeys(listed, -1), there, "the lists of hashes do not fit what is there")
        self.must(len(listed) == len({*listed}), 11, -1, "the lists of hashes name something twice")
        self.files = {name[len(place):]: file for name, file in found.items() if name.startswith(place)}

    def stamp(self, name, trusted):
        """(13) A time stamp is one; with something to trust, it holds at its own time."""
        parts = {"reply": name, "request": name[:-3] + "tsq", "chain": name[:-3] + "pem"}
        parts = {part: self.read(each) for part, each in {**parts, "document": name.split(".")[0] + ".txt"}.items()}
        said = openssl("ts -reply -text -in reply", **parts)[1]
        said = re.findall(r"Time stamp: (\w+ +\d+ [\d:]+)\S* (\d+) GMT", said)[-1]  # words of no weight come before
        time = datetime.datetime.strptime(" ".join(said) + " +0000", "%b %d %H:%M:%S %Y %z")
        command = f"ts -verify -in reply -CAfile root -partial_chain -untrusted chain -attime {time.timestamp():.0f} -"
        if trusted is None: return
        asked = [openssl(command + each, root=trusted, **parts) for each in ("data document", "queryfile request")]
        self.must(asked[0][0] and asked[1][0], 13, -1, f"{name} does not hold under --root")
        size = int(parts["document"].split(b"\n")[2 if name.startswith("renewal") else 1])
        ends = [(time + datetime.timedelta(minutes=each)).isoformat()[:19] + ".000Z" for each in (-5, 5)]
        self.times[self.files[name][1]] = size, *ends

    def learn(self, n, action, item, signers):
        """(5) Who may sign what goes by position, never by a clock. Whoever is introduced signs that, too."""
        (keyid, role), new = (item["key"], item["role"]), "public" in item and action != "key.revoke"
        good = keyid in signers or action == "key.revoke" or role == "log" and action != "key.rotate"
        if new:
            public = base64.b64decode(item["public"])
            powers = {held == "log" for each, held in self.keys if each == keyid}  # no key signs both entries and heads
            vouched = any(self.keys.get((each, "custodian"), [0, 0, n])[2] < n for each in signers)
            good = good and sha256(public).hex() == keyid and powers <= {role == "log"}
            good = good and (vouched or item["basis"] != "recovered")
            self.keys.setdefault((keyid, role), [public, item.get("algorithm", "ed25519"), n, MOST])
        key = self.keys.get((keyid, role), NOBODY)
        good = good and (key[3] == MOST or action == "key.revoke" and key[3] > 0)
        self.must(good, 5, n, f"it introduces, replaces or ends the key {keyid!a:.18} without right")
        if not new and action in ("key.rotate", "key.revoke"): key[3] = min(n, key[3])

    def entry(self, n, line, leaf):
        """(1-6, 13) What an entry says fits the lines before it, and who signed it may."""
        facts, message, signed, plain, canonical = read_line(line)
        self.must(plain, 1, n, "it is no signed envelope in the one spelling, or its end was cut")
        self.must(canonical, 4, n, "its payload is not in canonical form")
        action, items, results, signers = facts["action"], facts["object"], facts["result"], {*dict(signed)}
        done, persons = facts["outcome"] == "done", set()
        if action == "restore" and self.names and facts["ledger"] != self.names[-1][1]:  # it goes on under a new name
            head = {"entries": n, "kind": "checkpoint", "root": base64_of(self.root(0, n))}
            self.must(items[:1] == [head], 2, n, "it declares a restore to another head than the lines before it have")
            self.names.append((n, facts["ledger"]))
        self.names = self.names or [(0, facts["ledger"])]
        stated = [facts["v"], facts["_sd_alg"], facts["ledger"]]
        self.must(stated == [1, "sha-256", self.names[-1][1]], 2, n, "it is of another ledger or version")
        self.must(str(facts["seq"]) == str(n), 2, n, "it has another number: a line is missing, moved or doubled")
        previous = self.leaves[-1].hex() if self.leaves else "0" * 64
        self.must(facts["prev"] == previous, 3, n, "it continues another line than the one before it")
        for item in items if action in ("open", "key.add", "key.rotate", "key.revoke") else ():
            self.learn(n, action, item, signers)
        self.must(facts["performer"]["key"] in signers, 5, n, "the person it names did not sign it")
        for keyid, signature in signed:
            known = [self.keys.get((keyid, role)) for role in (ROLES if action == "key.rotate" else ROLES[:2])]
            public, algorithm, first, last = next(filter(None, known), NOBODY)
            self.must(first <= n <= last, 5, n, f"it is signed with {keyid:.16}, which may not sign here")
            self.jobs.append((5, n, f"the signature of {keyid:.16}", algorithm, public, signature, message))
            persons.add(raw_of(algorithm, public))  # one key in two spellings is one person
        self.committed.update((n, digest) for digest in facts["_sd"])
        if action in ("redact", "purge", "unhold") and done:
            self.must(len(persons) > 1, 5, n, "it erases something or lifts a hold, and two persons did not sign it")
        exhibits = {item["exhibit"] for item in items if "exhibit" in item and action in ("purge", "hold")}
        if action in ("redact", "purge") and done:
            for held in self.held.values():
                self.must(held and not held & exhibits, 6, n, "it erases what a legal hold covers")
            self.gone.update((each, n) for each in {item["digest"] for item in items if "digest" in item} | exhibits)
        if action == "hold" and done: self.held[leaf] = exhibits
        for each in facts["refs"] if action == "unhold" and done and len(persons) > 1 else (): self.held.pop(each, None)
        self.exhibits += [(n, item["exhibit"], item["sha256"], item["size"]) for item in results if "exhibit" in item]
        low = self.times.get(self.newest, (0, "", ""))[1]
        high = min((latest for size, _, latest in self.times.values() if size > n), default="~")
        self.must(facts.get("after") == self.newest, 13, n, "it does not name the newest time stamp before it")
        self.must(low <= facts["end_time"] <= high, 13, n, "it was dated back or forward: the time stamps say so")
        for item in results if action == "anchor" and done else ():
            self.recorded[item["sha256"]] = n
            self.newest = item["sha256"] if item["kind"] == "token" else self.newest

    def head(self, step, label, note, before=0):
        """(7, 10) A head is one of these lines, later than the one before it, and signed by the log."""
        note = note.decode()
        text, gap, tail = note.partition("\n\n")
        size, signed = int(text.split("\n")[1]), re.findall(r"— ([^\s+\0-\x1f]+) (\S+)\n", tail)
        signed = [(name, base64.b64decode(each)) for name, each in signed]
        signed = [(name, each) for name, each in signed if len(each) > 4]  # four bytes that name the key, then more
        for (_, name), (until, _) in zip(self.names, self.names[1:]) if step == 10 else ():
            if text.startswith(f"{name}\n") and size > until: return  # of a course that a declared restore gave up
        origin = ([name for first, name in self.names if first < size] or [""])[-1]
        root = base64_of(self.root(0, size)) if 0 < size <= len(self.leaves) else "none"
        again = f"{origin}\n{size}\n{root}{gap}" + "".join(f"— {name} {base64_of(each)}\n" for name, each in signed)
        self.must(note == again and size > before, step, -1, f"{label} fits no head of these {len(self.leaves)} lines")
        logs = [key[0] for (_, role), key in self.keys.items() if role == "log" and key[2] < size <= key[3]]
        marks = {sha256(f"{origin}\n\1".encode(), key)[:4]: key for key in logs}
        ours = [(marks[each[:4]], each[4:]) for name, each in signed if name == origin and each[:4] in marks]
        self.must(ours or not gap and step == 10, step, -1, f"{label} is not signed by the log")
        for key, each in ours:
            self.jobs.append((step, -1, f"the signature under {label}", "ed25519", key, each, f"{text}\n".encode()))
        self.size = size if step == 7 else self.size

    def rest(self):
        """(6, 8, 13, 14) What entries name is there, what they say is gone is not, and there is nothing else."""
        paths = [self.files[name][0] for name in self.named("disclosures.jsonl")]
        found = [DISCLOSED.fullmatch(line) for path in paths for line in lines(path)]
        held = [(int(each[2]), base64.urlsafe_b64encode(sha256(each[1])).decode()[:43]) for each in found if each]
        places = [n for n, _ in held]
        self.must(all(found) and places == sorted(places), 6, -1, "a disclosure is damaged or out of its place")
        for n, _ in Counter(held) - self.committed: self.must(False, 6, n, "a disclosure fits no digest of the entry")
        for digest in {digest for _, digest in held} & {*self.gone}:
            self.must(False, 6, self.gone[digest], "it says that a private value was erased, and it is still there")
        for number, (n, exhibit, _, _) in enumerate(self.exhibits, 1):
            self.must(exhibit == f"E{number:04d}", 8, n, f"E{number:04d} is due here: an exhibit is missing or doubled")
        said = {(f"evidence/{digest[:2]}/{digest}.warc.gz", digest, size): n
                for n, exhibit, digest, size in self.exhibits if exhibit not in self.gone}
        there = self.named(r"evidence/(?!(.*/)?\.incoming/).*")
        there = [(name, self.files[name][1], self.files[name][0].stat().st_size) for name in there]
        self.same(8, said, there, "evidence is missing, was changed, put in, or is there though it was purged")
        there = {self.files[name][1] for name in self.named(r"(checkpoint|renewal)-\d{4,}\.\d+\.(tsr|tsq|pem)")}
        for name in self.named(r"checkpoint-\d{4,}\.cosigned\.txt"):
            note, more = self.read(name.replace(".cosigned", "")), self.read(name)
            self.must(more.startswith(note) and more.endswith(b"\n"), 14, -1, f"{name} is not the checkpoint beside it")
            there |= {sha256(line).hex() for line in more[len(note):-1].split(b"\n")}
        self.same(13, self.recorded, there, "a time stamp or a cosignature was taken out, put in or exchanged")

def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("folder", "--kept-head", "--root"): parser.add_argument(name, type=Path)
    given, case = parser.parse_args(arguments), Case()
    try: kept, root = (each and each.read_bytes() for each in (given.kept_head, given.root))
    except OSError as error: parser.error(str(error))
    if kept is not None:  # signed, or from paper
        kept = kept.replace(b"\r\n", b"\n")
        kept = kept if "\n— ".encode() in kept else kept.strip()
    case.attempt(0, -1, "the package", case.verify, given.folder, kept, root)
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each signature is a process of its own
        done = pool.map(lambda job: holds(*job[3:]), case.jobs if OPENSSL else [])
        for (step, entry, what, *_), good in zip(case.jobs, done): case.must(good, step, entry, f"{what} does not fit")
    unchecked = [] if OPENSSL else [(step, entry, f"{what} NOT CHECKED") for step, entry, what, *_ in case.jobs]
    for step, entry, what in sorted(case.wrong) + unchecked:
        print(f"step {step}, entry {entry}: {what}" if entry >= 0 else f"step {step}: {what}")
    for (keyid, role), key in case.keys.items(): print(f"{role!a} key since entry {key[2]}: {keyid!a}")
    print(f"{len(case.leaves)} entries, {case.size} of them under a checkpoint; {len(case.exhibits)} exhibits")
    print("No head kept elsewhere was compared. " * (kept is None) + "No time stamp was verified." * (root is None))
    code = 1 if case.wrong else 3 if unchecked else 0
    print({0: "Verified", 1: "NOT VERIFIED", 3: "Nothing wrong was found; signatures NOT CHECKED"}[code])
    return code

if __name__ == "__main__":
    sys.exit(main())
