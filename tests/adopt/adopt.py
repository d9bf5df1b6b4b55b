# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What tools/adopt runs in a root of Debian: gets the sources, builds each program as it is and in two variants,
# visits servers with all three, and writes build-adopt/adopting.md.
#
#	adopt.py [--verbose] [PROGRAM...]
#	adopt.py --into DOCUMENT TABLE      writes the table in place of the one in a document
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

WORK = "/var/cache/tlsfo-adopt"
PREFIX = WORK + "/prefix"
TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = TOP + "/build-adopt"
CERTS = BUILD + "/certs"
CA = CERTS + "/ca.pem"
VARIANTS = ("as it was", "two lines", "tlsfo")
# Where this release's source is not to be had, a later one's is taken.
RELEASES = ("bookworm", "trixie")
TIMEOUT_S = 2
RUNS = 3

# What leads to the changed programs' library; the originals do not need it and so do not load it.
FLAGS = {
    "CPPFLAGS": "-I%s/include" % PREFIX,
    "CFLAGS": "-O2",
    "LDFLAGS": "-Wl,--as-needed -L%s/lib -Wl,-rpath,%s/lib -ltlsfo" % (PREFIX, PREFIX),
    "LIBS": "-ltlsfo -lgnutls",
}


class Program:
    """How a program is built, which server it visits, and its command line for a host and a time limit."""

    name = source = script = binary = server = port = record = None
    configure = ""
    make = ("make -s",)
    input = None
    starttls = None
    has_timeout = True

    def command(self, binary, host, timeout):
        raise NotImplementedError


class Msmtp(Program):
    name, source, script, binary = "msmtp", "msmtp", "msmtp.py", "src/msmtp"
    configure = "--with-tls=gnutls --disable-nls --without-libgsasl --without-libsecret"
    make = ("make -s -C src",)
    server, port, record = "postfix", 465, 400
    input = "Subject: a mail\r\n\r\nText.\r\n"

    def command(self, binary, host, timeout, port=465):
        return [binary, "-C", "/dev/null", "--host=" + host, "--port=%d" % port, "--tls=on",
                "--tls-starttls=" + ("on" if port == 25 else "off"), "--tls-trust-file=" + CA,
                "--from=a@client.test"] + (["--timeout=%d" % timeout] if timeout else []) + ["b@server.test"]

    def starttls(self, binary):
        return 25, self.command(binary, "server4.test", None, 25), self.input


class Wget(Program):
    name, source, script, binary = "wget", "wget", "wget.py", "src/wget"
    configure = ("--with-ssl=gnutls --disable-nls --without-metalink --disable-pcre --disable-pcre2 --without-libpsl"
                 " --without-libuuid --without-zlib")
    make = ("make -s -C lib", "make -s -C src")
    server, port, record = "nginx", 443, 4096

    def command(self, binary, host, timeout):
        return [binary, "--no-config", "--no-hsts", "--tries=1", "--ca-certificate=" + CA, "-O", "-"] + (
            ["--connect-timeout=%d" % timeout] if timeout else []) + ["https://%s/" % host]


class Kdig(Program):
    name, source, script, binary = "kdig", "knot", "kdig.py", "src/kdig"
    configure = ("--disable-daemon --disable-modules --disable-documentation --disable-xdp --with-libidn=no"
                 " --disable-fastparser --with-libnghttp2=no")
    make = ("make -s -C src kdig",)
    server, port, record = "unbound", 853, 400

    def command(self, binary, host, timeout):
        return [binary, "@" + host, "-p", "853", "+tls-ca=" + CA, "+tls-hostname=" + host, "+retry=0",
                "+timeout=%d" % (timeout or 5), "long.test", "TXT"]


class GnutlsCli(Program):
    name, source, script, binary = "gnutls-cli", "gnutls28", "gnutls_cli.py", "src/gnutls-cli"
    configure = ("--disable-doc --disable-cxx --disable-tests --disable-nls --disable-guile"
                 " --without-tpm2 --without-tpm --disable-libdane --without-brotli --without-zstd --disable-hardware-acceleration")
    # Only the command, with the system's library.
    make = ("make -s -C gl", "make -s -C src/gl",
            "make -s -C src gnutls-cli gnutls_cli_DEPENDENCIES=libcmd-cli.la gnutls_cli_LDADD='"
            "libcmd-cli.la ../gl/libgnu.la gl/libgnu_gpl.la -ltlsfo -lgnutls -lm'")
    server, port, record = "nginx", 443, 4096
    input = "GET / HTTP/1.0\r\n\r\n"
    has_timeout = False

    def command(self, binary, host, timeout):
        return [binary, "--x509cafile", CA, "--port", "443", host]

    def starttls(self, binary):
        return 25, [binary, "--x509cafile", CA, "--port", "25", "--starttls-proto=smtp", "server4.test"], "QUIT\r\n"


class Chronyd(Program):
    name, source, script, binary = "chronyd", "chrony", "chrony.py", "chronyd"
    configure = "--disable-readline --disable-refclock --disable-phc --without-seccomp --without-libcap"
    make = ("make -s chronyd",)
    server, port, record = "chronyd", 4460, 400

    def command(self, binary, host, timeout):
        return [binary, "-Q", "-t", "7", "server %s nts iburst" % host, "ntstrustedcerts " + CA, "nosystemcert",
                "cmdport 0", "pidfile /run/adopt-chronyd.pid"]


PROGRAMS = (Msmtp, Wget, Kdig, GnutlsCli, Chronyd)


# -------------------------------------------------------------------------------------------- sources and builds


def run(command, cwd=WORK, env=None):
    """Runs a shell's command; what it says is shown when it fails."""
    done = subprocess.run(command, shell=True, cwd=cwd, env=dict(os.environ, **(env or {})),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        print("%s\n%s: exit status %d" % (done.stdout[-6000:], command, done.returncode), file=sys.stderr)
    return done.returncode == 0


def apt(release):
    """apt-get with package sources of our own, made of the root's, that have sources of a release."""
    private = "%s/apt-%s" % (WORK, release)
    options = ("-o Dir::Etc::sourcelist=%s/sources.list -o Dir::Etc::sourceparts=- -o Dir::State::lists=%s/lists"
               " -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache= -o APT::Sandbox::User=root" % (private, private))
    if not os.path.isdir(private):
        os.makedirs(private + "/lists/partial")
        with open("/etc/apt/sources.list", encoding="utf-8") as file:
            lines = re.findall(r"^deb (.*) bookworm (.*)$", file.read(), re.M)
        with open(private + "/sources.list", "w", encoding="utf-8") as file:
            file.writelines("deb-src %s %s %s\n" % (where, release, parts) for where, parts in lines)
        run("apt-get -q %s update" % options)
    return "apt-get -q %s" % options


def get(program, directory):
    """Unpacks the program's source as @directory."""
    for release in RELEASES:
        scratch = tempfile.mkdtemp(dir=WORK)
        command = apt(release)
        if run("%s source %s >said 2>&1 || { tail -n 3 said; exit 1; }" % (command, program.source), cwd=scratch):
            found = [one for one in os.listdir(scratch) if os.path.isdir(os.path.join(scratch, one))]
            versions = [one for one in os.listdir(scratch) if one.endswith(".dsc")]
            shutil.move(os.path.join(scratch, found[0]), directory)
            with open(directory + ".version", "w", encoding="utf-8") as file:
                file.write(versions[0][len(program.source) + 1:-len(".dsc")] + "\n")
            shutil.rmtree(scratch)
            return True
        shutil.rmtree(scratch)
    return False


def build(program, variant, directory):
    """Builds one variant, from the original's tree where that is built. Returns its directory."""
    marker = directory + "/.tlsfo-adopt-built"
    original = "%s/%s" % (WORK, program.name)
    if variant == VARIANTS[0]:
        if os.path.exists(marker):
            return True
        shutil.rmtree(directory, ignore_errors=True)
        if not get(program, directory):
            return False
        # Kept as it came, for the size of the changes.
        run("rm -rf %s.source && cp -a %s %s.source" % (directory, directory, directory))
        configured = run("./configure %s" % program.configure, cwd=directory, env=FLAGS)
        if not configured or not all(run(one, cwd=directory) for one in program.make):
            return False
    else:
        shutil.rmtree(directory, ignore_errors=True)
        if not run("cp -a %s %s" % (original, directory)) or not run(
                "python3 -B %s/tests/adopt/%s '%s' %s >%s/.tlsfo-adopt-changed" % (
                    TOP, program.script, variant, directory, directory)):
            return False
        if not all(run(one, cwd=directory) for one in program.make):
            return False
    with open(marker, "w", encoding="utf-8"):
        return True


def size_of_change(program, directory):
    """Lines that came and lines that went, in the files that the editing script changed."""
    came = went = 0
    with open(directory + "/.tlsfo-adopt-changed", encoding="utf-8") as file:
        for name in sorted(set(file.read().split())):
            before = "%s/%s.source/%s" % (WORK, program.name, name)
            said = subprocess.run(["diff", "-u", before, directory + "/" + name], stdout=subprocess.PIPE,
                                  text=True, errors="replace", check=False).stdout
            came += len(re.findall(r"^\+(?!\+\+ )", said, re.M))
            went += len(re.findall(r"^-(?!-- )", said, re.M))
    return "+%d −%d" % (came, went)


# ---------------------------------------------------------------------------------------------------- visits


class Visit:
    """What adopt-visits tells of one visit, and what the client said."""

    def __init__(self, line, directory):
        words = line.split("\t")
        self.status = None if words[1] == "-" else int(words[1])
        self.seconds = int(words[2]) / 1000
        self.trips = None if words[3] == "-" else float(words[3])
        self.acknowledged = words[5] == "1"
        self.text = ""
        for name in ("out", "err"):
            with open("%s/%s.%s" % (directory, name, words[0]), encoding="utf-8", errors="replace") as file:
                self.text += file.read()

    def words(self):
        """The text without what differs from one run to the next: times and the process's number."""
        text = re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\dZ?", "TIME", self.text)
        return sorted(one.strip() for one in text.splitlines() if one.strip() and "chronyd version" not in one)


def visits(program, command, *options, server=None, port=None, data=None):
    """Visits in a lab of their own. Returns a list of them, which is short when something failed."""
    scratch = tempfile.mkdtemp(prefix="tlsfo-adopt-")
    data = program.input if data is None else data
    words = [BUILD + "/tests/adopt/adopt-visits", scratch, *options]
    if data is not None:
        with open(scratch + "/input", "w", encoding="utf-8", newline="") as file:
            file.write(data)
        words += ["--input", scratch + "/input"]
    port = port or program.port
    words += ["--port", str(port), "--record", str(program.record), "--"]
    if server is not False:
        words += ["unshare", "--mount", "sh", TOP + "/tests/adopt/serve.sh", server or program.server,
                  scratch + "/server", CERTS, "%s/chronyd/chronyd" % WORK]
    environment = dict(os.environ, TLSFO_STORE=scratch + "/store", HOME=scratch)
    done = subprocess.run(words + ["--", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, errors="replace", cwd=scratch, env=environment, check=False)
    if done.returncode == 77:
        sys.exit(done.stderr)
    if done.returncode != 0:
        print(done.stderr[-2000:], file=sys.stderr)
    result = [Visit(line, scratch) for line in done.stdout.splitlines()]
    if "--verbose" in sys.argv:
        for number, one in enumerate(result):
            print("    %s %s %d: %s, %.2f s, %s round trips\n%s" % (
                program.name, " ".join(options), number + 1, one.status, one.seconds, one.trips, one.text[-1500:]))
    shutil.rmtree(scratch, ignore_errors=True)
    return result


def trips(one):
    if one is None or one.status != 0 or one.trips is None:
        return "-" if one is None or one.status is not None else "hangs"
    return "%.1f" % one.trips


def nth(list_of_visits, number):
    return list_of_visits[number - 1] if len(list_of_visits) >= number else None


def compared(one, original):
    """How a failed visit ended beside the same of the original program."""
    if one is None:
        return "-"
    if one.status is None:
        return "hangs"
    if original is None or original is one:
        return "%d" % one.status
    same_text = one.words() == original.words()
    if one.status == original.status and same_text:
        return "as before"
    return "%d%s" % (one.status, "" if same_text else ", other text")


def seconds(one, wanted=None):
    if one is None:
        return "-"
    if one.status is None:
        return "hangs"
    return "%.1f s%s" % (one.seconds, "" if wanted is None or one.status == wanted else ", exit %d" % one.status)


def spoken(one):
    """gnutls-cli has another exit status when the server closes after QUIT."""
    if one is None:
        return "-"
    if one.status is None:
        return "hangs"
    return "works" if one.status == 0 or "Handshake was completed" in one.text else "exit %d" % one.status


def median_trips(list_of_visits):
    good = [one.trips for one in list_of_visits if one is not None and one.status == 0 and one.trips is not None]
    return "%.1f" % statistics.median(good) if good and len(good) == len(list_of_visits) else "-"


def dead_address(program, binary):
    """A first address that nobody has, and one that dies after the first visit got its cookie."""
    dead = visits(program, program.command(binary, "dead4first.test", 4), "--visits", "2")
    died = visits(program, program.command(binary, "server.test", 4), "--visits", "2", "--box", "swallow-ipv6")
    return " / ".join(seconds(one, 0) for one in (nth(dead, 1), nth(dead, 2), nth(died, 2)))


def measure(program, binary, first):
    """The cells of one row. @first holds the original program's visits, or is filled with them."""
    original = not first
    cells = []

    def keep(name, one):
        if original:
            first[name] = one
        return first[name]

    def command(host, timeout=None):
        return program.command(binary, host, timeout)

    clean = [visits(program, command("server4.test"), "--visits", "2") for _ in range(RUNS)]
    cells.append(median_trips([nth(one, 1) for one in clean]) + " / " + median_trips([nth(one, 2) for one in clean]))

    cells.append(dead_address(program, binary))

    # The second visit knows a cookie, so its SYN has data; then there is one to a host without a cookie.
    stopped = nth(visits(program, command("server4.test"), "--visits", "2", "--stop-server"), 2)
    refused = nth(visits(program, command("server.test"), server=False), 1)
    verdicts = [compared(stopped, keep("stopped", stopped)), compared(refused, keep("refused", refused))]
    cells.append(verdicts[0] if verdicts[0] == verdicts[1] else " / ".join(verdicts))

    broken = visits(program, command("server4.test"), "--visits", "3", "--box", "drop-syn-data")
    cells.append(" / ".join(trips(nth(broken, number)) for number in (2, 3)))

    interrupted = nth(visits(program, command("dead.test"), "--interrupt", server=False), 1)
    cells.append("%s, exit %s" % (seconds(interrupted), "-" if not interrupted else interrupted.status))

    if program.has_timeout:
        late = nth(visits(program, command("dead.test", TIMEOUT_S), server=False), 1)
        verdict = compared(late, keep("late", late))
        cells.append("%s, %s" % (seconds(late), "exit " + verdict if original else verdict))
    else:
        cells.append("has none")

    if program.starttls is None:
        cells.append("has none")
    else:
        port, words, data = program.starttls(binary)
        both = visits(program, words, "--visits", "2", server="postfix", port=port, data=data)
        cells.append(" / ".join(spoken(nth(both, number)) for number in (1, 2)))
    return cells


# ----------------------------------------------------------------------------------------------------- table

HEAD = ("program", "variant", "change", "round trips, 1st / 2nd visit",
        "dead first address, 1st / 2nd visit / cookie known", "refused: exit, text", "broken path, 1st / next visit",
        "Ctrl-C", "connect timeout", "STARTTLS, 1st / 2nd visit")


def rows_of(program):
    first = {}
    version = "-"
    for variant in VARIANTS:
        suffix = "" if variant == VARIANTS[0] else "." + variant.replace(" ", "-")
        directory = "%s/%s%s" % (WORK, program.name, suffix)
        print("%s, %s" % (program.name, variant), flush=True)
        cells = ["-"] * (len(HEAD) - 2)
        if build(program, variant, directory):
            if os.path.exists(directory + ".version"):
                with open(directory + ".version", encoding="utf-8") as file:
                    version = file.read().strip()
            change = "" if variant == VARIANTS[0] else size_of_change(program, directory)
            cells = [change] + measure(program, directory + "/" + program.binary, first)
        yield [program.name + " " + version if variant == VARIANTS[0] else "", variant, *cells]


def write_into(document, table):
    with open(document, encoding="utf-8") as file:
        text = file.read()
    with open(table, encoding="utf-8") as file:
        rows = file.read()
    begin = text.index("| program |")
    end = re.compile(r"^(?!\|)", re.M).search(text, begin).start()
    with open(document, "w", encoding="utf-8") as file:
        file.write(text[:begin] + rows + text[end:])


def main(arguments):
    if arguments[:1] == ["--into"]:
        write_into(*arguments[1:])
        return
    names = [one for one in arguments if one != "--verbose"]
    chosen = [one() for one in PROGRAMS if not names or one.name in names]
    os.makedirs(WORK, exist_ok=True)
    setup = "--reconfigure" if os.path.exists(BUILD + "/meson-private/coredata.dat") else ""
    options = "--prefix=%s --libdir=lib -Dtests=enabled -Dman=disabled -Dcommand=enabled" % PREFIX
    if not run("meson setup %s %s %s" % (setup, BUILD, options), cwd=TOP) or not run(
            "ninja -C %s && meson install -C %s" % (BUILD, BUILD), cwd=TOP):
        sys.exit(1)
    # Its server is visited by others' builds of the same.
    if any(one.name == "chronyd" for one in chosen):
        build(Chronyd(), VARIANTS[0], WORK + "/chronyd")
    with open(BUILD + "/adopting.md", "w", encoding="utf-8") as file:
        file.write("| %s |\n|%s\n" % (" | ".join(HEAD), " --- |" * len(HEAD)))
        for program in chosen:
            for row in rows_of(program):
                line = "| %s |" % " | ".join(row)
                print(line, flush=True)
                file.write(line + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
