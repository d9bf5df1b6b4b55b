# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the editing scripts of this directory share: changes to sources that nobody here wrote, by the names of
# functions and places. A place that is not there, or not once, is an error that names file and pattern.
import os
import re
import sys

# What a variant of a program has instead of connect(2) followed by gnutls_transport_set_int().
TWO_LINES, TLSFO = "two lines", "tlsfo"

# The two lines themselves: the kernel defers connect(2) to the first write.
FASTOPEN_CONNECT = """
	setsockopt(%(fd)s, IPPROTO_TCP, 30 /* TCP_FASTOPEN_CONNECT */, &(int){1}, sizeof(int));
	setsockopt(%(fd)s, IPPROTO_TCP, 1 /* TCP_NODELAY */, &(int){1}, sizeof(int));
"""

# For programs that block: what stands in for the loop over addresses. The store is the path memory, in the program's
# own place for what it keeps between runs.
CONNECT_SESSION = """
/* Returns the connected socket, or -1 with errno. */
static int connect_session(gnutls_session_t session, const struct addrinfo *addresses, const char *host,
	int64_t deadline, tlsfo_socket_hook_fn hook, void *hook_data)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;
	struct tlsfo_opening *opening = NULL;
	struct tlsfo_store *store = NULL;
	int fd = -1;
	int ret = tlsfo_opening_new(session, &opening);

	/* A server that leaves Nagle's algorithm on holds its answer until its tickets are acknowledged. */
	gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH, tlsfo_transport_hook);
	if (ret == 0)
		ret = tlsfo_opening_add_list(opening, addresses);
	if (ret == 0 && getenv("TLSFO_STORE") && tlsfo_store_open(getenv("TLSFO_STORE"), NULL, 0, &store) == 0)
		ret = tlsfo_opening_set_store(opening, store, host);
	if (ret == 0)
		ret = tlsfo_opening_set_socket_hook(opening, hook, hook_data);
	if (ret == 0)
		ret = tlsfo_opening_set_deadline(opening, deadline);
	if (ret == 0)
		ret = tlsfo_opening_run(opening, &fd);
	tlsfo_opening_free(opening);
	tlsfo_store_free(store);
	if (ret == 0)
		return fd;
	errno = ret == GNUTLS_E_TIMEDOUT ? ETIMEDOUT : EINVAL;
	if (tlsfo_transport_get_report(session, &report) == 0 && report.system_error != 0)
		errno = report.system_error;
	return -1;
}
"""


class Source:
    """One file of a program, which is written when its changes are complete."""

    def __init__(self, path):
        self.path = path
        with open(path, encoding="utf-8") as file:
            self.text = file.read()

    def fail(self, why, pattern):
        sys.exit("%s: %s: %s\nThe program has changed since the editing script was written: look at both."
                 % (self.path, why, pattern))

    def span(self, pattern, within):
        """Where the only match of a pattern is, in the whole text or in the body of one function."""
        begin, end = (0, len(self.text)) if within is None else self.body(within)
        found = list(re.compile(pattern, re.M | re.S).finditer(self.text, begin, end))
        if len(found) != 1:
            self.fail("found %d times and not once" % len(found), pattern)
        return found[0]

    def body(self, function):
        """A function's definition begins with its name, behind a type or none, and ends with a brace in column 1."""
        found = re.search(r"^(?:[A-Za-z_][\w *]*[\s*])?%s\s*\([^;{]*\)\s*\{.*?^\}" % function, self.text, re.M | re.S)
        if found is None:
            self.fail("no such function", function)
        return found.span()

    def replace(self, pattern, text, within=None):
        found = self.span(pattern, within)
        self.text = self.text[:found.start()] + found.expand(text) + self.text[found.end():]

    def before(self, pattern, text, within=None):
        at = self.span(pattern, within).start()
        self.text = self.text[:at] + text + self.text[at:]

    def after(self, pattern, text, within=None):
        at = self.span(pattern, within).end()
        self.text = self.text[:at] + text + self.text[at:]

    def before_function(self, function, text):
        begin = self.body(function)[0]
        self.text = self.text[:begin] + text.lstrip("\n") + "\n" + self.text[begin:]

    def include(self, *headers):
        """Behind the last #include that is not inside a condition of its own."""
        found = list(re.finditer(r"^#include .*$", self.text, re.M))
        if not found:
            self.fail("found 0 times", "#include")
        last = found[-1].end()
        self.text = self.text[:last] + "".join("\n#include <%s>" % one for one in headers) + self.text[last:]

    def write(self):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(self.text)


def main(two_lines, tlsfo):
    """Runs one of two functions, which are handed a way to open a program's files. Prints which they changed."""
    if len(sys.argv) != 3 or sys.argv[1] not in (TWO_LINES, TLSFO):
        sys.exit("usage: %s '%s'|'%s' DIRECTORY" % (sys.argv[0], TWO_LINES, TLSFO))
    sources = []

    def source(name):
        sources.append(Source(os.path.join(sys.argv[2], name)))
        return sources[-1]

    (two_lines if sys.argv[1] == TWO_LINES else tlsfo)(source)
    for one in sources:
        one.write()
        print(os.path.relpath(one.path, sys.argv[2]))
