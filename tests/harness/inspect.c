/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/inspect.h"

void weir_inspect(struct weir_inspection *ret, const struct weir_packet *p)
{
    static struct weir_frame frame;

    weir_packet_build(p, &frame);
    weir_inspect_bytes(ret, frame.b, frame.cap, frame.wire, &(struct weir_arrival){ 0 });
}
