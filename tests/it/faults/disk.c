/* Stands between the program and its disk. While a file of that name is in the folder $FAULTS,
     fail  flushing fails, as on a disk that dies        slow  flushing takes 300 ms
     lie   flushing is only said to be done              full  nothing more can be written */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static int now(const char *fault)
{
    char path[4096];
    const char *folder = getenv("FAULTS");
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "", fault);
    return access(path, F_OK) == 0;
}

static int flush(const char *name, int fd)
{
    if (now("fail")) {
        errno = EIO;
        return -1;
    }
    if (now("slow"))
        usleep(300000);
    if (now("lie"))
        return 0;
    return ((int (*)(int))dlsym(RTLD_NEXT, name))(fd);
}

int fsync(int fd) { return flush("fsync", fd); }
int fdatasync(int fd) { return flush("fdatasync", fd); }

static ssize_t put(const char *name, int fd, const void *bytes, size_t count, off64_t at)
{
    if (now("full")) {
        errno = ENOSPC;
        return -1;
    }
    return ((ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, name))(fd, bytes, count, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return put("pwrite", fd, bytes, count, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) { return put("pwrite64", fd, bytes, count, at); }
