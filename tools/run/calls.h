/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_CALLS_H
#define RUN_CALLS_H

/*
 * The calls of the C library that this library stands before. NEXT(connect)(…) is the one that the program would have
 * called: the C library's, or that of another preloaded library.
 */

/* clang-format off */
#define CALLS(X) \
	X(connect) X(getpeername) X(close) X(dup) X(dup2) X(dup3) X(fcntl) X(fdopen) \
	X(write) X(writev) X(send) X(sendto) X(sendmsg) X(sendmmsg) X(sendfile) X(sendfile64) \
	X(splice) \
	X(read) X(readv) X(recv) X(recvfrom) X(recvmsg) X(recvmmsg) \
	X(poll) X(ppoll) X(select) X(pselect) \
	X(epoll_ctl) X(epoll_wait) X(epoll_pwait) X(epoll_pwait2)
/* clang-format on */

#define CALL_NUMBER(name) CALL_##name,
enum call { CALLS(CALL_NUMBER) CALL_COUNT };
#undef CALL_NUMBER

#define NEXT(name) ((__typeof__(&(name)))calls_next(CALL_##name))

void *calls_next(enum call call);

#endif
