/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "faults/inject.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <netdb.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define WATCHED_MAX 65536 /* pieces of memory */
#define FREED	    1	  /* where one was; what lies behind it is still found */

enum {
	CALL_MALLOC = 0,
	CALL_CALLOC,
	CALL_REALLOC,
	CALL_REALLOCARRAY,
	CALL_STRDUP,
	CALL_STRNDUP,
	CALL_SOCKET,
	CALL_CONNECT,
	CALL_BIND,
	CALL_SENDMSG,
	CALL_SEND,
	CALL_SENDTO,
	CALL_RECV,
	CALL_RECVFROM,
	CALL_RECVMSG,
	CALL_READ,
	CALL_WRITE,
	CALL_POLL,
	CALL_EPOLL_CREATE1,
	CALL_EPOLL_CTL,
	CALL_FCNTL,
	CALL_IOCTL,
	CALL_SETSOCKOPT,
	CALL_GETSOCKOPT,
	CALL_GETSOCKNAME,
	CALL_GETPEERNAME,
	CALL_OPEN,
	CALL_OPENAT,
	CALL_FOPEN,
	CALL_CLOSE,
	CALL_FSTAT,
	CALL_FSTATAT,
	CALL_MKDIR,
	CALL_MKDIRAT,
	CALL_RENAME,
	CALL_RENAMEAT,
	CALL_LINKAT,
	CALL_UNLINKAT,
	CALL_FLOCK,
	CALL_FDOPENDIR,
	CALL_READDIR,
	CALL_GETENTROPY,
	CALL_MMAP,
	CALL_MADVISE,
	CALL_PTHREAD_CREATE,
	CALL_PTHREAD_MUTEX_INIT,
	CALL_GETADDRINFO,
	CALL_IF_INDEXTONAME,
	CALL_FCHMOD,
	CALL_MKOSTEMP,
	CALL_OPEN_MEMSTREAM,
	CALL_END
};

const struct inject_function inject_functions[] = {
	[CALL_MALLOC] = {"malloc", {ENOMEM}, true},
	[CALL_CALLOC] = {"calloc", {ENOMEM}, true},
	[CALL_REALLOC] = {"realloc", {ENOMEM}, true},
	[CALL_REALLOCARRAY] = {"reallocarray", {ENOMEM}, true},
	[CALL_STRDUP] = {"strdup", {ENOMEM}, true},
	[CALL_STRNDUP] = {"strndup", {ENOMEM}, true},
	[CALL_SOCKET] = {"socket", {EMFILE, EACCES, ENOBUFS, EAFNOSUPPORT, ENFILE}},
	[CALL_CONNECT] = {"connect",
		{ECONNREFUSED, EADDRNOTAVAIL, ENETUNREACH, EHOSTUNREACH, EPERM, ETIMEDOUT}},
	[CALL_BIND] = {"bind", {EADDRINUSE, EADDRNOTAVAIL, EACCES}},
	[CALL_SENDMSG] = {"sendmsg",
		{EINTR, EAGAIN, ECONNRESET, EPIPE, ENOBUFS, EHOSTUNREACH, EPERM, EOPNOTSUPP}},
	[CALL_SEND] = {"send", {EINTR, EAGAIN, ECONNRESET, EPIPE, ENOBUFS, EHOSTUNREACH, EPERM}},
	[CALL_SENDTO] = {"sendto",
		{EINTR, EAGAIN, ECONNRESET, EPIPE, ENOBUFS, EHOSTUNREACH, EPERM, EOPNOTSUPP}},
	[CALL_RECV] = {"recv", {EINTR, EAGAIN, ECONNRESET, ETIMEDOUT, ENOMEM, EHOSTUNREACH}},
	[CALL_RECVFROM] = {"recvfrom", {EINTR, EAGAIN, ECONNRESET, ECONNREFUSED, ENOMEM}},
	[CALL_RECVMSG] = {"recvmsg", {EINTR, EAGAIN, ECONNRESET, ENOMEM}},
	[CALL_READ] = {"read", {EINTR, EIO, EISDIR}},
	[CALL_WRITE] = {"write", {EINTR, ENOSPC, EIO, EDQUOT}},
	[CALL_POLL] = {"poll", {EINTR, ENOMEM}},
	[CALL_EPOLL_CREATE1] = {"epoll_create1", {EMFILE, ENOMEM, ENFILE}},
	[CALL_EPOLL_CTL] = {"epoll_ctl", {ENOMEM, ENOSPC}},
	[CALL_FCNTL] = {"fcntl", {EMFILE, EPERM}},
	[CALL_IOCTL] = {"ioctl", {ENOTTY}},
	[CALL_SETSOCKOPT] = {"setsockopt", {ENOPROTOOPT, ENOMEM, EPERM}},
	[CALL_GETSOCKOPT] = {"getsockopt", {ENOPROTOOPT, ENOBUFS}},
	[CALL_GETSOCKNAME] = {"getsockname", {ENOBUFS}},
	[CALL_GETPEERNAME] = {"getpeername", {ENOTCONN, ENOBUFS}},
	[CALL_OPEN] = {"open", {EMFILE, ENFILE, EACCES, ENOMEM, EIO, ENOSPC}},
	[CALL_OPENAT] = {"openat", {EMFILE, ENFILE, EACCES, ENOMEM, EIO, ENOSPC, ELOOP}},
	[CALL_FOPEN] = {"fopen", {EMFILE, ENOMEM, EACCES}},
	[CALL_CLOSE] = {"close", {EIO, EINTR, ENOSPC}},
	[CALL_FSTAT] = {"fstat", {EIO, EOVERFLOW}},
	[CALL_FSTATAT] = {"fstatat", {EIO, ENOENT, EACCES}},
	[CALL_MKDIR] = {"mkdir", {ENOSPC, EACCES, EROFS, EDQUOT}},
	[CALL_MKDIRAT] = {"mkdirat", {ENOSPC, EACCES, EROFS, EDQUOT}},
	[CALL_RENAME] = {"rename", {ENOSPC, EACCES, EIO}},
	[CALL_RENAMEAT] = {"renameat", {ENOSPC, EACCES, EIO, EROFS}},
	[CALL_LINKAT] = {"linkat", {EPERM, ENOSPC, EMLINK, EIO, EOPNOTSUPP}},
	[CALL_UNLINKAT] = {"unlinkat", {EIO, EACCES, EROFS, EBUSY}},
	[CALL_FLOCK] = {"flock", {EWOULDBLOCK, ENOLCK, EINTR}},
	[CALL_FDOPENDIR] = {"fdopendir", {ENOMEM}},
	[CALL_READDIR] = {"readdir", {EIO}},
	[CALL_GETENTROPY] = {"getentropy", {ENOSYS, EIO}},
	[CALL_MMAP] = {"mmap", {ENOMEM}},
	[CALL_MADVISE] = {"madvise", {EINVAL, ENOMEM}},
	[CALL_PTHREAD_CREATE] = {"pthread_create", {EAGAIN, EPERM}},
	[CALL_PTHREAD_MUTEX_INIT] = {"pthread_mutex_init", {ENOMEM, EAGAIN}},
	[CALL_GETADDRINFO] = {"getaddrinfo", {EAI_MEMORY, EAI_AGAIN, EAI_FAIL, EAI_SYSTEM}},
	[CALL_IF_INDEXTONAME] = {"if_indextoname", {ENXIO}},
	[CALL_FCHMOD] = {"fchmod", {EPERM, EIO, EROFS}},
	[CALL_MKOSTEMP] = {"mkostemp", {ENOSPC, EACCES, EMFILE, EROFS}},
	[CALL_OPEN_MEMSTREAM] = {"open_memstream", {ENOMEM}},
	[CALL_END] = {NULL},
};

/* ------------------------------------------------------------------------------ who calls -- */

static struct module {
	uintptr_t from, to;
	enum inject_caller owner;
} modules[4];
static size_t module_count;

static struct inject *control;

static enum inject_caller owner_of(const char *path)
{
	/* The program itself has no path. */
	if (path[0] == '\0' ? strcmp(program_invocation_short_name, "tlsfo") == 0
			    : strstr(path, "libtlsfo.so") != NULL)
		return INJECT_TLSFO;
	return strstr(path, "libgnutls.so") != NULL ? INJECT_GNUTLS : INJECT_NOBODY;
}

static int note_module(struct dl_phdr_info *info, size_t size, void *data)
{
	enum inject_caller owner = owner_of(info->dlpi_name);

	(void)size;
	(void)data;
	for (size_t i = 0; i < info->dlpi_phnum && owner != INJECT_NOBODY; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t from = info->dlpi_addr + part->p_vaddr;

		if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0 ||
			module_count == sizeof(modules) / sizeof(modules[0]))
			continue;
		modules[module_count++] = (struct module){from, from + part->p_memsz, owner};
	}
	return 0;
}

static enum inject_caller caller_of(const void *site)
{
	for (size_t i = 0; i < module_count; i++)
		if ((uintptr_t)site >= modules[i].from && (uintptr_t)site < modules[i].to)
			return modules[i].owner;
	return INJECT_NOBODY;
}

/* The file of INJECT_FD, or memory of this program's and its children's. */
static __attribute__((constructor)) void prepare(void)
{
	const char *given = getenv(INJECT_FD);
	int fd = given != NULL ? (int)strtol(given, NULL, 10) : -1;
	void *at = mmap(NULL, sizeof(struct inject), PROT_READ | PROT_WRITE,
		fd >= 0 ? MAP_SHARED : MAP_SHARED | MAP_ANONYMOUS, fd, 0);

	if (at == MAP_FAILED)
		abort();
	dl_iterate_phdr(note_module, NULL);
	control = at;
	if (fd < 0)
		return;
	close(fd);
	control->armed = getpid();
}

struct inject *inject_control(void)
{
	return control;
}

/* Does this call fail, after having set errno? */
static bool fails(int function, const void *site)
{
	if (control == NULL || control->armed == 0 || control->function != function ||
		caller_of(site) != (enum inject_caller)control->caller ||
		control->armed != getpid())
		return false;
	uint32_t number = __atomic_add_fetch(&control->calls, 1, __ATOMIC_RELAXED);

	if (control->number == 0 || number < control->number ||
		(number > control->number && control->forever == 0))
		return false;
	__atomic_add_fetch(&control->failed, 1, __ATOMIC_RELAXED);
	errno = control->error;
	return true;
}

/*
 * The function that stands behind. Where long has 32 bits, this file and tlsfo are compiled for files of any
 * size, and functions that deal with sizes have another name. Those that allocate have not, and must not be
 * looked for in vain: dlsym(3) allocates its complaint.
 */
static void *find_next(int function)
{
	char name[32];
	void *next = NULL;

	snprintf(name, sizeof(name), "%s64", inject_functions[function].name);
	if (sizeof(long) == 4 && !inject_functions[function].memory)
		next = dlsym(RTLD_NEXT, name);
	if (next == NULL)
		next = dlsym(RTLD_NEXT, inject_functions[function].name);
	if (next == NULL)
		abort();
	return next;
}

#define FAILS(call) fails(call, __builtin_return_address(0))
#define NEXT(call, name)                                                                           \
	({                                                                                         \
		static __typeof__(name) *next;                                                     \
		if (next == NULL)                                                                  \
			next = (__typeof__(name) *)find_next(call);                                \
		next;                                                                              \
	})

/* --------------------------------------------------------------------------------- memory -- */

static struct piece {
	uintptr_t at;
	uintptr_t site;
	size_t len;
} pieces[WATCHED_MAX];
static bool watching;
static int pieces_locked;

static void lock_pieces(void)
{
	while (__atomic_exchange_n(&pieces_locked, 1, __ATOMIC_ACQUIRE) != 0)
		continue;
}

static void unlock_pieces(void)
{
	__atomic_store_n(&pieces_locked, 0, __ATOMIC_RELEASE);
}

/* Where a piece is, or a place for it. */
static struct piece *place_of(uintptr_t at)
{
	size_t i = (at >> 4) * 0x9e3779b97f4a7c15U % WATCHED_MAX;
	struct piece *freed = NULL;

	for (; pieces[i].at != 0; i = (i + 1) % WATCHED_MAX) {
		if (pieces[i].at == at)
			return &pieces[i];
		if (pieces[i].at == FREED && freed == NULL)
			freed = &pieces[i];
	}
	return freed != NULL ? freed : &pieces[i];
}

static void *note_piece(void *at, size_t len, const void *site)
{
	if (!watching || at == NULL)
		return at;
	lock_pieces();
	*place_of((uintptr_t)at) = (struct piece){(uintptr_t)at, (uintptr_t)site, len};
	unlock_pieces();
	return at;
}

static void forget_piece(const void *at)
{
	if (!watching || at == NULL)
		return;
	lock_pieces();
	struct piece *piece = place_of((uintptr_t)at);
	if (piece->at == (uintptr_t)at)
		piece->at = FREED;
	unlock_pieces();
}

void inject_watch_memory(void)
{
	memset(pieces, 0, sizeof(pieces));
	watching = true;
}

size_t inject_left_memory(bool tlsfo_only, char *ret_text, size_t size)
{
	size_t count = 0;
	size_t len = 0;

	watching = false;
	ret_text[0] = '\0';
	for (size_t i = 0; i < WATCHED_MAX; i++) {
		const struct piece *piece = &pieces[i];
		enum inject_caller owner = caller_of((const void *)piece->site);
		Dl_info info;

		if (piece->at <= FREED || owner == INJECT_NOBODY ||
			(tlsfo_only && owner != INJECT_TLSFO))
			continue;
		count++;
		if (len + 1 < size && dladdr((const void *)piece->site, &info) != 0)
			len += (size_t)snprintf(ret_text + len, size - len, " %zu bytes of %s+%#zx",
				piece->len, strrchr(info.dli_fname, '/'),
				(size_t)(piece->site - (uintptr_t)info.dli_fbase));
	}
	return count;
}

#define SITE __builtin_return_address(0)

void *malloc(size_t len)
{
	return FAILS(CALL_MALLOC) ? NULL : note_piece(NEXT(CALL_MALLOC, malloc)(len), len, SITE);
}

void *calloc(size_t count, size_t len)
{
	return FAILS(CALL_CALLOC)
		       ? NULL
		       : note_piece(NEXT(CALL_CALLOC, calloc)(count, len), count * len, SITE);
}

/* What it does when it succeeds. */
static void *note_moved(void *old, void *at, size_t len, const void *site)
{
	if (at != NULL && at != old)
		forget_piece(old);
	return note_piece(at, len, site);
}

void *realloc(void *old, size_t len)
{
	if (FAILS(CALL_REALLOC))
		return NULL;
	return note_moved(old, NEXT(CALL_REALLOC, realloc)(old, len), len, SITE);
}

void *reallocarray(void *old, size_t count, size_t len)
{
	if (FAILS(CALL_REALLOCARRAY))
		return NULL;
	return note_moved(
		old, NEXT(CALL_REALLOCARRAY, reallocarray)(old, count, len), count * len, SITE);
}

char *strdup(const char *text)
{
	if (FAILS(CALL_STRDUP))
		return NULL;
	return note_piece(NEXT(CALL_STRDUP, strdup)(text), strlen(text), SITE);
}

char *strndup(const char *text, size_t len)
{
	if (FAILS(CALL_STRNDUP))
		return NULL;
	return note_piece(NEXT(CALL_STRNDUP, strndup)(text, len), len, SITE);
}

void free(void *at)
{
	static void (*next)(void *);
	static volatile bool finding; /* dlsym(3) is said not to come back */

	/* It does, when it frees what it told before. */
	if (finding)
		return;
	if (next == NULL) {
		finding = true;
		next = (void (*)(void *))dlsym(RTLD_NEXT, "free");
		finding = false;
	}
	forget_piece(at);
	next(at);
}

/* ---------------------------------------------------------------- what says -1 and sets errno -- */

#define CALL(type, name, number, parameters, arguments)                                            \
	type name parameters                                                                       \
	{                                                                                          \
		return FAILS(number) ? -1 : NEXT(number, name) arguments;                          \
	}

CALL(int, socket, CALL_SOCKET, (int family, int type, int protocol), (family, type, protocol))
CALL(int, connect, CALL_CONNECT, (int fd, const struct sockaddr *to, socklen_t len), (fd, to, len))
CALL(int, bind, CALL_BIND, (int fd, const struct sockaddr *to, socklen_t len), (fd, to, len))
CALL(ssize_t, sendmsg, CALL_SENDMSG, (int fd, const struct msghdr *msg, int flags),
	(fd, msg, flags))
CALL(ssize_t, send, CALL_SEND, (int fd, const void *data, size_t len, int flags),
	(fd, data, len, flags))
CALL(ssize_t, sendto, CALL_SENDTO,
	(int fd, const void *data, size_t len, int flags, const struct sockaddr *to,
		socklen_t to_len),
	(fd, data, len, flags, to, to_len))
CALL(ssize_t, recv, CALL_RECV, (int fd, void *data, size_t len, int flags), (fd, data, len, flags))
CALL(ssize_t, recvfrom, CALL_RECVFROM,
	(int fd, void *data, size_t len, int flags, struct sockaddr *from, socklen_t *from_len),
	(fd, data, len, flags, from, from_len))
CALL(ssize_t, recvmsg, CALL_RECVMSG, (int fd, struct msghdr *msg, int flags), (fd, msg, flags))
CALL(ssize_t, read, CALL_READ, (int fd, void *data, size_t len), (fd, data, len))
CALL(ssize_t, write, CALL_WRITE, (int fd, const void *data, size_t len), (fd, data, len))
CALL(int, poll, CALL_POLL, (struct pollfd * all, nfds_t count, int ms), (all, count, ms))
CALL(int, epoll_create1, CALL_EPOLL_CREATE1, (int flags), (flags))
CALL(int, epoll_ctl, CALL_EPOLL_CTL, (int fd, int what, int of, struct epoll_event *event),
	(fd, what, of, event))
CALL(int, setsockopt, CALL_SETSOCKOPT,
	(int fd, int level, int name, const void *value, socklen_t len),
	(fd, level, name, value, len))
CALL(int, getsockopt, CALL_GETSOCKOPT, (int fd, int level, int name, void *value, socklen_t *len),
	(fd, level, name, value, len))
CALL(int, getsockname, CALL_GETSOCKNAME, (int fd, struct sockaddr *at, socklen_t *len),
	(fd, at, len))
CALL(int, getpeername, CALL_GETPEERNAME, (int fd, struct sockaddr *at, socklen_t *len),
	(fd, at, len))
CALL(int, fstat, CALL_FSTAT, (int fd, struct stat *st), (fd, st))
CALL(int, fstatat, CALL_FSTATAT, (int at, const char *path, struct stat *st, int flags),
	(at, path, st, flags))
CALL(int, mkdir, CALL_MKDIR, (const char *path, mode_t mode), (path, mode))
CALL(int, mkdirat, CALL_MKDIRAT, (int at, const char *path, mode_t mode), (at, path, mode))
CALL(int, rename, CALL_RENAME, (const char *old, const char *new), (old, new))
CALL(int, renameat, CALL_RENAMEAT, (int from, const char *old, int to, const char *new),
	(from, old, to, new))
CALL(int, linkat, CALL_LINKAT, (int from, const char *old, int to, const char *new, int flags),
	(from, old, to, new, flags))
CALL(int, unlinkat, CALL_UNLINKAT, (int at, const char *path, int flags), (at, path, flags))
CALL(int, flock, CALL_FLOCK, (int fd, int what), (fd, what))
CALL(int, getentropy, CALL_GETENTROPY, (void *data, size_t len), (data, len))
CALL(int, madvise, CALL_MADVISE, (void *at, size_t len, int advice), (at, len, advice))
CALL(int, fchmod, CALL_FCHMOD, (int fd, mode_t mode), (fd, mode))
CALL(int, mkostemp, CALL_MKOSTEMP, (char *path, int flags), (path, flags))

/* What fails to be closed is closed all the same (close(2)). */
int close(int fd)
{
	int ret = NEXT(CALL_CLOSE, close)(fd);

	return FAILS(CALL_CLOSE) ? -1 : ret;
}

/* The mode, which is there only if a file may be made. */
#define TAKE_MODE(flags, mode)                                                                     \
	do {                                                                                       \
		va_list more;                                                                      \
		va_start(more, flags);                                                             \
		if (((flags) & (O_CREAT | O_TMPFILE)) != 0)                                        \
			(mode) = va_arg(more, mode_t);                                             \
		va_end(more);                                                                      \
	} while (0)

int open(const char *path, int flags, ...)
{
	mode_t mode = 0;

	TAKE_MODE(flags, mode);
	return FAILS(CALL_OPEN) ? -1 : NEXT(CALL_OPEN, open)(path, flags, mode);
}

int openat(int at, const char *path, int flags, ...)
{
	mode_t mode = 0;

	TAKE_MODE(flags, mode);
	return FAILS(CALL_OPENAT) ? -1 : NEXT(CALL_OPENAT, openat)(at, path, flags, mode);
}

/* One more argument of the size of a pointer, whatever it is. */
#define TAKE_POINTER(last, pointer)                                                                \
	do {                                                                                       \
		va_list list;                                                                      \
		va_start(list, last);                                                              \
		(pointer) = va_arg(list, void *);                                                  \
		va_end(list);                                                                      \
	} while (0)

int fcntl(int fd, int what, ...)
{
	void *argument;

	TAKE_POINTER(what, argument);
	return FAILS(CALL_FCNTL) ? -1 : NEXT(CALL_FCNTL, fcntl)(fd, what, argument);
}

int ioctl(int fd, unsigned long what, ...)
{
	void *argument;

	TAKE_POINTER(what, argument);
	return FAILS(CALL_IOCTL) ? -1 : NEXT(CALL_IOCTL, ioctl)(fd, what, argument);
}

/* --------------------------------------------------------------------- what fails otherwise -- */

FILE *fopen(const char *path, const char *mode)
{
	return FAILS(CALL_FOPEN) ? NULL : NEXT(CALL_FOPEN, fopen)(path, mode);
}

DIR *fdopendir(int fd)
{
	return FAILS(CALL_FDOPENDIR) ? NULL : NEXT(CALL_FDOPENDIR, fdopendir)(fd);
}

struct dirent *readdir(DIR *dir)
{
	return FAILS(CALL_READDIR) ? NULL : NEXT(CALL_READDIR, readdir)(dir);
}

void *mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	return FAILS(CALL_MMAP) ? MAP_FAILED
				: NEXT(CALL_MMAP, mmap)(at, len, protection, flags, fd, offset);
}

int pthread_create(
	pthread_t *ret_thread, const pthread_attr_t *attributes, void *(*body)(void *), void *data)
{
	return FAILS(CALL_PTHREAD_CREATE) ? errno
					  : NEXT(CALL_PTHREAD_CREATE, pthread_create)(
						    ret_thread, attributes, body, data);
}

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
	return FAILS(CALL_PTHREAD_MUTEX_INIT)
		       ? errno
		       : NEXT(CALL_PTHREAD_MUTEX_INIT, pthread_mutex_init)(mutex, attributes);
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
	struct addrinfo **ret_list)
{
	return FAILS(CALL_GETADDRINFO)
		       ? errno
		       : NEXT(CALL_GETADDRINFO, getaddrinfo)(host, service, hints, ret_list);
}

char *if_indextoname(unsigned int index, char name[IF_NAMESIZE])
{
	return FAILS(CALL_IF_INDEXTONAME) ? NULL
					  : NEXT(CALL_IF_INDEXTONAME, if_indextoname)(index, name);
}

FILE *open_memstream(char **ret_text, size_t *ret_len)
{
	return FAILS(CALL_OPEN_MEMSTREAM)
		       ? NULL
		       : NEXT(CALL_OPEN_MEMSTREAM, open_memstream)(ret_text, ret_len);
}
