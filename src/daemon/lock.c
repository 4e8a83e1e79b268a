/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "daemon/daemon.h"

int weir_state_lock(const char *state_dir, int *ret_fd, struct weir_error *e)
{
    _cleanup_close_ int fd = -1;
    char path[WEIR_PINS_PATH];
    int n = snprintf(path, sizeof(path), "%s/lock", state_dir);

    if (n < 0 || (size_t)n >= sizeof(path))
        return weir_error_set(e, ENAMETOOLONG, "--state-dir %s: longer than %zu bytes", state_dir,
                              sizeof(path) - 6);
    if (mkdir(state_dir, 0700) && errno != EEXIST)
        return weir_error_set(e, errno, "%s: %s", state_dir, strerror(errno));
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return weir_error_set(e, errno, "%s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB))
        return weir_error_set(e, errno == EWOULDBLOCK ? EBUSY : errno,
                              "%s: another instance runs here; give this one a --state-dir of its "
                              "own",
                              state_dir);
    *ret_fd = TAKE_FD(fd);
    return 0;
}
