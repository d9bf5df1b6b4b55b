/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* An interpreter may be a script itself (execve(2)). */
#define SCRIPTS_MOST 4

/* What the head of an ELF file says. */
struct program {
	bool is_elf;
	bool same_kind; /* class and machine are ours */
	bool is_go;
	char loader[256]; /* empty: it is linked statically */
};

/* Finds the file that execvp(3) would run. */
static bool find(const char *name, char *ret_path, size_t size)
{
	const char *path = getenv("PATH");

	if (strchr(name, '/')) {
		(void)snprintf(ret_path, size, "%s", name);
		return access(ret_path, X_OK) == 0;
	}
	for (path = path ? path : "/bin:/usr/bin"; path; path = strchr(path, ':')) {
		path += *path == ':';
		(void)snprintf(ret_path, size, "%.*s/%s", (int)strcspn(path, ":"), path, name);
		if (access(ret_path, X_OK) == 0)
			return true;
	}
	return false;
}

/* Go's linker leaves a note of its own type and name. */
static bool has_go_note(int fd, const ElfW(Phdr) * segment)
{
	enum { GO_BUILD_ID = 4 };
	char notes[4096];
	ssize_t length = pread(fd, notes,
		segment->p_filesz < sizeof(notes) ? segment->p_filesz : sizeof(notes),
		(off_t)segment->p_offset);
	ElfW(Nhdr) note;

	for (size_t at = 0; length > 0 && at + sizeof(note) + 4 <= (size_t)length;) {
		memcpy(&note, notes + at, sizeof(note));
		if (note.n_type == GO_BUILD_ID && note.n_namesz == 4 &&
			memcmp(notes + at + sizeof(note), "Go\0", 4) == 0)
			return true;
		if (note.n_namesz > sizeof(notes) || note.n_descsz > sizeof(notes))
			return false;
		at += sizeof(note) + ((note.n_namesz + 3U) & ~3U) + ((note.n_descsz + 3U) & ~3U);
	}
	return false;
}

static void read_segment(int fd, const ElfW(Phdr) * segment, struct program *program)
{
	ssize_t n = 0;

	if (segment->p_type == PT_NOTE && has_go_note(fd, segment))
		program->is_go = true;
	if (segment->p_type == PT_INTERP && segment->p_filesz < sizeof(program->loader))
		n = pread(fd, program->loader, segment->p_filesz, (off_t)segment->p_offset);
	if (n > 0)
		program->loader[n] = '\0';
}

static void read_program(int fd, struct program *ret_program)
{
	ElfW(Ehdr) head = {.e_phnum = 0};
	ElfW(Ehdr) own = {.e_phnum = 0};
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	*ret_program = (struct program){.same_kind = true};
	ret_program->is_elf = pread(fd, &head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
			      memcmp(head.e_ident, ELFMAG, SELFMAG) == 0;
	if (self >= 0 && pread(self, &own, sizeof(own), 0) == (ssize_t)sizeof(own))
		ret_program->same_kind = head.e_ident[EI_CLASS] == own.e_ident[EI_CLASS] &&
					 head.e_machine == own.e_machine;
	if (self >= 0)
		(void)close(self);
	for (unsigned int i = 0; ret_program->is_elf && ret_program->same_kind && i < head.e_phnum;
		i++) {
		ElfW(Phdr) segment;
		off_t at = (off_t)(head.e_phoff + i * sizeof(segment));

		if (pread(fd, &segment, sizeof(segment), at) == (ssize_t)sizeof(segment))
			read_segment(fd, &segment, ret_program);
	}
}

/* The interpreter that the first line of a script names. */
static bool read_interpreter(int fd, char *ret_path, size_t size)
{
	char line[256] = "";
	ssize_t n = pread(fd, line, sizeof(line) - 1, 0);

	if (n < 3 || line[0] != '#' || line[1] != '!')
		return false;
	const char *path = line + 2 + strspn(line + 2, " \t");

	(void)snprintf(ret_path, size, "%.*s", (int)strcspn(path, " \t\n"), path);
	return ret_path[0] == '/';
}

static const char *objection(int fd, const struct program *program)
{
	struct program own = {.is_elf = false};
	struct stat status = {0};
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (self >= 0) {
		read_program(self, &own);
		(void)close(self);
	}
	if ((fstat(fd, &status) == 0 && (status.st_mode & (S_ISUID | S_ISGID)) != 0) ||
		fgetxattr(fd, "security.capability", NULL, 0) > 0)
		return "it has rights of its own (set-user-ID, set-group-ID or capabilities)";
	if (!program->is_elf)
		return NULL;
	if (!program->same_kind)
		return "it is built for another processor";
	if (program->is_go)
		return "it is a Go program, which asks the kernel by itself";
	if (program->loader[0] == '\0')
		return "it is linked statically";
	if (own.loader[0] != '\0' && strcmp(program->loader, own.loader) != 0)
		return "it is built for another C library";
	return NULL;
}

bool run_can_preload(const char *name, char *ret_why, size_t size)
{
	char path[PATH_MAX] = "";
	bool is_script = find(name, path, sizeof(path));
	const char *why = NULL;

	for (int scripts = 0; is_script && !why && scripts <= SCRIPTS_MOST; scripts++) {
		struct program program;
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			return true;
		read_program(fd, &program);
		why = objection(fd, &program);
		is_script = read_interpreter(fd, path, sizeof(path));
		(void)close(fd);
	}
	(void)snprintf(ret_why, size, "%s", why ? why : "");
	return !why;
}
