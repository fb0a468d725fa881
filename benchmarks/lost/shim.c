/* A disk that fails, dies, dawdles or is written down, and a clock that is wrong.

   Loaded before the C library (LD_PRELOAD) it sees every call by which a process
   changes files under one folder, counts them, and does to one of them, or to all from
   one on, what a control block in a shared file says. Children inherit it. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { NOTHING, FAIL, SHORT_WRITE, KILL, DELAY };
enum { NOT, EFFECTS, CALLS, NOTES };

struct control {
  int64_t counter;  /* calls so far */
  int64_t first;    /* the calls that something happens to: first <= n < end */
  int64_t end;
  int64_t action;
  int64_t value;    /* an errno, or microseconds */
  int64_t hits;     /* how many calls something happened to */
  int64_t clock_ns; /* added to the time of day */
  int64_t recording; /* what is written down; notes always, unless NOT */
  char root[1024];
  char log[1024];
  char hit[1024];   /* the first call that something happened to */
};

static struct control *now;

void lost_attach(const char *path) {
  now = NULL;
  int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR);
  if (fd < 0) return;
  void *block = mmap(NULL, sizeof *now, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  syscall(SYS_close, fd);
  if (block != MAP_FAILED) now = block;
}

__attribute__((constructor)) static void attach(void) {
  const char *path = getenv("GROKDASH_LOST_CONTROL");
  if (path) lost_attach(path);
}

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int inside(const char *path) {
  size_t n = strlen(now->root);
  return n && !strncmp(path, now->root, n) && (path[n] == '/' || !path[n]);
}

/* The absolute path of a name beside a folder, if it is under the root. */
static int of_name(int folder, const char *name, char *out) {
  char base[PATH_MAX] = "";
  if (!now) return 0;
  if (name[0] == '/') {
    snprintf(out, PATH_MAX, "%s", name);
    return inside(out);
  }
  if (folder == AT_FDCWD) {
    if (syscall(SYS_getcwd, base, sizeof base) < 0) return 0;
  } else {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t n = readlink(link, base, sizeof base - 1);
    if (n < 0) return 0;
    base[n] = 0;
  }
  if (snprintf(out, PATH_MAX, "%s/%s", base, name) >= PATH_MAX) return 0;
  return inside(out);
}

static int of_file(int fd, char *out) {
  if (!now) return 0;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, out, PATH_MAX - 1);
  if (n < 0) return 0;
  out[n] = 0;
  return inside(out);
}

/* One line and the bytes of a write, appended in one piece. */
static void tell(const char *call, const char *path, const char *other, int64_t inode,
                 int64_t offset, const void *data, size_t size) {
  if (!now || !now->recording) return;
  char *text = malloc(2 * PATH_MAX + 256 + size);
  int n = sprintf(text, "%s\t%s\t%s\t%lld\t%lld\t%zu\n", call, path, other,
                  (long long)inode, (long long)offset, size);
  memcpy(text + n, data ? data : "", size);
  text[n + size] = '\n';
  int fd = syscall(SYS_openat, AT_FDCWD, now->log, O_WRONLY | O_APPEND | O_CREAT, 0644);
  syscall(SYS_write, fd, text, n + size + 1);
  syscall(SYS_close, fd);
  free(text);
}

/* What is to happen to this call; errno is set where it is to fail. */
static int fate(const char *call, const char *path) {
  int64_t n = __sync_add_and_fetch(&now->counter, 1);
  if (now->recording == CALLS) tell(call, path, "", n, 0, NULL, 0);
  if (now->action == NOTHING || n < now->first || n >= now->end) return NOTHING;
  if (__sync_add_and_fetch(&now->hits, 1) == 1)
    snprintf(now->hit, sizeof now->hit, "%s %s", call, path + strlen(now->root));
  if (now->action == KILL) syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
  if (now->action == DELAY) {
    struct timespec t = {now->value / 1000000, now->value % 1000000 * 1000};
    syscall(SYS_nanosleep, &t, NULL);
    return NOTHING;
  }
  errno = now->value;
  return now->action;
}

void lost_note(const char *text) { tell("note", text, "", 0, 0, NULL, 0); }

/* What a call has changed. */
static void effect(const char *call, const char *path, const char *other,
                   int64_t inode, int64_t offset, const void *data, size_t size) {
  if (now && now->recording == EFFECTS)
    tell(call, path, other, inode, offset, data, size);
}

static int64_t inode_of(int fd) {
  struct stat s;
  return fstat(fd, &s) ? 0 : (int64_t)s.st_ino;
}

static int64_t inode_at(const char *path) {
  struct stat s;
  return lstat(path, &s) ? 0 : (int64_t)s.st_ino;
}

static int opened(int folder, const char *name, int flags, mode_t mode) {
  char path[PATH_MAX];
  int changes = flags & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR);
  int ours = changes && of_name(folder, name, path);
  if (ours && fate("open", path) == FAIL) return -1;
  int64_t before = ours ? inode_at(path) : 0;
  int fd = syscall(SYS_openat, folder, name, flags, mode);
  if (ours && fd >= 0 && (!before || flags & O_TRUNC)) {
    int saved = errno;
    effect(before ? "empty" : "create", path, "", inode_of(fd), 0, NULL, 0);
    errno = saved;
  }
  return fd;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = va_arg(more, mode_t); \
    va_end(more); \
    return opened(AT_FDCWD, path, flags, mode); \
  }
#define OPENAT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = va_arg(more, mode_t); \
    va_end(more); \
    return opened(folder, path, flags, mode); \
  }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int fd, const void *data, size_t size) {
  char path[PATH_MAX];
  int ours = of_file(fd, path), saved = errno;
  if (ours) {
    int what = fate("write", path);
    if (what == FAIL) return -1;
    if (what == SHORT_WRITE && size > 1) size /= 2;
  }
  errno = saved;
  int64_t at = ours ? lseek(fd, 0, SEEK_CUR) : 0;
  ssize_t n = syscall(SYS_write, fd, data, size);
  if (ours && n > 0) effect("write", path, "", inode_of(fd), at, data, n);
  return n;
}

static ssize_t placed(int fd, const void *data, size_t size, off_t at) {
  char path[PATH_MAX];
  int ours = of_file(fd, path), saved = errno;
  if (ours) {
    int what = fate("pwrite", path);
    if (what == FAIL) return -1;
    if (what == SHORT_WRITE && size > 1) size /= 2;
  }
  errno = saved;
  ssize_t n = syscall(SYS_pwrite64, fd, data, size, at);
  if (ours && n > 0) effect("write", path, "", inode_of(fd), at, data, n);
  return n;
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  return placed(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) {
  return placed(fd, data, size, at);
}

static int cut(int fd, off_t size) {
  char path[PATH_MAX];
  int ours = of_file(fd, path);
  if (ours && fate("ftruncate", path) == FAIL) return -1;
  int done = syscall(SYS_ftruncate, fd, size);
  if (ours && !done) effect("cut", path, "", inode_of(fd), size, NULL, 0);
  return done;
}
int ftruncate(int fd, off_t size) { return cut(fd, size); }
int ftruncate64(int fd, off_t size) { return cut(fd, size); }

static int synced(int fd, long number) {
  char path[PATH_MAX];
  int ours = of_file(fd, path);
  if (ours && fate("fsync", path) == FAIL) return -1;
  int done = syscall(number, fd);
  if (ours && !done) effect("sync", path, "", inode_of(fd), 0, NULL, 0);
  return done;
}
int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

static int linked(int from, const char *old, int to, const char *fresh, int flags) {
  char path[PATH_MAX], other[PATH_MAX];
  int ours = of_name(from, old, path) & of_name(to, fresh, other);
  if (ours && fate("link", other) == FAIL) return -1;
  int done = syscall(SYS_linkat, from, old, to, fresh, flags);
  if (ours && !done) effect("link", path, other, inode_at(path), 0, NULL, 0);
  return done;
}
int link(const char *old, const char *fresh) {
  return linked(AT_FDCWD, old, AT_FDCWD, fresh, 0);
}
int linkat(int from, const char *old, int to, const char *fresh, int flags) {
  return linked(from, old, to, fresh, flags);
}

static int renamed(int from, const char *old, int to, const char *fresh) {
  char path[PATH_MAX], other[PATH_MAX];
  int ours = of_name(from, old, path) & of_name(to, fresh, other);
  if (ours && fate("rename", other) == FAIL) return -1;
  int done = syscall(SYS_renameat2, from, old, to, fresh, 0);
  if (ours && !done) effect("rename", path, other, inode_at(other), 0, NULL, 0);
  return done;
}
int rename(const char *old, const char *fresh) {
  return renamed(AT_FDCWD, old, AT_FDCWD, fresh);
}
int renameat(int from, const char *old, int to, const char *fresh) {
  return renamed(from, old, to, fresh);
}

static int removed(int folder, const char *name, int flags) {
  char path[PATH_MAX];
  int ours = of_name(folder, name, path);
  if (ours && fate(flags ? "rmdir" : "unlink", path) == FAIL) return -1;
  int done = syscall(SYS_unlinkat, folder, name, flags);
  if (ours && !done) effect("unlink", path, "", 0, 0, NULL, 0);
  return done;
}
int unlink(const char *path) { return removed(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return removed(AT_FDCWD, path, AT_REMOVEDIR); }
int unlinkat(int folder, const char *path, int flags) {
  return removed(folder, path, flags);
}

static int made(int folder, const char *name, mode_t mode) {
  char path[PATH_MAX];
  int ours = of_name(folder, name, path);
  if (ours && fate("mkdir", path) == FAIL) return -1;
  int done = syscall(SYS_mkdirat, folder, name, mode);
  if (ours && !done) effect("mkdir", path, "", inode_at(path), 0, NULL, 0);
  return done;
}
int mkdir(const char *path, mode_t mode) { return made(AT_FDCWD, path, mode); }
int mkdirat(int folder, const char *path, mode_t mode) {
  return made(folder, path, mode);
}

int utimensat(int folder, const char *name, const struct timespec times[2], int flags) {
  char path[PATH_MAX];
  if (of_name(folder, name, path) && fate("utime", path) == FAIL) return -1;
  return syscall(SYS_utimensat, folder, name, times, flags);
}

int clock_gettime(clockid_t which, struct timespec *out) {
  REAL(clock_gettime);
  int done = real(which, out);
  if (!done && now && which == CLOCK_REALTIME && now->clock_ns) {
    int64_t ns = out->tv_sec * 1000000000LL + out->tv_nsec + now->clock_ns;
    out->tv_sec = ns / 1000000000LL;
    out->tv_nsec = ns % 1000000000LL;
  }
  return done;
}
