"""Checks a handed-over case with Python 3.8, openssl 3 and nothing else. Use a copy that you trust:
    python3 -I verify_case.py FOLDER [--kept-head FILE] [--root FILE]
A head kept elsewhere: a checkpoint or its three lines. A root: PEM, the authority's own certificate or one above it.
Findings name step (LEDGER_FORMAT.md) and entry. Exit code 0 verified, 1 not, 2 wrong usage, 3 signatures NOT CHECKED,
for want of openssl. Left out: inside, size of evidence, redacted ranges, tables, policy, revocation, age of stamps,
renewals' texts, without --root all but hashes, witnesses, order, doubles of disclosures, clocks, unused members."""
import calendar, collections, concurrent.futures, functools, hashlib, json, os, pathlib, re, shutil, subprocess, sys
import tempfile, time, unicodedata; from base64 import b64decode, b64encode, urlsafe_b64encode
TYPE, MOST, NO_KEY = "application/vnd.osint.custody-entry+json", 2**53 - 1, [None, 2**53, -1]
ENDS, TWO, DER = ("key.rotate", "key.revoke"), ("redact", "purge", "unhold"), bytes.fromhex("302a300506032b6570032100")
KEY = re.compile(rb"(?s)(|\0\0\0\x0bssh-ed25519\0\0\0 |(\0\0\0\x1ask-ssh-ed25519@openssh\.com\0\0\0 ))"
                 rb"(.{32})(?(2)\0\0\0.(.*))")  # 32 bytes of Ed25519: bare, in SSH, or in a FIDO token, with its use
JSON = json.JSONDecoder(object_pairs_hook=lambda pairs: dict(sorted(pairs, key=lambda one: one[0].encode("utf-16-be"))),
    parse_int=lambda text: max(-MOST, min(MOST, int(text[:20]))), parse_float=int, parse_constant=int)  # RFC 8785
STATE = wrong, jobs, tree, exhibits, files, said, there, things, last, roots, names, keys, holds, dates, free = (
    [], [], [], [], {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})
text64, sha256 = lambda data: b64encode(data).decode(), lambda *parts: hashlib.sha256(b"".join(parts)).digest()
def spelt(facts): return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
def ssh(*strings): return b"".join(len(each).to_bytes(4, "big") + each for each in strings)
def run(*command, **given): return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, **given)
def named(pattern): return sorted((name for name in files if re.fullmatch(pattern, name)), key=len)
must, FORM = lambda good, *finding: good or wrong.append(finding), ssh(b"osint-custody-entry", b"", b"sha512")
def attempt(step, n, look, *given):
    try: look(*given)
    except Exception as error: must(False, step, n, f"{look.__name__} {given[:1]!a:.99} cannot be read: {error!a:.300}")
def lines(path):  # one of more than 1 MiB is cut, which makes it fail
    with path.open("rb") as stream: yield from iter(lambda: stream.readline((1 << 20) + 1), b"")
FOUND = (shutil.which("openssl", path=place) or "" for place in os.get_exec_path())  # none from the present folder
OPENSSL = next((each for each in FOUND if os.path.isabs(each) and run(each, "version").stdout >= b"OpenSSL 3"), None)
def openssl(command, **parts):  # in a folder of its own with these files: whether it succeeded, and what it said
    with tempfile.TemporaryDirectory() as folder:
        for name, data in parts.items(): pathlib.Path(folder, name).write_bytes(data)
        done = run(OPENSSL, *command.split(), cwd=folder); return done.returncode == 0, done.stdout.decode("latin-1")
def fits(key, signature, message):  # Ed25519; SSH signs something around the message, a FIDO token around that
    made, tail = (signature[-69:-5], signature[-5:]) if key[2] else (signature[-64:], b""); again = made
    if key[1]:  # PROTOCOL.sshsig; for a token, whose tail says that someone touched it, PROTOCOL.u2f
        again = b"SSHSIG\0\0\0\1" + ssh(key.string) + FORM + ssh(key[1][:-4] + ssh(made) + tail)
        message = b"SSHSIG" + FORM + ssh(hashlib.sha512(message).digest())
        message = sha256(key[4]) + tail + sha256(message) if tail else message
    return signature == again and (not tail or tail[0] & 1) and openssl(
        "pkeyutl -verify -rawin -pubin -keyform DER -inkey k -in m -sigfile s", k=DER + key[3], m=message, s=made)[0]
def survey(folder):  # (11) nothing leads out of the package; what its lists name, once each, and what is there
    found = sorted(path for path in pathlib.Path(folder).rglob("*") if path.is_symlink() or not path.is_dir())
    if not all(path.is_file() and not path.is_symlink() for path in found): raise ValueError("a link, or no plain file")
    found = {re.sub("[%\r\n]", lambda char: f"%{ord(char[0]):02X}", path.relative_to(folder).as_posix()):
             (path, sha256(path.read_bytes()).hex()) for path in found}  # as RFC 8493 spells names
    place, tags = ("data/", "tagmanifest-sha256.txt") if "bagit.txt" in found else ("", "manifest-sha256.txt")
    listed = collections.Counter(line for name in {"manifest-sha256.txt", tags} for line in lines(found[name][0]))
    said.update(((11, *each), (-1, True)) for each in listed.items())
    there.update(((11, os.fsencode(f"{found[name][1]}  {name}\n"), 1), (-1, False)) for name in {*found} - {tags})
    files.update((name[len(place):], each) for name, each in found.items() if name.startswith(place))
def entry(n, line):  # (1-6, 13) what an entry says fits the lines before it, and who signed it may
    tree.append(sha256(b"\0", line.rstrip(b"\n"))); prev, last[0] = last.get(0, "0" * 64), tree[-1].hex()
    for _ in range((n + 1 & -n - 1).bit_length() - 1): tree[-2:] = [sha256(b"\1", *tree[-2:])]  # RFC 9162, 2.1.1
    roots[n + 1] = text64(functools.reduce(lambda b, a: sha256(b"\1", a, b), tree[::-1])); outer = json.loads(line)
    body, signed = b64decode(outer["payload"]), [(a["keyid"], b64decode(a["sig"])) for a in outer["signatures"]]
    facts = JSON.decode(unicodedata.normalize("NFC", body.decode())); signers = dict(signed)
    seals = [{"keyid": keyid, "sig": text64(signature)} for keyid, signature in signed]
    again = {"payload": text64(spelt(facts)), "payloadType": TYPE, "signatures": seals}
    must(spelt(again) + b"\n" == line, 1, n, "it is no signed envelope, or not in the one spelling")
    action, items, done = facts["action"], facts["object"], facts["outcome"] == "done" and facts["action"]
    if not names or action == "restore" and items[:1] == [{"entries": n, "kind": "checkpoint", "root": roots[n]}]:
        names.setdefault(facts["ledger"], n)
    due = {"v": 1, "_sd_alg": "sha-256", "ledger": [*names][-1], "seq": n, "prev": prev, "after": last.get("token")}
    for m, step in zip(due, (2, 2, 2, 2, 3, 13)): must(repr(facts.get(m)) == repr(due[m]), step, n, f"its {m} is wrong")
    for item in (each for each in items if action in ENDS or action in ("open", "key.add") and "public" in each):
        (keyid, role), new = (item["key"], item["role"]), "public" in item and action != "key.revoke"
        if new: keys.setdefault((keyid, role), [KEY.fullmatch(b64decode(item["public"])), n, MOST])
        key, powers = keys.get((keyid, role), NO_KEY), {held == "log" for each, held in keys if each == keyid}
        good = action == "key.revoke" or key[2] == MOST and (keyid in signers or role == "log" and action not in ENDS)
        good = good and key[0] and sha256(key[0].string).hex() == keyid and len(powers) == 1
        heads = (keys.get((each, "custodian"), NO_KEY) for each in signers)
        vouched = item.get("basis") != "recovered" or any(first < n <= until for _, first, until in heads)
        must(good and vouched, 5, n, f"it may not add or end {keyid!a:.18}"); key[2] = min(n + MOST * new, key[2])
    roles = ("actor", "custodian", "log")[:3 if action == "key.rotate" else 2]
    used = [next(filter(None, (keys.get((keyid, role)) for role in roles)), NO_KEY) for keyid, _ in signed]
    good = facts["performer"]["key"] in {*signers} & {keyid for keyid, role in keys if role != "log"}
    good = good and len({key and key[3] for key, *_ in used}) > (done in TWO)
    must(good and all(first <= n <= until for _, first, until in used), 5, n, "others have to sign it, or may not")
    named = {a[m] for a in items for m in ("digest", "exhibit")[done == "hold":2 - (done == "redact")] if m in a}
    must(done not in TWO[:2] or all(a and not a & named for a in holds.values()), 6, n, "it erases what a hold covers")
    said.update((things.get(a * (done != "redact"), (6, a)), (n, False)) for a in named if done in (*TWO[:2], "stop"))
    done == "hold" and holds.update({last[0]: named}); [holds.pop(a, None) for a in facts["refs"] if done == "unhold"]
    said.update(((6, n, digest), (n, None)) for digest in facts["_sd"])
    for digest, number, item in ((a.get("sha256"), a.get("exhibit"), a) for a in facts["result"]):
        if done == "anchor": said[13, digest], last[str(item["kind"])] = (n, True), digest
        if number: exhibits.append(number); must(number == f"E{len(exhibits):04d}", 8, n, "another exhibit is due")
        if number: said[things.setdefault(number, (8, f"evidence/{digest[:2]}/{digest}.warc.gz", digest))] = n, True
    free.update((a["exhibit"], (n, a["sha256"])) for a in items if (action, a.get("kind")) == ("export", "redacted"))
    must(facts["start_time"][23:] == facts["end_time"][23:] == "Z", 1, n, "its times are not in UTC")
    dates[n] = facts.get("after"), facts["end_time"]; body = f"DSSEv1 {len(TYPE)} {TYPE} {len(body)} ".encode() + body
    jobs.extend((5, n, f"the signature of {a!a:.18}", key, b, body) for (a, b), (key, *_) in zip(signed, used))
def head(name, step, note):  # (7, 10) a head is one of these lines, later than the one before it, and signed by the log
    origin, size, root = note.decode().split("\n")[:3]; size = int(size)
    if step == 10 and size > min([n for n in names.values() if n > names.get(origin, MOST)] or [size]): return  # lost
    origin = [each for each, n in names.items() if n < size][-1]; text = f"{origin}\n{size}\n{roots.get(size, root)}\n"
    signed = [(each, b64decode(seal)) for each, seal in re.findall(r"— (\S+) (\S+)\n", note.decode())]
    again = text + "\n" * bool(signed) + "".join(f"— {a} {text64(b)}\n" for a, b in signed if len(b) > 4)
    must(note.decode() == again and last.get(step, 0) < size in roots, step, -1, f"{name}, over {size}, fits no lines")
    marks = {sha256(f"{origin}\n\1".encode(), key.string)[:4]: key for (_, role), (key, first, until) in keys.items()
             if role == "log" and first < size <= until}
    ours = [(marks[seal[:4]], seal[4:]) for each, seal in signed if each == origin and seal[:4] in marks]
    must(ours or step == 10 and not signed, step, -1, f"{name} is not signed by the log"); last[step] = size
    jobs.extend((step, -1, f"the signature under {name}", *each, text.encode()) for each in ours)
def stamp(name, trusted):  # (13) a time stamp holds at its own time under what is trusted; entries are dated around it
    parts = {each: files[name[:-3] + each][0].read_bytes() for each in ("tsr", "tsq", "pem")}
    parts.update(root=trusted, note=files[name.split(".")[0] + ".txt"][0].read_bytes())
    told = re.findall(r"Time stamp: (\w+ +\d+ [\d:]+)\S* (\d+) GMT", openssl("ts -reply -text -in tsr", **parts)[1])
    seconds = calendar.timegm(time.strptime(" ".join(told[-1]), "%b %d %H:%M:%S %Y"))  # words of no weight come before
    command = f"ts -verify -in tsr -CAfile root -partial_chain -untrusted pem -attime {seconds} -"
    must(all(openssl(command + each, **parts)[0] for each in ("data note", "queryfile tsq")), 13, -1, f"{name} fails")
    size = last[13] = int(parts["note"].split(b"\n")[2 if name.startswith("renewal") else 1])
    low, high = (time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds + each)) for each in (-300, 300))
    for n, (after, date) in dates.items():
        must((date <= high or n >= size) and (low <= date or after != files[name][1]), 13, n, f"{name} denies its date")
def compare():  # (6, 8, 11, 13, 14) what is said to be there is, what is said to be gone is not, and nothing else is
    for line in (line for name in named("disclosures.jsonl") for line in lines(files[name][0])):
        form = re.fullmatch(rb'{"disclosure":"([\w-]+)","seq":([0-9]{1,15})}\n?', line) or {1: line, 2: -1}
        n, digest = int(form[2]), urlsafe_b64encode(sha256(form[1])).decode()[:43]
        there.update({(6, n, digest): (n, False), (6, digest): (n, None)})
    there.update(((8, name, files[name][1]), (-1, False)) for name in named("(evidence|redacted)/.*"))
    there.update(((13, files[a][1]), (-1, False)) for a in named(r"(checkpoint|renewal)-\d{4,}\.\d+\.(tsr|tsq|pem)"))
    there.update(((13, sha256(line[:-1]).hex()), (-1, False)) for name in named(r"checkpoint-\d{4,}\.cosigned\.txt")
                 for line in {*lines(files[name][0])} ^ {*lines(files[name.replace(".cosigned", "")][0])})
    for a, (n, digest) in free.items():  # what was withheld: the map that an entry names, and what that names, is there
        name, gone = f"redacted/{a}.json", said[things[a]][1] and things[a] not in there
        made = json.loads(files[name][0].read_bytes())["derivative"] if gone and name in files else {}
        stands = {(8, name, digest): (n, True), (8, f"redacted/{made.get('file')}", made.get("sha256")): (n, True)}
        if gone: said.update({**stands, things[a]: (n, None)}); print(a, "is withheld, see", name)
    for each, (n, due) in {**there, **said}.items():
        must(due in (None, each in there), each[0], n, f"it is {'not ' * bool(due)}there: {each[1:]!a:.200}")
def main(given):
    for each in STATE: each.clear()
    held = {a: pathlib.Path(b).read_bytes() for a, b in zip(given[1::2], given[2::2]) if os.path.isfile(b)}
    if len(given) != 1 + 2 * len(held) or given[0].startswith("-") or {*held} - {"--kept-head", "--root"}:
        print(__doc__, file=sys.stderr); return 2
    kept, trusted = held.get("--kept-head"), OPENSSL and held.get("--root"); attempt(0, -1, survey, given[0])
    for n, a in enumerate(b for a in named("ledger.jsonl") for b in lines(files[a][0])): attempt(1, n, entry, n, a)
    for name in named(r"checkpoint-\d{4,}\.txt"): attempt(7, -1, head, name, 7, files[name][0].read_bytes())
    if kept is not None: attempt(10, -1, head, "the kept head", 10, kept.replace(b"\r\n", b"\n").strip() + b"\n")
    for a in named(r"(checkpoint|renewal)-\d{4,}\.\d+\.tsr") if trusted else (): attempt(13, -1, stamp, a, trusted)
    attempt(0, -1, compare); must(roots, 2, -1, "the ledger holds no entry at all")
    good = concurrent.futures.ThreadPoolExecutor(os.cpu_count()).map(lambda a: OPENSSL and a[3] and fits(*a[3:]), jobs)
    bad = [(*job[:2], f"{job[2]} {'is false' if OPENSSL else 'NOT CHECKED'}") for job, a in zip(jobs, good) if not a]
    for step, n, what in sorted(wrong + bad): print(f"step {step}" + f", entry {n}" * (n >= 0) + f": {what}")
    for (keyid, role), (_, first, _) in keys.items(): print(f"{role!a} key since entry {first}: {keyid!a}")
    print(len(roots), "entries.", *["No head compared."][10 in last:], *["No time stamp proven."][13 in last:])
    code = 1 if wrong or OPENSSL and bad else 3 if bad else 0
    print(("Verified", "NOT VERIFIED", "", "Nothing wrong was found; signatures NOT CHECKED")[code]); return code
if __name__ == "__main__": sys.exit(main(sys.argv[1:]))
