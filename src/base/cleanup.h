/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Ownership that is visible: a variable frees what it holds when it leaves its scope, and gives it
 * away with TAKE_PTR or TAKE_FD. */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _cleanup_free_ _cleanup_(weir_freep)
#define _cleanup_close_ _cleanup_(weir_closep)
#define _cleanup_fclose_ _cleanup_(weir_fclosep)

#define TAKE_PTR(p)                                                                                \
    ({                                                                                             \
        typeof(p) _taken = (p);                                                                    \
        (p) = NULL;                                                                                \
        _taken;                                                                                    \
    })

#define TAKE_FD(fd)                                                                                \
    ({                                                                                             \
        int _taken = (fd);                                                                         \
        (fd) = -1;                                                                                 \
        _taken;                                                                                    \
    })

static inline void weir_freep(void *p)
{
    free(*(void **)p);
}

static inline void weir_closep(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static inline void weir_fclosep(FILE **f)
{
    if (*f)
        (void)fclose(*f);
}
