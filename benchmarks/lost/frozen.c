/* A disk that does not answer, or only now and then.

   Loaded before the C library (LD_PRELOAD). As long as the file of GROKDASH_FROZEN_FLAG
   is there, each call about a file under GROKDASH_FROZEN_ROOT waits: for as many
   milliseconds as that file says, or, if it is empty, until it is gone. */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static const char *root, *flag;

__attribute__((constructor)) static void begin(void) {
  root = getenv("GROKDASH_FROZEN_ROOT");
  flag = getenv("GROKDASH_FROZEN_FLAG");
}

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* Milliseconds to wait for, -1 for as long as it takes, 0 if the disk answers. */
static long trouble(void) {
  if (!root || !flag) return 0;
  int fd = syscall(SYS_openat, AT_FDCWD, flag, O_RDONLY);
  if (fd < 0) return 0;
  char text[32] = "";
  syscall(SYS_read, fd, text, sizeof text - 1);
  syscall(SYS_close, fd);
  return text[0] ? atol(text) : -1;
}

static int inside(const char *path) {
  size_t n = strlen(root);
  return !strncmp(path, root, n) && (path[n] == '/' || !path[n]);
}

static int of_descriptor(int fd, char *out) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = syscall(SYS_readlink, link, out, PATH_MAX - 1);
  if (n < 0) return 0;
  out[n] = 0;
  return 1;
}

static void wait_for(long ms) {
  struct timespec some = {0, 20000000}, all = {ms / 1000, ms % 1000 * 1000000};
  if (ms > 0) nanosleep(&all, NULL);
  else while (trouble() < 0) nanosleep(&some, NULL);
}

static void path_answers(int folder, const char *name) {
  long ms = trouble();
  if (!ms || !name) return;
  char whole[2 * PATH_MAX], base[PATH_MAX] = "";
  if (name[0] == '/') snprintf(whole, sizeof whole, "%s", name);
  else if (folder == AT_FDCWD) {
    if (syscall(SYS_getcwd, base, sizeof base) < 0) return;
    snprintf(whole, sizeof whole, "%s/%s", base, name);
  } else {
    if (!of_descriptor(folder, base)) return;
    snprintf(whole, sizeof whole, name[0] ? "%s/%s" : "%s", base, name);
  }
  if (inside(whole)) wait_for(ms);
}

static int descriptor_waits(int fd, long *ms) {
  char path[PATH_MAX];
  *ms = trouble();
  return *ms && of_descriptor(fd, path) && inside(path);
}

static void descriptor_answers(int fd) {
  long ms;
  if (descriptor_waits(fd, &ms)) wait_for(ms);
}

#define MODE(flags, mode) \
  va_list more; \
  va_start(more, flags); \
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
  va_end(more)

#define OPENS(name) \
  int name(const char *path, int flags, ...) { \
    MODE(flags, mode); \
    REAL(name); \
    path_answers(AT_FDCWD, path); \
    return real(path, flags, mode); \
  }
OPENS(open)
OPENS(open64)

#define OPENS_AT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    MODE(flags, mode); \
    REAL(name); \
    path_answers(folder, path); \
    return real(folder, path, flags, mode); \
  }
OPENS_AT(openat)
OPENS_AT(openat64)

#define LOOKS(name, type) \
  int name(const char *path, struct type *out) { \
    REAL(name); \
    path_answers(AT_FDCWD, path); \
    return real(path, out); \
  }
LOOKS(stat, stat)
LOOKS(stat64, stat64)
LOOKS(lstat, stat)
LOOKS(lstat64, stat64)

#define LOOKS_AT(name, type) \
  int name(int folder, const char *path, struct type *out, int flags) { \
    REAL(name); \
    path_answers(folder, path); \
    return real(folder, path, out, flags); \
  }
LOOKS_AT(fstatat, stat)
LOOKS_AT(fstatat64, stat64)

int statx(int folder, const char *path, int flags, unsigned mask, struct statx *out) {
  REAL(statx);
  path_answers(folder, path);
  return real(folder, path, flags, mask, out);
}

ssize_t readlink(const char *path, char *out, size_t size) {
  REAL(readlink);
  path_answers(AT_FDCWD, path);
  return real(path, out, size);
}

DIR *opendir(const char *path) {
  REAL(opendir);
  path_answers(AT_FDCWD, path);
  return real(path);
}

ssize_t read(int fd, void *out, size_t size) {
  REAL(read);
  descriptor_answers(fd);
  return real(fd, out, size);
}

#define READS(name, offset_type) \
  ssize_t name(int fd, void *out, size_t size, offset_type at) { \
    REAL(name); \
    descriptor_answers(fd); \
    return real(fd, out, size, at); \
  }
READS(pread, off_t)
READS(pread64, off64_t)

/* What may not wait is told that it would have to. */
#define ASKS(name, offset_type) \
  ssize_t name(int fd, const struct iovec *to, int n, offset_type at, int flags) { \
    REAL(name); \
    long ms; \
    if (descriptor_waits(fd, &ms)) { \
      if (flags & RWF_NOWAIT) return errno = EAGAIN, -1; \
      wait_for(ms); \
    } \
    return real(fd, to, n, at, flags); \
  }
ASKS(preadv2, off_t)
ASKS(preadv64v2, off64_t)
