/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Link layers that only captures have: where the network header starts, and its EtherType. */

#include <stdint.h>

#include "base/error.h"
#include "dataplane/pkt.h"
#include "dataplane/window.h"

/* dlt: DLT_* of libpcap. 0, or -EPROTONOSUPPORT and e when weir does not know the link type. */
int weir_link_check(int dlt, const char *path, struct weir_error *e);

/* Parse the frame in w to p->outcome; *p is zeroed but for frame_bytes. A link layer that weir does
 * not know (one interface of a pcapng file may have it) is the outcome OTHER_LINK. */
void weir_link_parse(int dlt, struct weir_pkt *p, const struct weir_window *w);
