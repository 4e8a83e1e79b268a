/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Link layers that only captures have: where the network header starts, and its EtherType. */

#include <stdint.h>

#include "base/error.h"
#include "dataplane/pkt.h"
#include "dataplane/window.h"

/* dlt: DLT_* of libpcap. 0, or -EPROTONOSUPPORT and e when weir does not know the link type. */
int weir_link_check(int dlt, const char *path, struct weir_error *e);

/* Parse the frame in w, whatever its link layer, to p->outcome. *p is zeroed but for frame_bytes.
 */
void weir_link_parse(const struct weir_link *l, struct weir_pkt *p, const struct weir_window *w);
