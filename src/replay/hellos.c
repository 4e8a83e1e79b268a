/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/hellos.h"

#include <errno.h>
#include <sys/random.h>

#include "dataplane/hello.h"

int weir_host_hellos(struct weir_host *h, size_t memory_bytes, weir_hellos_sink sink, void *ctx)
{
    struct weir_hash_key key;

    if (getrandom(&key, sizeof(key), 0) != sizeof(key))
        return -EIO;
    return weir_hellos_new(memory_bytes, &key, sink, ctx, &h->hellos);
}

void weir_host_hello(struct weir_host *h, const struct weir_pkt *p, size_t len, uint32_t file,
                     const struct weir_capture_packet *packet)
{
    struct weir_hello_event ev;

    weir_hello_note(&ev, p, packet->ts_ns, (uint32_t)len);
    ev.packet = packet->number;
    ev.source = file;
    if (weir_local_is_egress(&h->local, p))
        ev.flags |= WEIR_HELLO_EGRESS;
    weir_hellos_segment(h->hellos, &ev, packet->data + p->payload_off);
}
