/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "replay/link.h"
#include "replay/pcapng.h"

/* zlib drops what it inflated in one go when the stream turns out damaged: twice this at most.
 * Plain files do not pass through its buffer. */
#define WEIR_GZIP_BUFFER 8192
#define WEIR_PIPE_READ 4096 /* what an interrupt of a slow pipe may leave unread */
/* The last second whose nanoseconds fit 64 bits; a damaged record may name any. */
#define WEIR_SECONDS_MAX 18000000000ULL

/* stdio over zlib, which passes plain files through; the first bytes were looked at already. */
struct weir_capture_stream {
    gzFile gz;
    bool piped; /* take what is there soon, instead of waiting for a whole buffer */
    uint8_t magic[4];
    size_t magic_at;
    size_t magic_len;
};

struct weir_capture {
    char *path;
    struct weir_capture_stream stream;
    FILE *file; /* reads stream */
    char *buffer;
    pcap_t *pcap; /* owns file once it is open */
    struct weir_pcapng *pcapng;
    int datalink;
    uint64_t packets;
    uint64_t bytes_all;
};

static ssize_t weir_capture_read(void *cookie, char *to, size_t len)
{
    struct weir_capture_stream *s = cookie;
    size_t n = s->magic_len - s->magic_at;
    int r;

    if (n) {
        n = n < len ? n : len;
        memcpy(to, s->magic + s->magic_at, n);
        s->magic_at += n;
        return (ssize_t)n;
    }
    if (s->piped && len > WEIR_PIPE_READ)
        len = WEIR_PIPE_READ;
    else if (!gzdirect(s->gz) && len > WEIR_GZIP_BUFFER)
        len = WEIR_GZIP_BUFFER;
    r = gzread(s->gz, to, len > INT32_MAX ? INT32_MAX : (unsigned)len);
    if (r < 0)
        errno = EIO;
    return r;
}

void weir_capture_free(struct weir_capture *c)
{
    if (!c)
        return;
    weir_pcapng_free(c->pcapng);
    if (c->pcap)
        pcap_close(c->pcap);
    else if (c->file)
        (void)fclose(c->file);
    if (c->stream.gz)
        (void)gzclose(c->stream.gz); /* a stream that ends early was reported when it did */
    free(c->buffer);
    free(c->path);
    free(c);
}

void weir_capture_freep(struct weir_capture **c)
{
    weir_capture_free(*c);
}

static int weir_capture_open_fd(const char *path, int *ret_fd, uint64_t *ret_bytes,
                                struct weir_error *e)
{
    bool standard_input = !strcmp(path, "-");
    _cleanup_close_ int fd = -1;
    struct stat st;

    fd =
        standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return weir_error_set(e, errno, "%s: cannot be read: %s", path, strerror(errno));
    if (fstat(fd, &st) < 0)
        return weir_error_set(e, errno, "%s: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return weir_error_set(e, EISDIR, "%s: is a folder, expected a pcap or pcapng file", path);
    *ret_bytes = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
    *ret_fd = TAKE_FD(fd);
    return 0;
}

static int weir_capture_open_file(struct weir_capture *c, size_t buffer_bytes, struct weir_error *e)
{
    static const cookie_io_functions_t io = { .read = weir_capture_read };
    int fd = -1, r;

    r = weir_capture_open_fd(c->path, &fd, &c->bytes_all, e);
    if (r < 0)
        return r;
    c->stream.gz = gzdopen(fd, "rb");
    if (!c->stream.gz) {
        (void)close(fd);
        return weir_error_set(e, ENOMEM, "%s: no memory", c->path);
    }
    c->stream.piped = !c->bytes_all;
    (void)gzbuffer(c->stream.gz, WEIR_GZIP_BUFFER);
    r = gzread(c->stream.gz, c->stream.magic, sizeof(c->stream.magic));
    c->stream.magic_len = r < 0 ? 0 : (size_t)r;
    c->file = fopencookie(&c->stream, "rb", io);
    c->buffer = malloc(buffer_bytes);
    if (!c->file || !c->buffer)
        return weir_error_set(e, ENOMEM, "%s: no memory", c->path);
    (void)setvbuf(c->file, c->buffer, _IOFBF, buffer_bytes);
    (void)__fsetlocking(c->file,
                        FSETLOCKING_BYCALLER); /* one thread: a lock per read costs a tenth */
    return 0;
}

/* A gzip stream that stops early looks like the end of the file to libpcap. */
static int weir_capture_end(struct weir_capture *c, struct weir_error *e)
{
    int err = Z_OK;
    const char *text = gzerror(c->stream.gz, &err);

    if (err == Z_OK || err == Z_STREAM_END)
        return 0;
    return weir_error_set(e, EBADMSG, "%s: packet %llu: gzip: %s", c->path,
                          (unsigned long long)c->packets + 1,
                          err == Z_BUF_ERROR ? "stream ends early" : text);
}

static int weir_capture_open_pcap(struct weir_capture *c, struct weir_error *e)
{
    char text[PCAP_ERRBUF_SIZE];

    c->pcap = pcap_fopen_offline_with_tstamp_precision(c->file, PCAP_TSTAMP_PRECISION_NANO, text);
    if (!c->pcap) {
        int r = weir_capture_end(c, e);

        return r < 0 ? r
                     : weir_error_set(e, EBADMSG, "%s: packet 1: not a readable capture: %s",
                                      c->path, text);
    }
    c->datalink = pcap_datalink(c->pcap);
    return weir_link_check(c->datalink, c->path, e);
}

int weir_capture_open(const char *path, size_t buffer_bytes, struct weir_capture **ret,
                      struct weir_error *e)
{
    _cleanup_(weir_capture_freep) struct weir_capture *c = calloc(1, sizeof(*c));
    int r;

    if (!c)
        return weir_error_set(e, ENOMEM, "%s: no memory", path);
    c->path = strdup(path);
    if (!c->path)
        return weir_error_set(e, ENOMEM, "%s: no memory", path);
    r = weir_capture_open_file(c, buffer_bytes, e);
    if (r < 0)
        return r;
    if (weir_pcapng_is(c->stream.magic, c->stream.magic_len))
        r = weir_pcapng_new(c->file, path, (uint32_t)buffer_bytes, &c->pcapng, e);
    else
        r = weir_capture_open_pcap(c, e);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(c);
    return 0;
}

static int weir_capture_damaged(struct weir_capture *c, struct weir_error *e)
{
    int r = weir_capture_end(c, e);

    if (r < 0)
        return r;
    return weir_error_set(e, EBADMSG, "%s: packet %llu: %s", c->path,
                          (unsigned long long)c->packets + 1, pcap_geterr(c->pcap));
}

static int weir_capture_next_pcapng(struct weir_capture *c, struct weir_capture_packet *ret,
                                    struct weir_error *e)
{
    int r = weir_pcapng_next(c->pcapng, ret, e);

    if (r == 0)
        return weir_capture_end(c, e);
    if (r > 0)
        ret->number = ++c->packets;
    return r;
}

int weir_capture_next(struct weir_capture *c, struct weir_capture_packet *ret, struct weir_error *e)
{
    struct pcap_pkthdr *h;
    const u_char *data;
    uint64_t seconds;
    int r;

    if (c->pcapng)
        return weir_capture_next_pcapng(c, ret, e);
    r = pcap_next_ex(c->pcap, &h, &data);
    if (r == PCAP_ERROR_BREAK)
        return weir_capture_end(c, e);
    if (r != 1)
        return weir_capture_damaged(c, e);
    seconds = h->ts.tv_sec < 0 ? 0 : (uint64_t)h->ts.tv_sec;
    if (seconds > WEIR_SECONDS_MAX)
        seconds = WEIR_SECONDS_MAX;
    *ret = (struct weir_capture_packet){
        .data = data,
        .cap = h->caplen,
        .wire = h->len < h->caplen ? h->caplen : h->len,
        .ts_ns = seconds * 1000000000 + (uint32_t)h->ts.tv_usec % 1000000000,
        .number = ++c->packets,
        .datalink = c->datalink,
    };
    return 1;
}

const char *weir_capture_path(const struct weir_capture *c)
{
    return c->path;
}

void weir_capture_progress(const struct weir_capture *c, uint64_t *ret_read, uint64_t *ret_all)
{
    z_off_t at = gzoffset(c->stream.gz);

    *ret_read = at < 0 ? 0 : (uint64_t)at;
    *ret_all = c->bytes_all;
}
