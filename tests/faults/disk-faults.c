// Refuses the n-th disk call of a Node process, or kills the process there. For LD_PRELOAD; disk-faults.ts compiles it and
// sets the variables:
//   FAULTS_BELOW   calls count whose path is below this folder
//   FAULTS_CALLS   kinds of calls that count, separated by commas: open (for writing), write, sync, rename, mkdir, link, remove,
//                  truncate, read (and opening for reading)
//   FAULTS_AT      which of them is met, from 1; 0: none
//   FAULTS_ACT     the number of an error: the call fails with it; "kill", "kill-after": SIGKILL before or after the call;
//                  "short": half of a write; "signal-<n>": the signal comes, then the call goes on; "move": so does the call after
//                  the folder FAULTS_BELOW was renamed to FAULTS_BELOW.gone
//   FAULTS_STAYS   1: the calls after it are met, too
//   FAULTS_LOG     gets a line for each call that counts
// Calls come from libuv's threads as well: they are counted in the order in which they are made.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum act { GO_ON, REFUSE, KILL_AFTER, SHORT };

static const char *below, *kinds, *what;
static long at;
static int stays, log_fd = -1, active;
static atomic_long met;

__attribute__((constructor)) static void start(void) {
  char program[PATH_MAX] = {0};
  below = getenv("FAULTS_BELOW");
  kinds = getenv("FAULTS_CALLS");
  what = getenv("FAULTS_ACT");
  at = getenv("FAULTS_AT") ? atol(getenv("FAULTS_AT")) : 0;
  stays = getenv("FAULTS_STAYS") != NULL;
  // Not the programs that Node starts.
  if (readlink("/proc/self/exe", program, sizeof program - 1) < 0 || !strstr(program, "node")) return;
  const char *log = getenv("FAULTS_LOG");
  if (log) log_fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  active = below != NULL && kinds != NULL && what != NULL;
}

static int counts(const char *kind) {
  size_t length = strlen(kind);
  for (const char *one = kinds; (one = strstr(one, kind)) != NULL; one += length) {
    if ((one == kinds || one[-1] == ',') && (one[length] == 0 || one[length] == ',')) return 1;
  }
  return 0;
}

static void die(void) {
  for (;;) syscall(SYS_kill, getpid(), SIGKILL);
}

static enum act meet(const char *kind, const char *path) {
  size_t length;
  if (!active || !counts(kind)) return GO_ON;
  length = strlen(below);
  if (strncmp(path, below, length) != 0 || (path[length] != '/' && path[length] != 0)) return GO_ON;
  long number = atomic_fetch_add(&met, 1) + 1;
  if (log_fd >= 0) {
    char line[PATH_MAX + 64];
    int size = snprintf(line, sizeof line, "%s %s\n", kind, path);
    syscall(SYS_write, log_fd, line, size);
  }
  if (at == 0 || (stays ? number < at : number != at)) return GO_ON;
  if (strcmp(what, "kill") == 0) die();
  if (strcmp(what, "kill-after") == 0) return KILL_AFTER;
  if (strcmp(what, "short") == 0) return SHORT;
  if (strcmp(what, "move") == 0) {
    char gone[PATH_MAX];
    snprintf(gone, sizeof gone, "%s.gone", below);
    syscall(SYS_renameat, AT_FDCWD, below, AT_FDCWD, gone);
    return GO_ON;
  }
  if (strncmp(what, "signal-", 7) == 0) {
    syscall(SYS_kill, getpid(), atoi(what + 7));
    return GO_ON;
  }
  errno = atoi(what);
  return REFUSE;
}

static void path_of(int fd, char *path) {
  char link[64];
  int saved = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
  path[size < 0 ? 0 : size] = 0;
  errno = saved;
}

static enum act meet_at(const char *kind, int folder, const char *name) {
  char path[2 * PATH_MAX + 2];
  if (!active) return GO_ON;
  if (name == NULL || name[0] == '/') return meet(kind, name == NULL ? "" : name);
  if (folder == AT_FDCWD) {
    if (getcwd(path, PATH_MAX) == NULL) return GO_ON;
  } else {
    path_of(folder, path);
  }
  strcat(path, "/");
  strncat(path, name, PATH_MAX);
  return meet(kind, path);
}

static enum act meet_fd(const char *kind, int fd) {
  char path[PATH_MAX];
  if (!active || fd < 3) return GO_ON;
  path_of(fd, path);
  return meet(kind, path);
}

#define REAL(result, name, ...)                                       \
  static result (*real)(__VA_ARGS__);                                 \
  if (real == NULL) real = (result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

#define PASS(met, call)            \
  switch (met) {                   \
    case REFUSE:                   \
      return -1;                   \
    case KILL_AFTER:               \
      call;                        \
      die();                       \
    default:                       \
      return call;                 \
  }

static const char *kind_of_open(int flags) {
  return (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0 ? "open" : "read";
}

#define OPEN(name)                                                       \
  int name(const char *path, int flags, ...) {                           \
    va_list rest;                                                        \
    va_start(rest, flags);                                               \
    mode_t mode = va_arg(rest, mode_t);                                  \
    va_end(rest);                                                        \
    REAL(int, #name, const char *, int, mode_t);                         \
    PASS(meet_at(kind_of_open(flags), AT_FDCWD, path), real(path, flags, mode)) \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                     \
  int name(int folder, const char *path, int flags, ...) {               \
    va_list rest;                                                        \
    va_start(rest, flags);                                               \
    mode_t mode = va_arg(rest, mode_t);                                  \
    va_end(rest);                                                        \
    REAL(int, #name, int, const char *, int, mode_t);                    \
    PASS(meet_at(kind_of_open(flags), folder, path), real(folder, path, flags, mode)) \
  }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int fd, const void *bytes, size_t size) {
  REAL(ssize_t, "write", int, const void *, size_t);
  enum act act = meet_fd("write", fd);
  if (act == SHORT && size > 1) size /= 2;
  PASS(act, real(fd, bytes, size))
}

#define PWRITE(name, offset_type)                                        \
  ssize_t name(int fd, const void *bytes, size_t size, offset_type offset) { \
    REAL(ssize_t, #name, int, const void *, size_t, offset_type);        \
    enum act act = meet_fd("write", fd);                                 \
    if (act == SHORT && size > 1) size /= 2;                             \
    PASS(act, real(fd, bytes, size, offset))                             \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t writev(int fd, const struct iovec *pieces, int count) {
  REAL(ssize_t, "writev", int, const struct iovec *, int);
  enum act act = meet_fd("write", fd);
  struct iovec half = *pieces;
  if (act == SHORT) {
    if (half.iov_len > 1) half.iov_len /= 2;
    return real(fd, &half, 1);
  }
  PASS(act, real(fd, pieces, count))
}

#define PWRITEV(name, offset_type)                                       \
  ssize_t name(int fd, const struct iovec *pieces, int count, offset_type offset) { \
    REAL(ssize_t, #name, int, const struct iovec *, int, offset_type);   \
    PASS(meet_fd("write", fd), real(fd, pieces, count, offset))          \
  }
PWRITEV(pwritev, off_t)
PWRITEV(pwritev64, off64_t)

#define READ(name, ...)                                                  \
  ssize_t name(int fd, void *bytes, size_t size) {                       \
    REAL(ssize_t, #name, int, void *, size_t);                           \
    PASS(meet_fd("read", fd), real(fd, bytes, size))                     \
  }
READ(read)

#define PREAD(name, offset_type)                                         \
  ssize_t name(int fd, void *bytes, size_t size, offset_type offset) {   \
    REAL(ssize_t, #name, int, void *, size_t, offset_type);              \
    PASS(meet_fd("read", fd), real(fd, bytes, size, offset))             \
  }
PREAD(pread, off_t)
PREAD(pread64, off64_t)

#define OF_FD(name, kind)                                                \
  int name(int fd) {                                                     \
    REAL(int, #name, int);                                               \
    PASS(meet_fd(kind, fd), real(fd))                                    \
  }
OF_FD(fsync, "sync")
OF_FD(fdatasync, "sync")

#define TRUNCATE(name, offset_type)                                      \
  int name(int fd, offset_type size) {                                   \
    REAL(int, #name, int, offset_type);                                  \
    PASS(meet_fd("truncate", fd), real(fd, size))                        \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define OF_TWO(name, kind)                                               \
  int name(const char *from, const char *to) {                           \
    REAL(int, #name, const char *, const char *);                        \
    PASS(meet_at(kind, AT_FDCWD, to), real(from, to))                    \
  }
OF_TWO(rename, "rename")
OF_TWO(link, "link")
OF_TWO(symlink, "link")

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
  REAL(int, "renameat", int, const char *, int, const char *);
  PASS(meet_at("rename", to_folder, to), real(from_folder, from, to_folder, to))
}

int mkdir(const char *path, mode_t mode) {
  REAL(int, "mkdir", const char *, mode_t);
  PASS(meet_at("mkdir", AT_FDCWD, path), real(path, mode))
}

char *mkdtemp(char *path) {
  REAL(char *, "mkdtemp", char *);
  enum act act = meet_at("mkdir", AT_FDCWD, path);
  if (act == REFUSE) return NULL;
  char *made = real(path);
  if (act == KILL_AFTER) die();
  return made;
}

#define OF_PATH(name, kind)                                              \
  int name(const char *path) {                                           \
    REAL(int, #name, const char *);                                      \
    PASS(meet_at(kind, AT_FDCWD, path), real(path))                      \
  }
OF_PATH(unlink, "remove")
OF_PATH(rmdir, "remove")

int unlinkat(int folder, const char *path, int flags) {
  REAL(int, "unlinkat", int, const char *, int);
  PASS(meet_at("remove", folder, path), real(folder, path, flags))
}
